"""MetaImage headers (https://itk.org/Wiki/ITK/MetaIO/Documentation)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from explorer.draft import Source
from explorer.errors import FileRefusedError, GeometryError
from explorer.readers.volume import Volume, require
from explorer.readers.volume_bytes import Encoding
from explorer.space import FloatArray, make_affine

Fields = dict[str, str]

_HEADER_BYTES = 64 << 10
_MOST_LINES = 512
_TYPES = {
    "MET_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2", "MET_USHORT": "u2",
    "MET_INT": "i4", "MET_UINT": "u4", "MET_LONG": "i4", "MET_ULONG": "u4",
    "MET_LONG_LONG": "i8", "MET_ULONG_LONG": "u8", "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}  # fmt: skip
_MODALITIES = {"MET_MOD_CT": "CT", "MET_MOD_MR": "MR", "MET_MOD_NM": "NM", "MET_MOD_US": "US"}
_LENGTH = {"mm": 1.0, "um": 0.001, "cm": 10.0, "?": 1.0}


def is_metaimage(start: bytes) -> bool:
    """Tell whether a file's first bytes are a MetaImage's header."""
    return re.match(rb"\s*(ObjectType\s*=\s*Image|NDims\s*=\s*\d)", start) is not None


def read_fields(path: Path) -> tuple[Fields, int]:
    """Read a header's fields, and where it ends.

    Raises
    ------
    FileRefusedError
        It has no end, or a line that is no field.
    """
    with path.open("rb") as file:
        start = file.read(_HEADER_BYTES)
    fields: Fields = {}
    at = 0
    for _ in range(_MOST_LINES):
        end = start.find(b"\n", at)
        line = start[at : len(start) if end < 0 else end].decode("utf-8", "replace")
        at = len(start) if end < 0 else end + 1
        name, equals, value = line.partition("=")
        require(bool(equals) or not line.strip(), "A line of the header is no 'name = value'")
        if equals:
            fields[name.strip()] = value.strip()
        if name.strip() == "ElementDataFile":
            return fields, at
        if end < 0:
            break
    raise FileRefusedError("The header has no ElementDataFile", expected="it as the last field")


def data_file(fields: Fields) -> str | None:
    """Name of the detached file with the voxels, None where they follow the header.

    Raises
    ------
    FileRefusedError
        It lies in another folder, or the voxels are spread over several files.
    """
    name = fields["ElementDataFile"]
    if name.upper() == "LOCAL":
        return None
    if re.search(r"[/\\%\0:]", name) or name in ("", ".", "..") or name.upper().startswith("LIST"):
        raise FileRefusedError(
            "The voxels lie in another folder, or in several files",
            expected="one file beside the header",
            do="write header and voxels into one .mha file",
        )
    return name


def read_metaimage(header: Source, voxels: Source | None = None) -> Volume:
    """Read a header.

    Parameters
    ----------
    header : Source
    voxels : Source, optional
        File with the voxels, where they are detached.

    Returns
    -------
    Volume
        MetaImage's space is LPS, in mm.

    Raises
    ------
    FileRefusedError
        It is no MetaImage, or its header cannot be taken.
    """
    fields, size = read_fields(header.path)
    name = data_file(fields)
    if name is not None and (voxels is None or voxels.path.name != name):
        raise FileRefusedError(
            f"Its voxels are in '{name[:64]}', which is not among the sources",
            do="put it beside the header, named like it",
        )
    kind = fields.get("ObjectType", "Image")
    require(kind == "Image", f"ObjectType is '{kind[:32]}'", "Image")
    channels = fields.get("ElementNumberOfChannels", "1")
    require(channels == "1", f"{channels[:16]} numbers a voxel", "one")
    problems: list[str] = []
    sizes = [int(one) for one in _numbers(fields, "DimSize", _dimensions(fields))]
    require(min(sizes) > 0, f"DimSize is {sizes}", "at least one voxel each way")
    affine = _affine(fields, len(sizes), problems)
    shape = _shape(sizes)
    data, start = (voxels, 0) if name is not None and voxels else (header, size)
    dtype = _dtype(fields)
    encoding = _encoding(fields)
    skip = 0
    if name is not None:
        skip = int(_numbers({"HeaderSize": "0"} | fields, "HeaderSize", 1)[0])
        needed = int(np.prod(shape, dtype=object)) * dtype.itemsize
        require(skip >= -1, f"HeaderSize is {skip}", "-1 or more")
        if skip == -1:
            require(encoding == "raw", "HeaderSize -1 needs voxels that are not compressed")
            skip = max(0, data.size - needed)
    slope, intercept = _scaling(fields, problems)
    return Volume(
        shape=shape,
        dtype=dtype,
        affine=affine,
        data=data,
        encoding=encoding,
        offset=start + skip,
        slope=slope,
        intercept=intercept,
        problems=problems,
        modality=_MODALITIES.get(fields.get("Modality", "")),
        meta={"anatomical_orientation": fields.get("AnatomicalOrientation", "not said")[:16]},
    )


def _dimensions(fields: Fields) -> int:
    said = fields.get("NDims", "")
    if said not in ("2", "3", "4"):
        raise FileRefusedError(f"NDims is '{said[:16]}'", expected="2, 3 or 4")
    return int(said)


def _shape(sizes: list[int]) -> tuple[int, ...]:
    """Slowest first; a single plane has one slice, one point in time is none."""
    sizes = sizes + [1] * (3 - len(sizes))
    return tuple(reversed(sizes[:3] if sizes[3:] == [1] else sizes))


def _dtype(fields: Fields) -> np.dtype[Any]:
    said = fields.get("ElementType", "")
    if said not in _TYPES:
        raise FileRefusedError(f"ElementType is '{said[:32]}'", expected=", ".join(_TYPES))
    msb = _flag(fields, "BinaryDataByteOrderMSB") or _flag(fields, "ElementByteOrderMSB")
    return np.dtype((">" if msb else "<") + _TYPES[said])


def _flag(fields: Fields, name: str) -> bool:
    return fields.get(name, "False")[:1] in ("T", "t", "1")


def _encoding(fields: Fields) -> Encoding:
    binary = fields.get("BinaryData", "True")[:1] in ("T", "t", "1")
    if _flag(fields, "CompressedData"):
        require(binary, "The voxels are said to be text, and compressed")
        return "zlib"
    return "raw" if binary else "ascii"


def _numbers(fields: Fields, name: str, count: int) -> list[float]:
    words = fields.get(name, "").split()
    try:
        found = [float(word) for word in words]
    except ValueError as error:
        raise FileRefusedError(f"{name} is '{fields[name][:64]}'", expected="numbers") from error
    require(len(found) == count and bool(np.isfinite(found).all()),
            f"{name} is '{fields.get(name, '')[:64]}'", f"{count} finite numbers")  # fmt: skip
    return found


def _first(fields: Fields, names: tuple[str, ...], count: int) -> list[float] | None:
    return next((_numbers(fields, name, count) for name in names if name in fields), None)


def _affine(fields: Fields, count: int, problems: list[str]) -> FloatArray:
    """Index to mm LPS; row ``i`` of TransformMatrix is the direction of axis ``i``."""
    spacing = _first(fields, ("ElementSpacing", "ElementSize"), count)
    origin = _first(fields, ("Offset", "Position", "Origin"), count)
    said = _first(fields, ("TransformMatrix", "Rotation", "Orientation"), count * count)
    for given, what in ((spacing, "spacing"), (origin, "origin"), (said, "direction")):
        if given is None:
            problems.append(f"no {what} is given")
    if count == 2:
        problems.append("a single plane: its place and thickness across are unknown")
    turn = np.eye(count) if said is None else np.reshape(said, (count, count)).T
    if count == 4 and (turn[3, :3].any() or turn[:3, 3].any()):
        raise FileRefusedError("The fourth axis is turned into space", expected="an axis of time")
    space = min(count, 3)
    steps, start = np.eye(3), np.zeros(3)
    steps[:space, :space] = turn[:space, :space]
    size = np.ones(3)
    size[:space] = 1.0 if spacing is None else spacing[:space]
    require(bool((size > 0).all()), f"ElementSpacing is {spacing}", "more than 0")
    start[:space] = 0.0 if origin is None else origin[:space]
    scale = _scale(fields, problems)
    try:
        return make_affine(start * scale, steps * size * scale)
    except GeometryError as error:
        raise FileRefusedError(error.found) from error


def _scale(fields: Fields, problems: list[str]) -> float:
    unit = fields.get("DistanceUnits", "mm")
    if unit not in _LENGTH:
        problems.append(f"the unit of length '{unit[:16]}' is not known; taken for mm")
    return _LENGTH.get(unit, 1.0)


def _scaling(fields: Fields, problems: list[str]) -> tuple[float, float]:
    slope = _numbers({"Slope": "1"} | _renamed(fields, "Slope"), "Slope", 1)[0]
    intercept = _numbers({"Offset": "0"} | _renamed(fields, "Offset"), "Offset", 1)[0]
    if slope == 0:
        problems.append("a slope of 0 is given; the values are taken as they are")
        return 1.0, 0.0
    if (slope, intercept) != (1.0, 0.0):
        problems.append("values are scaled as the header says; ITK shows them unscaled")
    return slope, intercept


def _renamed(fields: Fields, end: str) -> Fields:
    name = f"ElementToIntensityFunction{end}"
    return {end: fields[name]} if name in fields else {}
