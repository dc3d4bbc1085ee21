"""The values of an image as a dask array: what is drawn is read, and nothing else."""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
from numpy.typing import NDArray

from explorer.image import Image


class _Values:
    """What dask slices: an image's values in their units."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self.shape, self.dtype, self.ndim = image.shape, image.value_dtype, len(image.shape)

    def __getitem__(self, index: Any) -> NDArray[Any]:
        return self._image.read(index if isinstance(index, tuple) else (index,))


def lazy_pixels(image: Image) -> da.Array:
    """Values of an image, a block a stored chunk.

    Parameters
    ----------
    image : Image

    Returns
    -------
    dask.array.Array
        In the order of ``image.dims`` and in ``image.units``; colours are last, as uint8.
    """
    lazy: da.Array = da.from_array(  # type: ignore[no-untyped-call]
        _Values(image),
        chunks=image.stored.chunks,
        asarray=False,
        meta=np.empty(0, image.value_dtype),
    )
    if "c" in image.dims:
        lazy = da.moveaxis(lazy, image.dims.index("c"), -1)
        lazy = lazy.rechunk({-1: -1})  # type: ignore[no-untyped-call]
        lazy = da.clip(lazy, 0, 255).astype(np.uint8)
    return lazy
