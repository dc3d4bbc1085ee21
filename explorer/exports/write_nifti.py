"""Write an image or a mask as NIfTI, with the place that it has."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import GeometryError
from explorer.image import Image
from explorer.item import Item
from explorer.space import FloatArray, flip_ras_lps

_AGREE = 0.01  # mm


def check_even(item: Item) -> None:
    """Make sure that one affine says where every slice lies.

    Raises
    ------
    GeometryError
        The slices are uneven or sheared, which no NIfTI file can say.
    """
    origins = item.slice_origins
    if origins is None:
        return
    affine = item.affine
    even = affine[:3, 3] + np.arange(len(origins))[:, None] * affine[:3, 2]
    gap = float(np.abs(origins - even).max())
    if gap > _AGREE:
        raise GeometryError(
            f"its slices are uneven, up to {gap:.2f} mm from the even grid that NIfTI can say"
        )


def image_values(image: Image) -> NDArray[Any]:
    """Values in the store's units, ``([t,] z, y, x)``: int16 or float32; a plane is one slice.

    Raises
    ------
    GeometryError
        They have colours or frames without a z axis, or uneven slices.
    """
    if "c" in image.dims or ("t" in image.dims and "z" not in image.dims):
        raise GeometryError("colours and cines have no place in NIfTI")
    check_even(image)
    values = np.asarray(image.data.values)
    return values if values.ndim >= 3 else values[None]


def write_nifti(path: Path, values: NDArray[Any], affine: FloatArray) -> None:
    """Write ``([t,] z, y, x)`` as NIfTI's x, y, z[, t]; the same values give the same bytes.

    Parameters
    ----------
    path : pathlib.Path
        Ends in ``.nii.gz``.
    values : ndarray
    affine : ndarray, (4, 4)
        Index ``(x, y, z, 1)`` to mm LPS.
    """
    import nibabel

    kept = values.astype(np.uint8) if values.dtype == bool else values
    made = nibabel.Nifti1Image(kept.T, flip_ras_lps(affine))  # type: ignore[no-untyped-call]
    made.set_sform(flip_ras_lps(affine), code=1)  # type: ignore[no-untyped-call]
    if _orthogonal(affine):  # a qform holds a rotation, and readers of ITK's kind look at it first
        made.set_qform(flip_ras_lps(affine), code=1)  # type: ignore[no-untyped-call]
    made.header.set_xyzt_units("mm")  # type: ignore[no-untyped-call]
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as file:
        made.to_file_map({"image": nibabel.FileHolder(fileobj=file)})  # type: ignore[no-untyped-call]
    part.chmod(0o600)
    part.replace(path)


def _orthogonal(affine: FloatArray) -> bool:
    axes = np.asarray(affine)[:3, :3] / np.linalg.norm(np.asarray(affine)[:3, :3], axis=0)
    return bool(np.abs(axes.T @ axes - np.eye(3)).max() < 1e-5)
