"""Features of shape and intensity, named and defined as pyradiomics names and defines them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.space import spacing
from graphs.diameters import farthest
from graphs.errors import MeasureError
from graphs.measure import bounding_box

FloatArray = NDArray[np.float64]


def shape_features(mask: NDArray[np.bool_], affine: ArrayLike) -> dict[str, float]:
    """Shape in three dimensions.

    The mesh is that of marching cubes at one half (Lorensen and Cline 1987, scikit-image), as in
    pyradiomics (van Griethuysen et al. 2017) and IBSI; axes are of the voxels' centres.

    Parameters
    ----------
    mask : ndarray, (z, y, x), bool
    affine : array_like, (4, 4)
        Only its spacing counts.

    Returns
    -------
    dict
        pyradiomics' 14 default names, without ``original_shape_``; mm, mm2, mm3.

    Raises
    ------
    MeasureError
        The mask is empty.
    """
    part = _cropped(mask)
    steps = np.asarray(spacing(affine))
    vertices, volume, area = _mesh(part, steps)
    voxel = float(part.sum() * steps.prod())
    sizes = _axes(part, steps)
    return {
        "MeshVolume": volume,
        "VoxelVolume": voxel,
        "SurfaceArea": area,
        "SurfaceVolumeRatio": area / volume,
        "Sphericity": float((36 * np.pi * volume**2) ** (1 / 3) / area),
        "Maximum3DDiameter": _widest(vertices),
        "Maximum2DDiameterSlice": _widest_within(vertices, 0),
        "Maximum2DDiameterColumn": _widest_within(vertices, 1),
        "Maximum2DDiameterRow": _widest_within(vertices, 2),
        "MajorAxisLength": sizes[0],
        "MinorAxisLength": sizes[1],
        "LeastAxisLength": sizes[2],
        "Elongation": sizes[1] / sizes[0] if sizes[0] else 0.0,
        "Flatness": sizes[2] / sizes[0] if sizes[0] else 0.0,
    }


def first_order_features(
    values: NDArray[Any],
    mask: NDArray[np.bool_],
    affine: ArrayLike,
    *,
    bin_width: float = 25.0,
    shift: float = 0.0,
) -> dict[str, float]:
    """Intensities inside of a mask.

    Parameters
    ----------
    values : ndarray, (z, y, x)
    mask : ndarray, (z, y, x), bool
    affine : array_like, (4, 4)
    bin_width : float
        Of entropy and uniformity, in the values' units; bins begin at a multiple of it.
    shift : float
        Added before squares are taken (pyradiomics' ``voxelArrayShift``), so that HU are above 0.

    Returns
    -------
    dict
        pyradiomics' names, without ``original_firstorder_``.

    Raises
    ------
    MeasureError
        The mask is empty, or some of its voxels hold no finite number.
    """
    x = np.asarray(values, float)[mask]
    if not x.size or not np.isfinite(x).all():
        raise MeasureError(
            f"{x.size} voxels, {int((~np.isfinite(x)).sum())} of them without a finite number",
            expected="at least one voxel, and numbers in all of them",
        )
    low, q1, q3, high = (float(np.percentile(x, p)) for p in (10, 25, 75, 90))
    mean, variance = float(x.mean()), float(x.var())
    central = x - mean
    middle = x[(x >= low) & (x <= high)]
    energy = float(((x + shift) ** 2).sum())
    share = _shares(x, bin_width)
    flat = variance == 0
    return {
        "Energy": energy,
        "TotalEnergy": energy * float(np.prod(spacing(affine))),
        "Entropy": float(-(share * np.log2(share)).sum()) + 0.0,
        "Minimum": float(x.min()),
        "10Percentile": low,
        "90Percentile": high,
        "Maximum": float(x.max()),
        "Mean": mean,
        "Median": float(np.median(x)),
        "InterquartileRange": q3 - q1,
        "Range": float(np.ptp(x)),
        "MeanAbsoluteDeviation": float(np.abs(central).mean()),
        "RobustMeanAbsoluteDeviation": float(np.abs(middle - middle.mean()).mean()),
        "RootMeanSquared": float(np.sqrt(energy / x.size)),
        "StandardDeviation": float(np.sqrt(variance)),
        "Skewness": 0.0 if flat else float((central**3).mean() / variance**1.5),
        "Kurtosis": 0.0 if flat else float((central**4).mean() / variance**2),
        "Variance": variance,
        "Uniformity": float((share**2).sum()),
    }


def _cropped(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    box = bounding_box(mask)
    if box is None:
        raise MeasureError("The mask is empty", expected="at least one voxel")
    return mask[tuple(slice(*edge) for edge in box)]


def _mesh(part: NDArray[np.bool_], steps: FloatArray) -> tuple[FloatArray, float, float]:
    """Vertices in mm, enclosed volume, area."""
    from skimage.measure import marching_cubes

    made: Any = marching_cubes(  # type: ignore[no-untyped-call]
        np.pad(part, 1).astype(np.float32), 0.5, spacing=tuple(steps), method="lorensen"
    )
    vertices, corners = np.asarray(made[0], float), np.asarray(made[1])
    a, b, c = (vertices[corners[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a)
    volume = abs(float(np.einsum("ij,ij->", a, normals))) / 6
    return vertices, volume, float(np.linalg.norm(normals, axis=1).sum()) / 2


def _widest(points: FloatArray) -> float:
    from scipy.spatial import ConvexHull

    return farthest(points[ConvexHull(points).vertices])[0]


def _widest_within(vertices: FloatArray, axis: int) -> float:
    """Longest distance between two vertices with the same coordinate along an axis."""
    levels, of = np.unique(vertices[:, axis].round(6), return_inverse=True)
    found = 0.0
    for k in range(len(levels)):
        flat = np.delete(vertices[of == k], axis, axis=1)
        if np.linalg.norm(np.ptp(flat, axis=0)) > found:
            found = max(found, farthest(_corners(flat))[0])
    return found


def _corners(flat: FloatArray) -> FloatArray:
    from scipy.spatial import ConvexHull, QhullError

    try:
        return np.asarray(flat[ConvexHull(flat).vertices])
    except (QhullError, ValueError):  # on one line, or fewer than three
        return flat


def _axes(part: NDArray[np.bool_], steps: FloatArray) -> tuple[float, float, float]:
    points = np.argwhere(part) * steps
    points -= points.mean(axis=0)
    least, minor, major = np.linalg.eigvalsh(points.T @ points / len(points)).clip(0)
    return float(4 * np.sqrt(major)), float(4 * np.sqrt(minor)), float(4 * np.sqrt(least))


def _shares(x: FloatArray, width: float) -> FloatArray:
    bins = np.floor(x / width).astype(np.int64)
    _, counts = np.unique(bins, return_counts=True)
    return np.asarray(counts / counts.sum())
