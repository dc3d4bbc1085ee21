"""Intensities: what an image holds inside of a mask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.voxel_grid import VoxelGrid

_PEAK_RADIUS_MM = (3 * 1000 / (4 * np.pi)) ** (1 / 3)  # of a sphere of 1 cm3


@dataclass(frozen=True)
class Intensities:
    """In the image's units; `voxels` are those that hold a finite number."""

    voxels: int
    mean: float
    std: float
    minimum: float
    maximum: float
    median: float
    maximum_at: tuple[int, int, int]


def intensities(values: NDArray[np.float64], mask: NDArray[np.bool_]) -> Intensities | None:
    """Mean, standard deviation (of the population, as pyradiomics), extremes and median.

    Parameters
    ----------
    values : ndarray, (z, y, x)
    mask : ndarray, (z, y, x), bool

    Returns
    -------
    Intensities or None
        None where no voxel of the mask holds a finite number.
    """
    inside = mask & np.isfinite(values)
    held = values[inside]
    if not held.size:
        return None
    top = np.argwhere(inside)[int(held.argmax())]
    return Intensities(
        int(held.size), float(held.mean()), float(held.std()), float(held.min()),
        float(held.max()), float(np.median(held)), (int(top[0]), int(top[1]), int(top[2])),
    )  # fmt: skip


def peak(values: NDArray[np.float64], mask: NDArray[np.bool_], grid: VoxelGrid) -> float | None:
    """SUVpeak: the highest mean in a sphere of 1 cm3 around a voxel of the mask.

    PERCIST's peak (Wahl et al. 2009) as IBSI defines it, global intensity peak 0F91: a voxel is
    in the sphere where its centre is, also outside of the mask. Near the image's edge the mean is
    of the voxels that there are.

    Parameters
    ----------
    values : ndarray, (z, y, x)
        With a margin of `peak_margin` around the mask where the image has it.
    mask : ndarray, (z, y, x), bool
    grid : VoxelGrid

    Returns
    -------
    float or None
    """
    from scipy.ndimage import correlate

    reach = peak_margin(grid)
    offsets = np.stack(np.meshgrid(*[np.arange(-r, r + 1) for r in reach], indexing="ij"), -1)
    away = offsets[..., ::-1] @ grid.affine[:3, :3].T
    ball = (np.linalg.norm(away, axis=-1) <= _PEAK_RADIUS_MM).astype(float)
    held = np.isfinite(values)
    total = correlate(np.where(held, values, 0.0), ball, mode="constant")
    count = correlate(held.astype(float), ball, mode="constant")
    inside = mask & (count > 0.5)
    return float((total[inside] / count[inside]).max()) if inside.any() else None


def peak_margin(grid: VoxelGrid) -> tuple[int, int, int]:
    """Voxels ``(z, y, x)`` that a sphere of 1 cm3 reaches to each side."""
    # the distance between neighbouring planes of the grid, also where its axes are sheared
    inverse = np.linalg.norm(np.linalg.inv(grid.affine[:3, :3]), axis=1)[::-1]
    z, y, x = (int(np.floor(_PEAK_RADIUS_MM * one)) for one in inverse)
    return z, y, x
