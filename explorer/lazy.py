"""Arrays that are read when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import icechunk
import numpy as np
import xarray as xr
import zarr
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

from explorer.errors import SourceChangedError
from explorer.fork import refuse_fork


def read_stored(array: zarr.Array[Any], index: Any, where: str) -> NDArray[Any]:
    """Read part of a stored array.

    Parameters
    ----------
    array : zarr.Array
    index : tuple
        Basic or orthogonal.
    where : str
        Patient and item, for the error.

    Raises
    ------
    SourceChangedError
        The pixels are by reference, and their file is gone or was changed.
    """
    refuse_fork()
    try:
        # orthogonal selection copies once more, which a plain one does not need
        plain = all(isinstance(i, int | np.integer | slice) for i in index)
        return np.asarray(array[index] if plain else array.oindex[index])
    except icechunk.IcechunkError as error:
        text = str(error)
        raise SourceChangedError(
            f"The pixels cannot be read: {text.splitlines()[0][:300]}",
            expected="the source files where they lay at ingest, unchanged",
            where=where,
            do="bring the files back, or ingest them again (a changed source becomes a new "
            "version); `oncograph verify` lists every file concerned",
        ) from error


class LazyValues(BackendArray):
    """Values of a stored array, read and rescaled on access.

    Parameters
    ----------
    array : zarr.Array
    convert : callable
        ``convert(stored, index)`` gives the values of what was read.
    dtype : numpy.dtype
        Of the values.
    where : str
        Patient and item, for errors.
    read : callable, optional
        ``read(index)`` gives what is stored, where there is a shorter way to it than `array`.
    """

    def __init__(
        self,
        array: zarr.Array[Any],
        convert: Callable[[NDArray[Any], tuple[Any, ...]], NDArray[Any]],
        dtype: np.dtype[Any],
        where: str,
        read: Callable[[tuple[Any, ...]], NDArray[Any]] | None = None,
    ) -> None:
        self.array = array
        self.convert = convert
        self.shape = array.shape
        self.dtype = dtype
        self.where = where
        self._shortcut = read

    def __getitem__(self, key: Any) -> NDArray[Any]:
        return np.asarray(
            indexing.explicit_indexing_adapter(
                key, self.shape, indexing.IndexingSupport.OUTER, self._read
            )
        )

    def _read(self, index: tuple[Any, ...]) -> NDArray[Any]:
        if self._shortcut is not None:
            return self.convert(self._shortcut(index), index)
        return self.convert(read_stored(self.array, index, self.where), index)


def lazy_variable(values: LazyValues, dims: tuple[str, ...], attrs: dict[str, Any]) -> xr.Variable:
    """Wrap lazy values as an xarray variable; nothing is read, and slices stay lazy."""
    return xr.Variable(dims, indexing.LazilyIndexedArray(values), attrs)
