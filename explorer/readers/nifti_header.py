"""NIfTI-1 and NIfTI-2 headers (https://nifti.nimh.nih.gov, nifti1.h, nifti2.h)."""

from __future__ import annotations

import math
import struct
from typing import Any

import nibabel as nib
import numpy as np
from nibabel.spatialimages import HeaderDataError

from explorer.draft import Source
from explorer.errors import FileRefusedError, GeometryError
from explorer.readers.volume import Volume
from explorer.readers.volume_bytes import Encoding, decoded
from explorer.space import FloatArray, flip_ras_lps, make_affine

HEADER_BYTES = 540
_SIZES: dict[int, Any] = {348: nib.Nifti1Header, 540: nib.Nifti2Header}
_REFUSED = {
    0: "of no type", 1: "of single bits", 32: "complex", 128: "RGB colours", 255: "of any type",
    1536: "128-bit numbers", 1792: "complex", 2048: "complex", 2304: "RGBA colours",
}  # fmt: skip
_LENGTH = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}  # NIFTI_UNITS_*: to mm
_TIME = {8: 1.0, 16: 1e-3, 24: 1e-6}  # to s
_FAR = 1e7  # in the file's own unit: no coordinate is
_AGREE = 0.01  # mm, at the volume's corners


def is_nifti(start: bytes) -> bool:
    """Tell whether a file's first 348 bytes are a NIfTI header, by its magic."""
    return start[344:347] in (b"n+1", b"ni1") or start[4:7] in (b"n+2", b"ni2")


def read_start(source: Source) -> tuple[bytes, Encoding]:
    """Read a file's first bytes, decompressed where it is gzip by its own magic."""
    with source.path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    encoding: Encoding = "gzip" if packed else "raw"
    with decoded(source.path, encoding) as file:
        return file.read(HEADER_BYTES), encoding


def read_nifti(header: Source, voxels: Source | None = None) -> Volume:
    """Read a header.

    Parameters
    ----------
    header : Source
    voxels : Source, optional
        The ``.img`` file of a ``.hdr``; by default the header's own file holds the voxels.

    Returns
    -------
    Volume

    Raises
    ------
    FileRefusedError
        It is no NIfTI, its header contradicts itself or the file's size, or its values are of a
        type that is no image.
    """
    start, encoding = read_start(header)
    if not is_nifti(start):
        raise FileRefusedError("It has no NIfTI header", expected="the magic 'n+1', 'ni1' or 'n+2'")
    parsed = _parse(start)
    alone = start[344:346] == b"n+" or start[4:6] == b"n+"
    if alone == (voxels is not None):
        raise FileRefusedError(
            "The header says that the voxels are in "
            + ("its own file" if alone else "another file, and that is not among the sources"),
            do="keep the .hdr and its .img side by side" if not alone else None,
        )
    shape = _shape(parsed)
    offset = parsed["vox_offset"].item()
    least = parsed.sizeof_hdr + 4 if alone else 0
    if not (math.isfinite(offset) and offset == int(offset) and least <= offset <= 1 << 40):
        raise FileRefusedError(f"vox_offset is {offset}", expected=f"at least {least}")
    problems: list[str] = []
    affine = _affine(parsed, shape, problems)
    slope, intercept = _scaling(parsed)
    data = voxels or header
    if voxels is not None:
        encoding = "raw"
    packed = encoding == "gzip"
    dtype = _dtype(parsed)
    return Volume(
        shape=shape,
        dtype=dtype,
        affine=affine,
        data=data,
        encoding=encoding,
        offset=0 if packed else int(offset),
        skip=int(offset) if packed else 0,
        slope=slope,
        intercept=intercept,
        problems=problems,
        meta=_meta(parsed, len(shape)),
    )


def _parse(start: bytes) -> Any:
    for size, kind in _SIZES.items():
        for order in "<>":
            if struct.unpack(f"{order}i", start[:4])[0] == size and len(start) >= size:
                return kind(start[:size], endianness=order, check=False)
    raise FileRefusedError(
        f"sizeof_hdr is {struct.unpack('<i', start[:4])[0]}",
        expected="348 or 540, and as many bytes",
    )


def _shape(parsed: Any) -> tuple[int, ...]:
    """Sizes, slowest first; trailing sizes of one are dropped, a single plane has one slice."""
    count = int(parsed["dim"][0])
    if not 1 <= count <= 7:
        raise FileRefusedError(f"dim[0] is {count}", expected="1 to 7 dimensions")
    sizes = [int(one) for one in parsed["dim"][1 : count + 1]]
    while len(sizes) > 3 and sizes[-1] == 1:
        sizes.pop()
    sizes += [1] * (3 - len(sizes))
    if len(sizes) > 4:
        raise FileRefusedError(
            f"The volume has {len(sizes)} dimensions: {tuple(sizes)}",
            expected="three, and a fourth for time",
        )
    return tuple(reversed(sizes))


