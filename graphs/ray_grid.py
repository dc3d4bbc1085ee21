"""RayGrid: voxels as boxes side by side, as rays pass through them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.space import spacing
from graphs.errors import ProjectionError
from graphs.view_axes import FloatArray, Side
from graphs.view_frame import Shape, ViewFrame

_MOST_PIXELS = 512
_EXACT = 1e-7


@dataclass(frozen=True)
class Aligned:
    """A picture whose rays run along one voxel axis, a pixel for each row of voxels.

    Attributes
    ----------
    axis : int
        Of ``(z, y, x)``: along the rays.
    transpose, flip_y, flip_x : bool
        From the two axes that are left to the picture.
    """

    axis: int
    transpose: bool
    flip_y: bool
    flip_x: bool

    def picture(self, plane: NDArray[Any]) -> NDArray[Any]:
        """The two axes that are left, ``(..., p, q)``, as the picture ``(..., y, x)``."""
        turned = np.swapaxes(plane, -1, -2) if self.transpose else plane
        return turned[..., :: -1 if self.flip_y else 1, :: -1 if self.flip_x else 1]


@dataclass(frozen=True)
class RayGrid:
    """Even voxels: oblique and sheared ones too.

    Attributes
    ----------
    affine : ndarray, (4, 4)
        Index ``(x, y, z, 1)`` to mm LPS.
    shape : tuple of int
        ``(z, y, x)``.
    slices : ndarray, (z,), or None
        Which of the source's slices each layer shows, where those are unevenly spaced: a slice
        fills the space half-way to its neighbours.
    """

    affine: NDArray[np.float64]
    shape: tuple[int, int, int]
    slices: NDArray[np.intp] | None = None

    @classmethod
    def of(cls, item: Image | Segmentation) -> RayGrid:
        """The grid of a volume's, or of a segmentation's own, voxels.

        Raises
        ------
        ProjectionError
            It is no volume, or its slices do not lie on one straight line.
        """
        if "z" not in item.dims or "t" in item.dims:
            raise ProjectionError(
                f"A picture with the dims {item.dims} has no depth to look through",
                expected="a volume (z, y, x)",
                where=item.where,
            )
        z, y, x = item.shape[-3:]
        return cls.even(item.affine, (z, y, x), item.slice_origins)

    @classmethod
    def even(
        cls,
        affine: NDArray[np.float64],
        shape: tuple[int, int, int],
        origins: NDArray[np.float64] | None = None,
    ) -> RayGrid:
        """Make a grid of slices that may be sheared (a tilted gantry) or unevenly spaced."""
        if origins is None or len(origins) < 2:
            return cls(np.asarray(affine, float), shape)
        gaps = np.diff(origins, axis=0)
        sizes = np.linalg.norm(gaps, axis=1)
        line = (origins[-1] - origins[0]) / np.linalg.norm(origins[-1] - origins[0])
        if np.abs(gaps - sizes[:, None] * line).max() > 1e-2:
            raise ProjectionError("The slices do not follow each other on one straight line")
        found = np.array(affine, float)
        if np.ptp(sizes) <= 1e-2:
            found[:3, 2] = (origins[-1] - origins[0]) / len(gaps)
            found[:3, 3] = origins[0]
            return cls(found, shape)
        at = np.concatenate([[0.0], np.cumsum(sizes)])
        edges = np.concatenate([[-sizes[0] / 2], (at[:-1] + at[1:]) / 2, [at[-1] + sizes[-1] / 2]])
        count = int(np.ceil((edges[-1] - edges[0]) / (sizes.min() / 2)))
        height = (edges[-1] - edges[0]) / count
        middles = edges[0] + (np.arange(count) + 0.5) * height
        slices = np.clip(np.searchsorted(edges, middles, side="right") - 1, 0, len(at) - 1)
        found[:3, 2] = line * height
        found[:3, 3] = origins[0] + line * middles[0]
        return cls(found, (count, shape[1], shape[2]), slices)

    def layers(self, values: NDArray[Any]) -> NDArray[Any]:
        """The source's voxels, ``(z, y, x)``, as this grid has them."""
        return values if self.slices is None else values[self.slices]

    def to_index(self, points: FloatArray) -> FloatArray:
        """Points ``(n, 3)`` in mm LPS to ``(z, y, x)``."""
        inverse = np.linalg.inv(self.affine)
        return np.asarray((points @ inverse[:3, :3].T + inverse[:3, 3])[..., ::-1])

    def step(self, directions: FloatArray) -> FloatArray:
        """Directions in LPS to ``(z, y, x)`` per mm; what is zero but for rounding is zero."""
        found = (directions @ np.linalg.inv(self.affine[:3, :3]).T)[..., ::-1].copy()
        found[np.abs(found) < 1e-12] = 0
        return found

    def frame(
        self,
        axes: FloatArray,
        side: Side,
        geometry: Shape,
        *,
        pixel_mm: float | None = None,
        source_mm: float = 1500.0,
        detector_mm: float = 1800.0,
    ) -> ViewFrame:
        """A picture that holds the whole volume.

        Where the rays are parallel and follow a voxel axis, a pixel is as large as a voxel; else
        it is square, of the smallest spacing, or larger where that makes over 512 pixels a side.

        Parameters
        ----------
        axes, side
            As of `view_axes`.
        geometry : {'parallel', 'cone'}
        pixel_mm : float, optional
            Another size.
        source_mm, detector_mm : float
            Of a cone.
        """
        last = np.asarray(self.shape, float) - 1
        centre = self.affine[:3, :3] @ (last[::-1] / 2) + self.affine[:3, 3]
        made = ViewFrame(axes, centre, (1, 1), (1.0, 1.0), geometry, side, source_mm, detector_mm)
        native = self._native(made) if geometry == "parallel" and pixel_mm is None else None
        if native is not None:
            shape, size = native
            return ViewFrame(axes, centre, shape, size, geometry, side, source_mm, detector_mm)
        corners = np.array(np.meshgrid(*[(-0.5, n + 0.5) for n in last], indexing="ij"))
        points = corners.reshape(3, -1).T[:, ::-1] @ self.affine[:3, :3].T + self.affine[:3, 3]
        source = made.source
        if source is not None:
            gap = (points - source) @ axes[2] * (1 if side == "near" else -1)
            if gap.min() < 1 or detector_mm < source_mm + 1:
                raise ProjectionError("The X-ray source lies in the volume, or behind the detector")
        reach = 2 * np.abs(made.pixels(points)).max(axis=0)
        pixel = pixel_mm or max(min(spacing(self.affine)), float(reach.max()) / _MOST_PIXELS)
        rows, columns = (int(np.ceil(extent / pixel - 1e-9)) for extent in reach)
        return ViewFrame(
            axes, centre, (rows, columns), (pixel, pixel), geometry, side, source_mm, detector_mm
        )

    def _native(self, frame: ViewFrame) -> tuple[tuple[int, int], tuple[float, float]] | None:
        which = []
        for direction in frame.axes[[1, 0, 2]]:
            step = self.step(direction)
            main = int(np.argmax(np.abs(step)))
            if np.abs(np.delete(step, main)).max() > _EXACT * abs(step[main]):
                return None
            which.append((main, 1 / abs(float(step[main]))))
        (down, dy), (right, dx), _ = which
        return (self.shape[down], self.shape[right]), (dy, dx)

    def aligned(self, frame: ViewFrame) -> Aligned | None:
        """How a picture is a sum along a voxel axis; None where it is not."""
        if frame.geometry != "parallel":
            return None
        native = self._native(frame)
        if native is None or native[0] != frame.shape:
            return None
        if not np.allclose(native[1], frame.spacing, rtol=1e-9):
            return None
        first, last = self.to_index(frame.points(np.array([(0, 0), frame.shape]) - [[0], [1]]))
        down, right = (int(np.argmax(np.abs(self.step(a)))) for a in frame.axes[[1, 0]])
        ends = [(first[n], last[n]) for n in (down, right)]
        for (begin, end), size in zip(ends, frame.shape, strict=True):
            low, high = sorted((begin, end))
            if abs(low) > 1e-6 or abs(high - (size - 1)) > 1e-6:
                return None
        flips = [float(begin) > float(end) for begin, end in ends]
        return Aligned(3 - down - right, down > right, flips[0], flips[1])
