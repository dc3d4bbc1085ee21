"""Slab: the highest, lowest or mean value along each line through a volume or a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GeometryError
from explorer.image import Image
from graphs.view_axes import View
from graphs.view_frame import ViewFrame
from widgets.oblique import corners_lps, plane_frame
from widgets.plane_axes import plane_axes
from widgets.resampled_plane import ResampledPlane
from widgets.sampler import Sampler

if TYPE_CHECKING:
    from widgets.chunk_cache import ChunkCache

How = Literal["max", "min", "mean"]

_AT_ONCE = 16  # layers that are resampled together


def slab(
    image: Image | Sampler,
    along: View | None = None,
    thickness_mm: float | None = None,
    how: How = "max",
    *,
    normal: ArrayLike | None = None,
    centre_lps: ArrayLike | None = None,
    size_mm: float | tuple[float, float] | None = None,
    step_mm: float | None = None,
    time: int = 0,
    cache: ChunkCache | None = None,
) -> ResampledPlane:
    """Project a slab of a volume: a maximum intensity projection, its opposite, or a thick slice.

    Lines are parallel and are sampled at the pixel's own step, linear between voxels; what lies
    outside of the volume does not count.

    Parameters
    ----------
    image : Image or Sampler
        A volume.
    along, normal
        The viewer's direction, as of `plane_axes`: ``along=(azimuth, 0, 0)`` turns around the
        patient's long axis.
    thickness_mm : float, optional
        Half of it on each side of the centre; the whole volume by default.
    how : {'max', 'min', 'mean'}
    centre_lps, size_mm, step_mm, time, cache
        As of `oblique_plane`.

    Returns
    -------
    ResampledPlane

    Raises
    ------
    GeometryError
        The image is no volume, the thickness no length, or `how` none of the three.

    Examples
    --------
    >>> slab(patient.images["PET"], (45, 0, 0))
    """
    if how not in ("max", "min", "mean"):
        raise GeometryError(f"A slab's {how!r}", expected="'max', 'min' or 'mean'")
    if thickness_mm is not None and not (np.isfinite(thickness_mm) and thickness_mm > 0):
        raise GeometryError(f"A slab of {thickness_mm} mm", expected="a length in mm, more than 0")
    sampler = image if isinstance(image, Sampler) else Sampler(image, cache)
    axes = plane_axes(along, normal)
    frame = plane_frame(sampler.lattice, axes, centre_lps, size_mm=size_mm, step_mm=step_mm)
    depths = _depths(sampler, frame, thickness_mm)
    straight = sampler.lattice.origins is None and how != "mean"
    if straight and sampler.hold(time):
        values = _turned(sampler, frame, depths, how, time)
    else:
        values = _layer_by_layer(sampler, frame, depths, how, time)
    thick = float(len(depths) * frame.spacing[0]) if thickness_mm is None else float(thickness_mm)
    found = sampler.image
    return ResampledPlane(values, frame, found.units, how, thick, str(found.address))


def _depths(sampler: Sampler, frame: ViewFrame, thickness_mm: float | None) -> NDArray[np.float64]:
    """Each layer's distance in mm from the plane through the centre, away from the viewer."""
    step = frame.spacing[0]
    reach = (corners_lps(sampler.lattice) - frame.centre) @ frame.axes[2]
    low, high = float(reach.min()), float(reach.max())
    if thickness_mm is not None:
        low, high = max(low, -thickness_mm / 2), min(high, thickness_mm / 2)
    if high <= low:
        return np.zeros(1)
    count = max(1, int(np.ceil((high - low) / step - 1e-6)))
    return np.asarray((low + high) / 2 + (np.arange(count) - (count - 1) / 2) * step)


def _layer_by_layer(
    sampler: Sampler, frame: ViewFrame, depths: NDArray[np.float64], how: How, time: int
) -> NDArray[np.float32]:
    points = frame.points(np.indices(frame.shape).transpose(1, 2, 0))
    total = np.full(frame.shape, np.nan, np.float64 if how == "mean" else np.float32)
    counts = np.zeros(frame.shape, np.int64)
    for depth in depths:
        layer = sampler.at(points + depth * frame.axes[2], time)
        if how == "mean":
            there = np.isfinite(layer)
            counts += there
            total = np.where(there, np.nan_to_num(total) + np.nan_to_num(layer), total)
        else:
            total = (np.fmax if how == "max" else np.fmin)(total, layer)
    if how == "mean":
        total = np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
    return total.astype(np.float32)


def _turned(
    sampler: Sampler, frame: ViewFrame, depths: NDArray[np.float64], how: How, time: int
) -> NDArray[np.float32]:
    """The same of even voxels: the grid is turned as a whole, which is ten times as quick."""
    from scipy.ndimage import affine_transform

    # one voxel more on each side, so that the outer halves of voxels are there too
    padded: NDArray[Any] = np.pad(sampler.whole(time), 1, mode="edge")
    inverse = np.linalg.inv(sampler.lattice.affine)[:3, :3][::-1]
    steps = np.stack([frame.axes[2], frame.axes[1], frame.axes[0]]) * frame.spacing[0]
    matrix = inverse @ steps.T  # (depth, row, column) to (z, y, x)
    first = sampler.index(frame.points((0, 0)) + depths[0] * frame.axes[2])
    choose = np.fmax if how == "max" else np.fmin
    found = np.full(frame.shape, np.nan, np.float32)
    for start in range(0, len(depths), _AT_ONCE):
        count = min(_AT_ONCE, len(depths) - start)
        layers = affine_transform(
            padded, matrix, first + 1 + matrix[:, 0] * start, (count, *frame.shape),
            np.float32, order=1, mode="constant", cval=np.nan, prefilter=False,
        )  # fmt: skip
        found = choose(found, choose.reduce(layers, axis=0))
    found[~_crossed(sampler, matrix, first, frame.shape, len(depths))] = np.nan
    return found


def _crossed(
    sampler: Sampler,
    matrix: NDArray[np.float64],
    first: NDArray[np.float64],
    shape: tuple[int, int],
    count: int,
) -> NDArray[np.bool_]:
    """Which lines pass through the volume at all: its voxels end half a step from their middles."""
    rows, cols = np.indices(shape)
    low, high = np.zeros(shape), np.full(shape, count - 1.0)
    for axis, size in enumerate(sampler.lattice.shape):
        at = first[axis] + matrix[axis, 1] * rows + matrix[axis, 2] * cols
        step = matrix[axis, 0]
        if abs(step) < 1e-12:
            out = (at < -0.5 - 1e-9) | (at > size - 0.5 + 1e-9)
            low = np.where(out, np.inf, low)
            continue
        one, other = (-0.5 - at) / step, (size - 0.5 - at) / step
        low = np.maximum(low, np.minimum(one, other))
        high = np.minimum(high, np.maximum(one, other))
    return np.asarray(low <= high + 1e-9)