def _dtype(parsed: Any) -> np.dtype[Any]:
    code = int(parsed["datatype"])
    if code in _REFUSED:
        raise FileRefusedError(f"The voxels are {_REFUSED[code]}", expected="one number a voxel")
    try:
        found: np.dtype[Any] = parsed.get_data_dtype()
    except (HeaderDataError, KeyError) as error:
        raise FileRefusedError(f"The datatype {code} is not known") from error
    if int(parsed["bitpix"]) != found.itemsize * 8:
        raise FileRefusedError(
            f"bitpix is {int(parsed['bitpix'])}", expected=f"{found.itemsize * 8} for {found.name}"
        )
    return found


def _scaling(parsed: Any) -> tuple[float, float]:
    """Slope and intercept; a slope of 0 or NaN means that there is none (nifti1.h)."""
    slope, intercept = float(parsed["scl_slope"]), float(parsed["scl_inter"])
    if slope == 0 or not math.isfinite(slope):
        return 1.0, 0.0
    if not math.isfinite(intercept):
        raise FileRefusedError(
            f"scl_slope is {slope}, but scl_inter is {intercept}", expected="two finite numbers"
        )
    return slope, intercept


def _affine(parsed: Any, shape: tuple[int, ...], problems: list[str]) -> FloatArray:
    """Index to mm LPS: the sform where it has a code, else the qform, else spacing alone."""
    unit = int(parsed["xyzt_units"]) & 7
    if unit not in _LENGTH:
        problems.append(f"the unit of length {unit} is not known; taken for mm")
    scale = _LENGTH.get(unit, 1.0)
    sform = parsed.get_sform() if int(parsed["sform_code"]) > 0 else None
    qform = None
    if int(parsed["qform_code"]) > 0:
        try:
            qform = parsed.get_qform()
        except (HeaderDataError, ValueError, ArithmeticError):
            problems.append("the qform is broken")
    for name, one in (("sform", sform), ("qform", qform)):
        if one is None or not _usable(one):
            if one is not None:
                problems.append(f"the {name} is broken")
            continue
        if name == "sform" and qform is not None and _usable(qform):
            _compare(sform, qform, shape, scale, problems)
        return _lps(one, scale)
    problems.append("neither sform nor qform: spacing only, orientation and place are unknown")
    spacing = abs(np.asarray(parsed["pixdim"][1:4], float)) * scale
    return np.diag([*np.where((spacing > 1e-4) & (spacing < 1e4), spacing, 1.0), 1.0])


def _usable(affine: FloatArray) -> bool:
    """Whether its axes span space, and are of a size that a voxel may have."""
    steps = np.linalg.norm(affine[:3, :3], axis=0)
    sound = bool(np.isfinite(affine).all()) and abs(affine).max() < _FAR and steps.min() > 0
    return sound and abs(np.linalg.det(affine[:3, :3] / steps)) > 1e-6


def _lps(affine: FloatArray, scale: float) -> FloatArray:
    found = flip_ras_lps(np.asarray(affine, float))
    found[:3] *= scale
    try:
        return make_affine(found[:3, 3], found[:3, :3])
    except GeometryError as error:
        raise FileRefusedError(error.found) from error


def _compare(
    sform: Any, qform: Any, shape: tuple[int, ...], scale: float, problems: list[str]
) -> None:
    last = np.asarray(shape[-1:-4:-1]) - 1
    corners = np.array(np.meshgrid(*[(0, n) for n in last], indexing="ij")).reshape(3, -1)
    gap = (sform - qform) @ np.vstack([corners, np.ones(8)]) * scale
    away = float(np.linalg.norm(gap[:3], axis=0).max())
    if away > _AGREE:
        problems.append(f"sform and qform disagree by up to {away:.3g} mm; the sform is taken")


def _meta(parsed: Any, dims: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "sform_code": int(parsed["sform_code"]),
        "qform_code": int(parsed["qform_code"]),
    }
    unit = _TIME.get(int(parsed["xyzt_units"]) & 0x38)
    step = float(parsed["pixdim"][4])
    if dims == 4 and unit is not None and math.isfinite(step) and step > 0:
        found["time_step_s"] = step * unit
    return found
