"""Measure a mask: diameters, volume, place, and what an image holds inside of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from explorer.image import Image
from graphs.diameters import diameters, extent
from graphs.errors import MeasureError
from graphs.intensities import intensities, peak, peak_margin
from graphs.measures import Measures, Point
from graphs.voxel_grid import VoxelGrid

Box = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]


def measure(
    mask: xr.DataArray | NDArray[np.bool_],
    image: Image | xr.DataArray | NDArray[Any] | None = None,
    *,
    affine: ArrayLike | None = None,
    slice_origins: ArrayLike | None = None,
    units: str | None = None,
) -> Measures:
    """Measure one mask.

    Diameters are between the middles of outer voxels' sides (`graphs.diameters`), where the mesh
    of pyradiomics has its corners: an error of at most one voxel diagonal. The longest and the
    perpendicular one lie in one slice as it was acquired (RECIST 1.1: Eisenhauer et al. 2009,
    section 3), of the largest connected part; volume, extent and intensities are of all parts.

    Parameters
    ----------
    mask : DataArray or ndarray, (z, y, x), bool
        Such as `Segmentation.mask` gives.
    image : Image, DataArray or ndarray, (z, y, x), optional
        On the same grid; only the part around the mask is read.
    affine : array_like, (4, 4), optional
        Index ``(x, y, z, 1)`` to mm LPS; by default the mask's own attribute, else the image's.
    slice_origins : array_like, (z, 3), optional
        mm LPS of uneven slices; by default as `affine`.
    units : str, optional
        Of the values; by default the image's. A peak and a TLG are only of 'SUV...'.

    Returns
    -------
    Measures

    Raises
    ------
    MeasureError
        The mask is empty or not ``(z, y, x)``, it has no affine, or the image has another shape.

    Examples
    --------
    >>> measure(patient.segmentations["lesions"].mask("nodule"), patient.images["CT"])
    """
    whole = _bool(mask)
    grid = _grid(mask, image, affine, slice_origins, whole.shape)
    box = bounding_box(whole)
    if box is None:
        raise MeasureError("The mask is empty", expected="at least one voxel")
    first = (box[0][0], box[1][0], box[2][0])
    inside = whole[_slices(box)]
    main, problems = _largest_part(inside)
    longest = diameters(main, grid, first)
    per_slice = inside.sum(axis=(1, 2))
    mm3 = grid.voxel_mm3()[box[0][0] : box[0][1]]
    problems += _edges(box, whole.shape) + _planes(grid)
    seen = _intensities(image, whole, box, grid, units)
    volume = float(per_slice @ mm3)
    tlg = seen.mean * volume / 1000 if seen.peak is not None and seen.mean is not None else None
    return Measures(
        voxels=int(per_slice.sum()),
        volume_mm3=volume,
        longest_mm=longest.longest_mm,
        longest_at=longest.longest_at,
        perpendicular_mm=longest.perpendicular_mm,
        perpendicular_at=longest.perpendicular_at,
        plane=longest.plane,
        extent_3d_mm=extent(inside, grid, first),
        centroid=_centroid(inside, grid, first, mm3),
        box=box,
        units=seen.units,
        mean=seen.mean,
        std=seen.std,
        minimum=seen.minimum,
        maximum=seen.maximum,
        median=seen.median,
        peak=seen.peak,
        tlg=tlg,
        problems=(*problems, *seen.problems),
    )


def bounding_box(mask: NDArray[np.bool_]) -> Box | None:
    """The smallest box, voxel edges ``((z0, z1), (y0, y1), (x0, x1))``; None of an empty mask."""
    planes = np.flatnonzero(mask.any(axis=(1, 2)))
    if not planes.size:
        return None
    z0, z1 = int(planes[0]), int(planes[-1]) + 1
    flat = np.asarray(mask[z0:z1].any(axis=0))
    rows, columns = np.flatnonzero(flat.any(axis=1)), np.flatnonzero(flat.any(axis=0))
    return (z0, z1), (int(rows[0]), int(rows[-1]) + 1), (int(columns[0]), int(columns[-1]) + 1)


def _bool(mask: xr.DataArray | NDArray[np.bool_]) -> NDArray[np.bool_]:
    if isinstance(mask, xr.DataArray) and mask.dims != ("z", "y", "x"):
        raise MeasureError(f"The mask has dims {mask.dims}", expected="('z', 'y', 'x')")
    values = np.asarray(mask)
    if values.ndim != 3 or values.dtype != bool:
        raise MeasureError(
            f"The mask is {values.dtype} with {values.ndim} dims", expected="bool, (z, y, x)"
        )
    return values


def _grid(
    mask: Any, image: Any, affine: ArrayLike | None, origins: ArrayLike | None, shape: Any
) -> VoxelGrid:
    if affine is None:
        for one in (mask, image):
            if isinstance(one, Image):
                affine, origins = one.affine, one.slice_origins
            elif isinstance(one, xr.DataArray) and "affine" in one.attrs:
                affine, origins = one.attrs["affine"], one.attrs.get("slice_origins", origins)
            if affine is not None:
                break
    if affine is None:
        raise MeasureError(
            "Neither the mask nor the image says where its voxels lie",
            do="measure(mask, affine=segmentation.affine)",
        )
    rows = None if origins is None else np.asarray(origins, float)
    if rows is not None and rows.shape != (shape[0], 3):
        raise MeasureError(f"{rows.shape} slice origins", expected=f"({shape[0]}, 3)")
    return VoxelGrid(np.asarray(affine, float).reshape(4, 4), int(shape[0]), rows)


def _slices(box: Box) -> tuple[slice, slice, slice]:
    return slice(*box[0]), slice(*box[1]), slice(*box[2])


def _largest_part(mask: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], list[str]]:
    """The largest part that hangs together by sides, edges or corners."""
    from scipy.ndimage import label

    parts, count = label(mask, np.ones((3, 3, 3), bool))
    if count < 2:
        return mask, []
    sizes = np.bincount(parts.ravel())[1:]
    share = sizes.max() / sizes.sum()
    told = f"{count} separate parts; the diameters are of the largest ({share:.0%} of the voxels)"
    return parts == 1 + int(sizes.argmax()), [told]


def _centroid(
    mask: NDArray[np.bool_], grid: VoxelGrid, first: tuple[int, int, int], mm3: NDArray[Any]
) -> Point:
    at = np.argwhere(mask)
    points = grid.lps(at + first)
    x, y, z = np.average(points, axis=0, weights=mm3[at[:, 0]])
    return float(x), float(y), float(z)


def _edges(box: Box, shape: tuple[int, ...]) -> list[str]:
    cut = [
        name
        for name, (low, high), size in zip("zyx", box, shape, strict=True)
        if size > 1 and (low == 0 or high == size)
    ]
    return [f"it reaches the image's edge along {', '.join(cut)} and may go on"] if cut else []


def _planes(grid: VoxelGrid) -> list[str]:
    name = grid.plane_name()
    article = "an" if name.startswith("o") else "a"
    return [] if name == "axial" else [f"the diameters lie in {article} {name} slice"]


@dataclass(frozen=True)
class _Seen:
    units: str | None = None
    mean: float | None = None
    std: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    median: float | None = None
    peak: float | None = None
    problems: tuple[str, ...] = ()


def _intensities(
    image: Any, whole: NDArray[np.bool_], box: Box, grid: VoxelGrid, units: str | None
) -> _Seen:
    if image is None:
        return _Seen()
    dims = tuple(getattr(image, "dims", ("z", "y", "x")[-np.ndim(image) :]))
    if dims != ("z", "y", "x"):
        told = f"the image has dims {', '.join(map(str, dims))}: intensities are not measured"
        return _Seen(problems=(told,))
    if tuple(image.shape) != whole.shape:
        raise MeasureError(
            f"The image is {tuple(image.shape)}", expected=f"the mask's shape {whole.shape}"
        )
    said = getattr(image, "units", None) or getattr(image, "attrs", {}).get("units")
    units = str(units or said or "1")
    suv = units.upper().startswith("SUV")
    margin = peak_margin(grid) if suv else (0, 0, 0)
    around = tuple(
        slice(max(0, low - m), min(size, high + m))
        for (low, high), m, size in zip(box, margin, whole.shape, strict=True)
    )
    part = image.read(around) if isinstance(image, Image) else np.asarray(image[around])
    values, inside = np.asarray(part, float), whole[around]
    found = intensities(values, inside)
    if found is None:
        return _Seen(units, problems=("no voxel of it holds a finite number",))
    lacking = found.voxels < inside.sum()
    odd = ("some of its voxels hold no finite number",) if lacking else ()
    return _Seen(
        units, found.mean, found.std, found.minimum, found.maximum, found.median,
        peak(values, inside, grid) if suv else None, odd,
    )  # fmt: skip
