"""NRRD headers (https://teem.sourceforge.net/nrrd/format.html)."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import nrrd
import numpy as np

from explorer.draft import Source
from explorer.errors import FileRefusedError, GeometryError
from explorer.readers.one_file import describe
from explorer.readers.volume import Volume
from explorer.readers.volume_bytes import Encoding
from explorer.space import FloatArray, make_affine

_HEADER_BYTES = 1 << 20
_TYPES = {
    "i1": "signed char|int8|int8_t",
    "u1": "uchar|unsigned char|uint8|uint8_t",
    "i2": "short|short int|signed short|signed short int|int16|int16_t",
    "u2": "ushort|unsigned short|unsigned short int|uint16|uint16_t",
    "i4": "int|signed int|int32|int32_t",
    "u4": "uint|unsigned int|uint32|uint32_t",
    "i8": "longlong|long long|long long int|signed long long|signed long long int|int64|int64_t",
    "u8": "ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t",
    "f4": "float",
    "f8": "double",
}
_DTYPES = {name: code for code, names in _TYPES.items() for name in names.split("|")}
_ENCODINGS: dict[str, Encoding] = {
    "raw": "raw", "gzip": "gzip", "gz": "gzip", "bzip2": "bzip2", "bz2": "bzip2",
    "ascii": "ascii", "text": "ascii", "txt": "ascii",
}  # fmt: skip
# To LPS.
_SPACES = {
    **dict.fromkeys(("left-posterior-superior", "lps"), (1.0, 1.0, 1.0)),
    **dict.fromkeys(("right-anterior-superior", "ras"), (-1.0, -1.0, 1.0)),
    **dict.fromkeys(("left-anterior-superior", "las"), (1.0, -1.0, 1.0)),
}
_LENGTH = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001, "µm": 0.001, "micron": 0.001}
_SPATIAL = {"domain", "space"}
_LISTS = {"list", "time", "point", "none", "???", ""}


def is_nrrd(start: bytes) -> bool:
    """Tell whether a file's first bytes are NRRD's magic."""
    return re.match(rb"NRRD000[1-5]\r?\n", start) is not None


def read_fields(path: Path) -> tuple[dict[str, Any], int]:
    """Read the fields of a header and where it ends.

    Raises
    ------
    FileRefusedError
        The header is broken, or has no end.
    """
    with path.open("rb") as file:
        start = file.read(_HEADER_BYTES)
    end = re.search(rb"\r?\n\r?\n", start)
    if end is None and len(start) == _HEADER_BYTES:
        raise FileRefusedError(f"The header does not end within {_HEADER_BYTES} bytes")
    size = end.end() if end else len(start)
    try:
        # a size beyond 64 bits would else become a negative one, with a warning at most
        with np.errstate(invalid="raise"):
            fields = dict(nrrd.read_header(io.BytesIO(start[:size])))
    except Exception as error:
        raise FileRefusedError(f"The NRRD header is broken: {describe(error)}") from error
    for name in ("type", "dimension", "sizes", "encoding"):
        if name not in fields:
            raise FileRefusedError(f"The NRRD header has no '{name}'")
    return fields, size


def data_file(fields: dict[str, Any]) -> str | None:
    """Name of the detached file with the voxels, None where they follow the header.

    Raises
    ------
    FileRefusedError
        It lies in another folder, or the voxels are spread over several files.
    """
    said = fields.get("data file", fields.get("datafile"))
    if said is None:
        return None
    name = str(said).strip()
    if re.search(r"[/\\%\0]", name) or name in ("", ".", "..") or name.upper().startswith("LIST"):
        raise FileRefusedError(
            "The voxels lie in another folder, or in several files",
            expected="one file beside the header",
            do="write header and voxels into one .nrrd file",
        )
    return name


def read_nrrd(header: Source, voxels: Source | None = None) -> tuple[Volume, dict[str, Any]]:
    """Read a header.

    Parameters
    ----------
    header : Source
    voxels : Source, optional
        File with the voxels, where they are detached.

    Returns
    -------
    volume : Volume
    fields : dict
        All fields, 3D Slicer's own included.

    Raises
    ------
    FileRefusedError
        It is not NRRD, or its header cannot be taken.
    """
    fields, size = read_fields(header.path)
    name = data_file(fields)
    if name is not None and (voxels is None or voxels.path.name != name):
        raise FileRefusedError(
            f"Its voxels are in '{name}', which is not among the sources",
            do="put it beside the header, named like it",
        )
    data, offset = (voxels, 0) if name is not None and voxels else (header, size)
    dtype = _dtype(fields)
    encoding = _ENCODINGS.get(str(fields["encoding"]).strip().lower())
    if encoding is None:
        raise FileRefusedError(
            f"The encoding '{str(fields['encoding'])[:32]}' is not read",
            expected="raw, gzip, bzip2 or ascii",
        )
    sizes = [int(one) for one in fields["sizes"]]
    spatial, extra = _axes(fields, len(sizes))
    problems: list[str] = []
    affine = _affine(fields, spatial, problems)
    shape = tuple(sizes[axis] for axis in reversed(spatial))
    if extra is not None and sizes[extra] != 1:
        shape = (sizes[extra], *shape)
    needed = int(np.prod(shape, dtype=object)) * dtype.itemsize
    offset, skip = _skips(fields, encoding, offset, data.size - needed)
    volume = Volume(
        shape=shape,
        dtype=dtype,
        affine=affine,
        data=data,
        encoding=encoding,
        offset=offset,
        skip=skip,
        interleaved=extra == 0 and len(shape) == 4,
        problems=problems,
        meta={"space": str(fields.get("space", ""))[:64] or "not said"},
    )
    return volume, fields


def _dtype(fields: dict[str, Any]) -> np.dtype[Any]:
    code = _DTYPES.get(str(fields["type"]).strip().lower())
    if code is None:
        raise FileRefusedError(f"The type '{str(fields['type'])[:32]}' is not read")
    order = {"little": "<", "big": ">"}.get(str(fields.get("endian", "little")).lower())
    if order is None:
        raise FileRefusedError(
            f"endian is '{str(fields['endian'])[:16]}'", expected="little or big"
        )
    return np.dtype(order + code)


def _skips(fields: dict[str, Any], encoding: str, offset: int, last: int) -> tuple[int, int]:
    """Offset in the file, and bytes to skip after decoding."""
    lines = int(fields.get("line skip", fields.get("lineskip", 0)))
    count = int(fields.get("byte skip", fields.get("byteskip", 0)))
    if lines != 0 or count < -1 or (count != 0 and encoding == "ascii"):
        raise FileRefusedError(f"line skip {lines} and byte skip {count} are not read")
    if count == -1:
        if encoding != "raw" or last < offset:
            raise FileRefusedError("byte skip -1 needs raw voxels that reach the file's end")
        return last, 0
    return offset, count


def _axes(fields: dict[str, Any], count: int) -> tuple[list[int], int | None]:
    """Axes of space, fastest first, and the one that is not of space."""
    directions = fields.get("space directions")
    kinds = [str(kind).lower() for kind in fields.get("kinds", [""] * count)]
    if directions is not None and len(directions) == count:
        spatial = [i for i in range(count) if directions[i] is not None
                   and np.isfinite(np.asarray(directions[i], float)).all()]  # fmt: skip
    elif any(kind in _SPATIAL for kind in kinds):
        spatial = [i for i in range(count) if kinds[i] in _SPATIAL]
    else:
        spatial = list(range(count))[:3]
    extra = [i for i in range(count) if i not in spatial]
    if len(spatial) != 3 or len(extra) > 1 or (extra and extra[0] not in (0, count - 1)):
        raise FileRefusedError(
            f"{len(spatial)} of {count} axes are of space",
            expected="three, and at most one more, first or last",
        )
    if extra and kinds[extra[0]] not in _LISTS and int(fields["sizes"][extra[0]]) != 1:
        raise FileRefusedError(
            f"The voxels are of kind '{kinds[extra[0]][:32]}'", expected="one number a voxel"
        )
    return spatial, extra[0] if extra else None


def _affine(fields: dict[str, Any], spatial: list[int], problems: list[str]) -> FloatArray:
    """Index to mm LPS."""
    space = str(fields.get("space", "")).strip().lower()
    signs = np.asarray(_SPACES.get(space, (1.0, 1.0, 1.0)))
    if space not in _SPACES:
        shown = f"the space '{space[:32]}' does not" if space else "no space is given to"
        problems.append(f"{shown} say the patient's sides; taken for left-posterior-superior")
    directions = fields.get("space directions")
    origin = fields.get("space origin")
    if directions is not None:
        steps = np.array([np.asarray(directions[axis], float) for axis in spatial]).T
    else:
        problems.append("no space directions: orientation is unknown")
        spacings = fields.get("spacings")
        size = [abs(float(spacings[axis])) if spacings is not None else 1.0 for axis in spatial]
        steps = np.diag([one if np.isfinite(one) and one > 0 else 1.0 for one in size])
    if origin is None:
        problems.append("no space origin: the place is unknown")
        origin = np.zeros(3)
    if steps.shape != (3, 3) or np.shape(origin) != (3,):
        raise FileRefusedError(f"The space has {steps.shape[0]} dimensions", expected="3")
    scale = _scale(fields, problems)
    try:
        return make_affine(
            signs * np.asarray(origin, float) * scale, signs[:, None] * steps * scale
        )
    except GeometryError as error:
        raise FileRefusedError(error.found) from error


def _scale(fields: dict[str, Any], problems: list[str]) -> float:
    units = {str(unit).strip(' "') for unit in fields.get("space units", ["mm"])} - {""}
    if len(units) == 1 and (unit := units.pop()) in _LENGTH:
        return _LENGTH[unit]
    if units:
        problems.append(f"the space units {sorted(units)[:3]} are not known; taken for mm")
    return 1.0
