"""Waveform: signals over time, such as an ECG."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
import zarr
from numpy.typing import NDArray

from explorer.item import Item
from explorer.lazy import LazyValues, lazy_variable


class Waveform(Item):
    """Signals of one recording, ``(channel, time)``.

    Attributes
    ----------
    channels, channel_units : list of str
        One a channel; units by UCUM.
    sampling_hz : float
        Samples a second.
    """

    collection = "waveforms"

    @property
    def stored(self) -> zarr.Array[Any]:
        """The source's own numbers, ``(channel, time)``."""
        found = self.group["samples"]
        if not isinstance(found, zarr.Array):
            raise TypeError(f"{self.where}: 'samples' is a group")
        return found

    @property
    def channels(self) -> list[str]:
        """Names of the channels."""
        return list(self._row["labels"] or [])

    @property
    def units(self) -> str:
        """Unit of every channel, '1' where they differ (see `channel_units`)."""
        return str(self._row["units"] or "1")

    @cached_property
    def channel_units(self) -> list[str]:
        """Units, one a channel."""
        found: Any = self.group.attrs["units"]
        return [str(unit) for unit in found]

    @cached_property
    def sampling_hz(self) -> float:
        """Samples a second."""
        found: Any = self.group.attrs["sampling_hz"]
        return float(found)

    @property
    def duration_s(self) -> float:
        """Length of the recording in seconds."""
        return self.shape[1] / self.sampling_hz

    @cached_property
    def _scale(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        slope, intercept = (np.asarray(self.group[n][...], float) for n in ("slope", "intercept"))  # type: ignore[index]
        return slope, intercept

    def _convert(self, stored: NDArray[Any], index: tuple[Any, ...]) -> NDArray[Any]:
        slope, intercept = (each[index[0]] for each in self._scale)
        if stored.ndim and not isinstance(index[0], int | np.integer):
            trailing = (1,) * (stored.ndim - 1)
            slope, intercept = slope.reshape(-1, *trailing), intercept.reshape(-1, *trailing)
        return np.asarray(stored * slope + intercept, np.float32)

    @property
    def data(self) -> xr.DataArray:
        """The values, read when looked at.

        Returns
        -------
        xarray.DataArray
            ``(channel, time)`` float32 in `channel_units`; ``time`` in seconds from the start of
            the recording.
        """
        lazy = LazyValues(self.stored, self._convert, np.dtype(np.float32), self.where)
        attrs = {
            "units": self.units,
            "channel_units": self.channel_units,
            "sampling_hz": self.sampling_hz,
            "address": str(self.address),
        }
        start: Any = self.group.attrs.get("start_s", 0.0)
        seconds = float(start) + np.arange(self.shape[1]) / self.sampling_hz
        return xr.DataArray(
            lazy_variable(lazy, self.dims, attrs),
            coords={"channel": self.channels, "time": ("time", seconds, {"units": "s"})},
            name=self.modality.lower(),
        )

    def _repr_html_(self) -> str:
        from explorer.waveform_html import waveform_html

        return waveform_html(self)
