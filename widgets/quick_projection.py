"""A quick, coarse radiograph from a CT, for the time while somebody turns it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.image import Image
from explorer.space import spacing
from graphs.attenuation import attenuation
from graphs.ray_grid import RayGrid
from graphs.view_axes import view_axes
from graphs.view_frame import ViewFrame

_VOXEL_MM = 3.0


class QuickProjection:
    """Sums of a coarse copy of the attenuation: a preview, never a measurement.

    `graphs.project` is exact for voxels as boxes; this one is linear between means of some 3 mm
    and takes hundredths of a second.

    Parameters
    ----------
    image : Image
        A CT in HU.
    """

    def __init__(self, image: Image) -> None:
        self.grid = RayGrid.of(image)
        steps = spacing(self.grid.affine)
        self._by = tuple(max(1, round(_VOXEL_MM / step)) for step in steps)
        hu = image.read((slice(None),) * 3)
        coarse = [self._mean(attenuation(layer)) for layer in self.grid.layers(hu)]
        z = self._by[0]
        coarse += [coarse[-1]] * (-len(coarse) % z)
        self._mu: NDArray[np.float32] = np.stack(coarse).reshape(-1, z, *coarse[0].shape).mean(1)

    def _mean(self, layer: NDArray[Any]) -> NDArray[np.float32]:
        y, x = self._by[1:]
        rows, cols = (n // k * k for n, k in zip(layer.shape, (y, x), strict=True))
        kept = layer[:rows, :cols].reshape(rows // y, y, cols // x, x)
        return np.asarray(kept.mean(axis=(1, 3)), np.float32)

    def picture(self, view: Any) -> tuple[NDArray[np.float32], ViewFrame]:
        """Line integrals ``(y, x)`` from a side, and where they lie."""
        from scipy.ndimage import affine_transform

        axes, side, _ = view_axes(view)
        frame = self.grid.frame(axes, side, "parallel", pixel_mm=_VOXEL_MM)
        reach = np.linalg.norm(np.array(self.grid.shape) * spacing(self.grid.affine)) / 2
        count = int(np.ceil(2 * reach / _VOXEL_MM))
        by = np.array(self._by, float)
        inverse = np.linalg.inv(self.grid.affine)[:3, :3][::-1] / by[:, None]
        steps = np.stack([frame.axes[2], frame.axes[1], frame.axes[0]]) * _VOXEL_MM
        first = frame.points((0, 0)) - reach * frame.axes[2]
        start = (self.grid.to_index(first) - (by - 1) / 2) / by
        layers = affine_transform(
            self._mu, inverse @ steps.T, start, (count, *frame.shape), np.float32,
            order=1, mode="grid-constant", prefilter=False,
        )  # fmt: skip
        return layers.sum(axis=0) * np.float32(_VOXEL_MM), frame
