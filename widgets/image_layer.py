"""ImageLayer: a second image on the planes of the one that is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GeometryError
from explorer.image import Image
from widgets.chunk_cache import ChunkCache
from widgets.lattice import Lattice
from widgets.pane import Pane
from widgets.sampler import Sampler


class ImageLayer:
    """Values of another volume at the voxels of a plane; never of more than that plane.

    Parameters
    ----------
    image : Image
        A volume, or a time series of them.
    on : Image
        The image that is shown.
    lattice : Lattice
        Where its voxels lie.
    cache : ChunkCache
    matrix : array_like, (4, 4), optional
        Takes a point ``(x, y, z, 1)`` in mm LPS of the shown image to the other one, as
        `graphs.Registration.matrix` does; not needed where both share a frame of reference.

    Raises
    ------
    GeometryError
        The two have no frame of reference in common and no matrix is given, the matrix is none,
        or one of them is no volume.
    """

    def __init__(
        self,
        image: Image,
        on: Image,
        lattice: Lattice,
        cache: ChunkCache,
        matrix: ArrayLike | None = None,
    ) -> None:
        frames = {image.frame_of_reference, on.frame_of_reference}
        if matrix is None and (len(frames) > 1 or None in frames):
            raise GeometryError(
                f"{image.id} and {on.id} have no frame of reference in common",
                expected="images of one frame of reference, or the matrix of a registration",
                where=on.where,
            )
        if "z" not in on.dims:
            raise GeometryError("Nothing can be fused with a single plane", where=on.where)
        self.image = image
        self.matrix = _matrix(matrix)
        self._lattice = lattice
        self._sampler = Sampler(image, cache)

    def plane(self, axis: int, index: int, time: int = 0) -> NDArray[np.float32]:
        """The values on one plane of the shown image, linear between voxels.

        Parameters
        ----------
        axis, index : int
            As in `ImagePlanes.plane`.
        time : int
            Of the shown image; the layer's own time point of that number, or its last one.

        Returns
        -------
        ndarray, float32
            In the layer's units; NaN where it has nothing.
        """
        return self._at(self._lattice.plane_lps(axis, index), time)

    def value(self, voxel: tuple[int, int, int], time: int = 0) -> float:
        """The value at a voxel ``(z, y, x)`` of the shown image."""
        return float(self._at(self._lattice.to_lps(np.array(voxel)), time))

    def _at(self, points: NDArray[np.float64], time: int) -> NDArray[np.float32]:
        if self.matrix is not None:
            points = points @ self.matrix[:3, :3].T + self.matrix[:3, 3]
        return self._sampler.at(points, min(time, self._sampler.times - 1))

    def sample(self) -> NDArray[np.float64]:
        """Finite values, for a first window."""
        middle = self._sampler.lattice.shape[0] // 2
        own = self._sampler.lattice.plane_lps(0, middle)[::2, ::2]
        values = self._sampler.at(own).astype(float).ravel()
        return np.asarray(values[np.isfinite(values)])

    def part(self, pane: Pane, index: int, time: int) -> tuple[dict[str, Any], bytes]:
        """See `Layer.part`: float32, rows from the top, NaN where there is nothing."""
        return {"dtype": "float32"}, pane.arrange(self.plane(pane.axis, index, time)).tobytes()


def _matrix(given: ArrayLike | None) -> NDArray[np.float64] | None:
    if given is None:
        return None
    matrix = np.asarray(given, float)
    if (
        matrix.shape != (4, 4)
        or not np.isfinite(matrix).all()
        or np.linalg.det(matrix[:3, :3]) == 0
    ):
        raise GeometryError(
            f"A matrix of shape {matrix.shape}", expected="4 x 4, finite, that can be turned round"
        )
    return matrix
