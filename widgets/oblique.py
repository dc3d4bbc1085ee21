"""Any plane through a volume, resampled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GeometryError
from explorer.image import Image
from explorer.space import spacing
from graphs.view_axes import View
from graphs.view_frame import ViewFrame
from widgets.plane_axes import plane_axes
from widgets.resampled_plane import ResampledPlane
from widgets.sampler import Sampler

if TYPE_CHECKING:
    from widgets.chunk_cache import ChunkCache
    from widgets.lattice import Lattice

_MOST_PIXELS = 512


def oblique_plane(
    image: Image | Sampler,
    centre_lps: ArrayLike | None = None,
    rotation: View | None = None,
    *,
    normal: ArrayLike | None = None,
    size_mm: float | tuple[float, float] | None = None,
    step_mm: float | None = None,
    time: int = 0,
    order: int = 1,
    cache: ChunkCache | None = None,
) -> ResampledPlane:
    """Resample a plane of a volume; only the chunks that it crosses are read.

    Parameters
    ----------
    image : Image or Sampler
        A volume; a `Sampler` of it where many planes are made.
    centre_lps : array_like, (3,), optional
        mm LPS of the middle of the plane; the volume's by default.
    rotation, normal
        As of `plane_axes`.
    size_mm : float or tuple of float, optional
        Height and width; what holds the whole volume by default.
    step_mm : float, optional
        Of a square pixel; by default the smallest spacing, or what makes 512 pixels a side.
    time : int
    order : {1, 0}
        Linear between voxels, or the nearest voxel.
    cache : ChunkCache, optional

    Returns
    -------
    ResampledPlane

    Raises
    ------
    GeometryError
        The image is no volume, or the plane is none.
    ProjectionError
        The rotation is none.

    Examples
    --------
    >>> oblique_plane(patient.images["CT"], rotation=(30, 10, 0))
    """
    sampler = image if isinstance(image, Sampler) else Sampler(image, cache)
    axes = plane_axes(rotation, normal)
    frame = plane_frame(sampler.lattice, axes, centre_lps, size_mm=size_mm, step_mm=step_mm)
    every = np.indices(frame.shape).transpose(1, 2, 0)
    values = sampler.at(frame.points(every), time, order=order)
    found = sampler.image
    return ResampledPlane(values, frame, found.units, made_from=str(found.address))


def plane_frame(
    lattice: Lattice,
    axes: NDArray[np.float64],
    centre_lps: ArrayLike | None = None,
    *,
    size_mm: float | tuple[float, float] | None = None,
    step_mm: float | None = None,
) -> ViewFrame:
    """The pixels of a plane through a volume.

    Raises
    ------
    GeometryError
        The centre is no place, or the size or the step no length.
    """
    corners = corners_lps(lattice)
    middle = (corners.max(axis=0) + corners.min(axis=0)) / 2
    centre = middle if centre_lps is None else np.asarray(centre_lps, float)
    if centre.shape != (3,) or not np.isfinite(centre).all():
        raise GeometryError(f"The centre {centre_lps!r}", expected="(x, y, z) in mm LPS")
    if size_mm is None:
        across, down = 2 * np.abs((corners - centre) @ axes[:2].T).max(axis=0)
        height, width = float(down), float(across)
    else:
        height, width = (float(v) for v in np.broadcast_to(np.asarray(size_mm, float), (2,)))
    least = max(min(spacing(lattice.affine)), max(height, width) / _MOST_PIXELS)
    step = least if step_mm is None else float(step_mm)
    if not (np.isfinite([height, width, step]).all() and min(height, width, step) > 0):
        raise GeometryError(
            f"A plane of {height:g} x {width:g} mm in steps of {step:g} mm",
            expected="lengths in mm, more than 0",
        )
    shape = (max(1, int(np.ceil(height / step - 1e-6))), max(1, int(np.ceil(width / step - 1e-6))))
    return ViewFrame(axes, centre, shape, (step, step))


def corners_lps(lattice: Lattice) -> NDArray[np.float64]:
    """The outer corners of a volume's voxels, ``(n, 3)`` mm LPS."""
    z, y, x = lattice.shape
    # sheared slices have their corners each where it is, not on the first and last one only
    layers = np.array([0, z - 1]) if lattice.origins is None else np.arange(z)
    index = np.array(np.meshgrid(layers, [-0.5, y - 0.5], [-0.5, x - 0.5], indexing="ij"))
    points = lattice.to_lps(index.reshape(3, -1).T)
    through = lattice.affine[:3, 2] / 2
    return np.concatenate([points - through, points + through])
