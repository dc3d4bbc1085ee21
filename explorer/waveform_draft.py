"""What a reader of signals hands to the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import Source


@dataclass
class WaveformDraft:
    """Signals over time, all with one sampling frequency.

    Attributes
    ----------
    item, modality, name, sources, acquired, problems, meta, synthetic
        As in `ImageDraft`; modality is 'ECG', 'EEG', 'HD', ...
    channels : list of str
        Names, one a channel, unique.
    units : list of str
        UCUM, one a channel: 'mV', ...; '1' where the source does not say it.
    sampling_hz : float
        Samples a second.
    shape : tuple of int
        ``(channel, time)``.
    dtype : numpy.dtype
        Of the stored samples.
    load : callable
        Returns the stored samples, `shape` and `dtype`; may raise FileRefusedError.
    slope, intercept : ndarray, (channel,), float64
        value = stored * slope + intercept.
    start_s : float
        Seconds of the first sample from the start of the recording.
    """

    item: str
    modality: str
    name: str
    channels: list[str]
    units: list[str]
    sampling_hz: float
    shape: tuple[int, int]
    dtype: np.dtype[Any]
    load: Callable[[], NDArray[Any]]
    sources: list[Source]
    slope: NDArray[np.float64]
    intercept: NDArray[np.float64]
    start_s: float = 0.0
    acquired: str | None = None
    problems: list[str] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    synthetic: bool = False
