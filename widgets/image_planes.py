"""Planes of an image, as values, out of cached chunks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.image import Image
from widgets.chunk_cache import ChunkCache
from widgets.chunked_array import ChunkedArray, Index

_MOST_SAMPLED = 32 << 20  # bytes that are decoded for a first window, beyond the first plane


class ImagePlanes:
    """Any orthogonal plane of an image.

    Parameters
    ----------
    image : Image
    cache : ChunkCache

    Attributes
    ----------
    shape : tuple of int
        ``(z, y, x)``, or ``(y, x)`` of a single plane or a cine. Colours are shown in grey.
    times : int
        Time points; 1 where the image has no time axis.
    """

    def __init__(self, image: Image, cache: ChunkCache) -> None:
        self.image = image
        self.array = ChunkedArray(image.stored, cache, image.where)
        # chunks that do not fit together would throw each other out, plane after plane
        self._crowded = image.stored.size * image.stored.dtype.itemsize > cache.max_bytes // 2
        sizes = dict(zip(image.dims, image.shape, strict=True))
        self.shape: tuple[int, ...] = tuple(sizes[name] for name in "zyx" if name in sizes)
        self.times = sizes.get("t", 1)

    def plane(self, axis: int, index: int, time: int = 0) -> NDArray[Any]:
        """The values of one plane.

        Parameters
        ----------
        axis : int
            Looked through: 0, 1, 2 of ``(z, y, x)``. Ignored for a single plane.
        index : int
            Along that axis.
        time : int
            Ignored where there is no time axis.

        Returns
        -------
        ndarray, int16 or float32
            The two axes left, in the array's order, in the image's units.

        Raises
        ------
        GeometryError
            There is no such plane.
        SourceChangedError
            A referenced source file is gone or was changed.
        """
        where = self._index(axis, index, time)
        if self._rows_apart(axis, where):
            return self.image.read(where)
        stored = self.array.read(where)
        by_name = dict(zip(self.image.dims, where, strict=True))
        values = self.image.to_values(stored, by_name.get("z"), by_name.get("t"))
        return _brightness(values) if "c" in self.image.dims else values

    def _rows_apart(self, axis: int, where: Index) -> bool:
        """Whether a plane is better read row by row from the source files.

        A coronal plane of a referenced volume is one row of each slice; a chunk is a whole slice.
        """
        if axis != 1 or not self._crowded or self.image.dims[-3:] != ("z", "y", "x"):
            return False
        self.array.check(where)
        return self.image.frame_files is not None

    def warm(self, axis: int, index: int, time: int = 0) -> None:
        """Decode the chunks of a plane that is likely to be asked for next."""
        self.array.read(self._index(axis, index, time))

    def sample(self) -> NDArray[np.float64]:
        """Finite values of a few planes across the image, for a first window."""
        middle = self.times // 2
        if len(self.shape) == 2:
            planes = [self.plane(0, 0, middle)]
        else:
            wanted = sorted({int(f * (self.shape[0] - 1)) for f in (0.25, 0.5, 0.75)})
            if self._layer_bytes(wanted) > _MOST_SAMPLED:
                wanted = [self.shape[0] // 2]  # what is shown first is read anyway
            planes = [self.plane(0, k, middle) for k in wanted]
        values = np.concatenate([np.asarray(p[::2, ::2], float).ravel() for p in planes])
        return np.asarray(values[np.isfinite(values)])

    def _layer_bytes(self, wanted: list[int]) -> int:
        """Decoded bytes of the chunks that planes cross, as far as they are not one layer's."""
        size = self.array.chunks[self.image.dims.index("z")]
        layers = {k // size for k in wanted}
        plane = int(np.prod(self.shape[1:])) * self.array.dtype.itemsize
        return (len(layers) - 1) * size * plane

    def _index(self, axis: int, index: int, time: int) -> Index:
        at: dict[str, int | slice] = {"t": time}
        if len(self.shape) == 3:
            at["zyx"[axis]] = index
        return tuple(at.get(name, slice(None)) for name in self.image.dims)


def _brightness(values: NDArray[Any]) -> NDArray[Any]:
    """Grey of colours ``(3, ...)``, weighted as the eye does (ITU-R BT.601)."""
    grey = np.tensordot(np.array([0.299, 0.587, 0.114]), values.astype(np.float64), 1)
    return np.rint(grey).astype(values.dtype)
