"""WaveFeatures: what can be measured of a signal: heart rate, amplitudes, spectrum."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from graphs.encoders.encoder import Encoder

NAMES = (
    "duration s", "channels", "heart rate /min", "RR standard deviation ms", "RMSSD ms",
    "beats found by half the channels", "standard deviation", "peak to peak", "skewness",
    "kurtosis", "zero crossings /s", "dominant frequency Hz", "spectral entropy",
    "power below 0.5 Hz", "power 0.5-5 Hz", "power 5-15 Hz", "power 15-40 Hz",
    "power above 40 Hz", "first component's share",
)  # fmt: skip
_BANDS = ((0.0, 0.5), (0.5, 5.0), (5.0, 15.0), (15.0, 40.0), (40.0, np.inf))
_MILLIVOLT = {"V": 1e3, "mV": 1.0, "uV": 1e-3, "µV": 1e-3, "nV": 1e-6}


class WaveFeatures(Encoder):
    """Measured features of a recording; medians over its channels, nothing is learnt.

    Beats are the peaks of the squared slope between 5 and 15 Hz (the idea of Pan and Tompkins
    1985), at least 0.25 s apart. Where no beats of 25 to 250 a minute are found, their numbers
    are NaN: not known. Voltages are in mV; other units stay what they are.
    """

    TAKES: ClassVar[str] = "signal"
    name = "wave features"
    trained_on: frozenset[str] | None = frozenset()

    def __init__(self) -> None:
        self.dim = len(NAMES)
        self.settings: dict[str, Any] = {}
        said = f"{self.name} {self.version} {NAMES}"
        self.sha256 = hashlib.sha256(said.encode()).hexdigest()

    @property
    def features(self) -> tuple[str, ...]:
        """Names with their units; powers are shares of the whole."""
        return NAMES

    def encode(self, batch: Sequence[xr.DataArray]) -> NDArray[np.float32]:
        """Encode recordings; see `Encoder.encode`."""
        found = np.full((len(batch), self.dim), np.nan, np.float32)
        for k, one in enumerate(batch):
            found[k] = _measured(in_millivolt(one), float(one.attrs["sampling_hz"]))
        return found


def in_millivolt(signal: xr.DataArray) -> NDArray[np.float64]:
    """Values (channel, time); what is missing is bridged linearly, a channel without a value 0."""
    units = (
        signal.attrs.get("channel_units") or [signal.attrs.get("units")] * signal.sizes["channel"]
    )
    factor = np.array([_MILLIVOLT.get(str(unit), 1.0) for unit in units])
    values = np.asarray(signal.values, np.float64) * factor[:, None]
    for row in values:
        held = np.isfinite(row)
        if not held.any():
            row[:] = 0
        elif not held.all():
            row[~held] = np.interp(np.flatnonzero(~held), np.flatnonzero(held), row[held])
    return np.asarray(values, np.float64)


def _measured(values: NDArray[np.float64], hz: float) -> NDArray[np.float64]:
    from scipy import signal, stats

    found = dict.fromkeys(NAMES, np.nan)
    channels, samples = values.shape
    found["duration s"], found["channels"] = samples / hz, float(channels)
    values = values - np.median(values, axis=1, keepdims=True)
    spread = values.std(axis=1)
    alive = values[spread > 0]
    if not len(alive) or samples < hz:
        return np.array(list(found.values()))
    spread = spread[spread > 0]
    found["standard deviation"] = float(np.median(spread))
    found["peak to peak"] = float(np.median(np.ptp(alive, axis=1)))
    found["skewness"] = float(np.median(stats.skew(alive, axis=1)))
    found["kurtosis"] = float(np.median(stats.kurtosis(alive, axis=1)))
    crossed = (np.diff(np.signbit(alive), axis=1) != 0).sum(axis=1)
    found["zero crossings /s"] = float(np.median(crossed) * hz / samples)
    scaled = alive / spread[:, None]
    found["first component's share"] = float(
        np.linalg.eigvalsh(scaled @ scaled.T / samples)[-1] / len(alive)
    )
    at, power = signal.welch(alive, hz, nperseg=min(samples, int(4 * hz)), axis=1)
    share = power / np.maximum(power.sum(axis=1, keepdims=True), 1e-300)
    for (low, high), name in zip(_BANDS, [n for n in NAMES if n.startswith("power")], strict=True):
        found[name] = float(np.median(share[:, (at >= low) & (at < high)].sum(axis=1)))
    found["dominant frequency Hz"] = float(np.median(at[share.argmax(axis=1)]))
    entropy = -(share * np.log(np.maximum(share, 1e-300))).sum(axis=1) / np.log(len(at))
    found["spectral entropy"] = float(np.median(entropy))
    found |= _beats(alive, hz)
    return np.array(list(found.values()))


def _beats(values: NDArray[np.float64], hz: float) -> dict[str, float]:
    """Rate and variation of the beats; of the channel with the median count."""
    from scipy import signal

    if hz < 40 or values.shape[1] < 3 * hz:
        return {}
    band = signal.butter(2, (5, min(15, 0.45 * hz)), "bandpass", fs=hz, output="sos")
    steep = np.gradient(signal.sosfiltfilt(band, values, axis=1), axis=1) ** 2
    width = max(int(0.12 * hz), 1)
    energy = np.apply_along_axis(
        lambda row: np.convolve(row, np.ones(width) / width, "same"), 1, steep
    )
    peaks = []
    for row in energy:
        # a share of what the largest beats reach, whatever one artefact does
        high = np.median(
            [part.max() for part in np.array_split(row, max(len(row) // int(2 * hz), 1))]
        )
        peaks.append(signal.find_peaks(row, height=0.3 * high, distance=int(0.25 * hz))[0])
    counts = np.array([len(one) for one in peaks])
    chosen = peaks[int(np.argsort(counts, kind="stable")[(len(counts) - 1) // 2])]
    if len(chosen) < 3:
        return {}
    between = np.diff(chosen) / hz
    rate = 60 / float(np.median(between))
    if not 25 <= rate <= 250:
        return {}
    return {
        "heart rate /min": rate,
        "RR standard deviation ms": float(between.std() * 1000),
        "RMSSD ms": float(np.sqrt(np.mean(np.diff(between) ** 2)) * 1000),
        "beats found by half the channels": float(np.median(counts)),
    }
