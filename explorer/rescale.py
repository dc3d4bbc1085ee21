"""From stored integers to values: slope and intercept, to int16 or float32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Rescale:
    """value = stored * slope + intercept (DICOM PS3.3 C.11.1.1.2).

    Attributes
    ----------
    slope, intercept : ndarray, float64
        Scalars ``()``, or one a slice along the leading dims (``(z,)`` or ``(t, z)``): in real
        PET they differ from slice to slice.
    dtype : numpy.dtype
        Of the values: int16 where it holds them all exactly, else float32.
    """

    slope: NDArray[np.float64]
    intercept: NDArray[np.float64]
    dtype: np.dtype[Any]

    def apply(
        self,
        stored: NDArray[Any],
        leading: tuple[Any, ...] = (),
        trailing: int = 2,
        *,
        overwrite: bool = False,
    ) -> NDArray[Any]:
        """Turn stored values into values.

        Parameters
        ----------
        stored : ndarray
            Any part of the image.
        leading : tuple
            How the dims that slope and intercept have were indexed to get it: an int, a slice
            or an index array each; empty for all of them.
        trailing : int
            How many of the in-plane dims ``(y, x)`` are left in `stored`.
        overwrite : bool
            Whether `stored` may be used for the result: it was read for this alone.

        Returns
        -------
        ndarray, shape of `stored`, int16 or float32
        """
        slope = _along(self.slope, leading, trailing)
        intercept = _along(self.intercept, leading, trailing)
        if self.dtype == np.int16:
            # wraps around and back where the sum overflows in between: exact wherever the true
            # value fits, and that is what `dtype` says
            values = _as_int16(stored, overwrite)
            if intercept.any():
                values += intercept.astype(np.int64).astype(np.int16)
            return values
        if not intercept.any() and (slope == 1).all():
            return stored.astype(np.float32)
        few = stored.dtype.kind in "iu" and stored.dtype.itemsize <= 2
        shifted = (slope == 1).all() and (intercept == np.rint(intercept)).all()
        if few and shifted and abs(intercept).max() < 2**23:
            values = stored.astype(np.float32)  # whole numbers below 2**24: exact
            values += intercept.astype(np.float32)
            return values
        if slope.ndim == intercept.ndim == 0 and few and stored.size > 2**17:
            return _by_table(stored, float(slope), float(intercept))
        return _multiply_add(stored, slope, intercept)


def _as_int16(stored: NDArray[Any], overwrite: bool) -> NDArray[np.int16]:
    if overwrite and stored.flags.writeable and stored.dtype in (np.int16, np.uint16):
        return stored.view(np.int16)  # the same bits: a copy of a volume costs as much as reading
    return stored.astype(np.int16)


def _along(
    values: NDArray[np.float64], leading: tuple[Any, ...], trailing: int
) -> NDArray[np.float64]:
    part = np.asarray(values, float)
    if part.ndim == 0:
        return part
    for axis, index in reversed(list(enumerate(leading[-part.ndim :]))):
        part = part[(slice(None),) * axis + (index,)]
    return part.reshape(part.shape + (1,) * trailing) if part.ndim else part


def _by_table(stored: NDArray[Any], slope: float, intercept: float) -> NDArray[np.float32]:
    """Look every possible value up: exact double arithmetic at the price of a gather."""
    native = stored.astype(stored.dtype.newbyteorder("="), copy=False)
    unsigned = np.dtype(f"u{native.dtype.itemsize}")
    every = np.arange(2 ** (8 * unsigned.itemsize), dtype=unsigned).view(native.dtype)
    table = (every * np.float64(slope) + intercept).astype(np.float32)
    return np.asarray(np.take(table, native.view(unsigned)))


def _multiply_add(
    stored: NDArray[Any], slope: NDArray[np.float64], intercept: NDArray[np.float64]
) -> NDArray[np.float32]:
    if stored.ndim < 3:
        return (stored * slope + intercept).astype(np.float32)
    # a slice at a time: doubles are exact, but a whole volume of them is eight bytes a voxel
    out = np.empty(stored.shape, np.float32)
    slope, intercept = (
        np.broadcast_to(v, stored.shape[:1] + v.shape[1:]) if v.ndim == stored.ndim else v
        for v in (slope, intercept)
    )
    for k in range(len(out)):
        a = slope[k] if slope.ndim == stored.ndim else slope
        b = intercept[k] if intercept.ndim == stored.ndim else intercept
        out[k] = stored[k] * a + b
    return out


def value_dtype(
    stored: np.dtype[Any], bits_stored: int, slope: Any, intercept: Any
) -> np.dtype[Any]:
    """int16 where it surely holds every value exactly, else float32.

    Parameters
    ----------
    stored : numpy.dtype
    bits_stored : int
        DICOM's BitsStored; the range of the stored values follows from it.
    slope, intercept : float or ndarray

    Returns
    -------
    numpy.dtype
    """
    slopes, shifts = np.asarray(slope, float), np.asarray(intercept, float)
    if stored.kind not in "biu" or (slopes != 1).any() or (shifts != np.rint(shifts)).any():
        return np.dtype(np.float32)
    bits = max(1, min(bits_stored, stored.itemsize * 8))
    if stored.kind == "b":
        bits = 1
    low, high = (
        (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if stored.kind == "i" else (0, 2**bits - 1)
    )
    fits = low + shifts.min() >= -32768 and high + shifts.max() <= 32767
    return np.dtype(np.int16) if fits else np.dtype(np.float32)
