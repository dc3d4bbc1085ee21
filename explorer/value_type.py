"""The type of an image's values: int16 where it holds every one of them, else float32."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import ImageDraft
from explorer.rescale import value_dtype


def value_type(draft: ImageDraft, values: NDArray[Any] | None) -> np.dtype[Any]:
    """Find the type, looking at the pixels where BitsStored alone does not settle it.

    Most CT has 16 bits stored and values that int16 holds with ease; float32 would double what
    is kept in memory and sent to the viewer.

    Parameters
    ----------
    draft : ImageDraft
    values : ndarray or None
        The stored values where they are at hand; else the draft's frames are read, one at a time.

    Returns
    -------
    numpy.dtype
        int16 or float32.
    """
    sure = value_dtype(draft.dtype, draft.bits_stored, draft.slope, draft.intercept)
    whole = value_dtype(draft.dtype, 1, draft.slope, draft.intercept) == np.int16
    if sure == np.int16 or not whole or draft.dtype.itemsize > 4:
        return sure
    low, high = _range(draft, values)
    shifts = np.asarray(draft.intercept, float)
    fits = low + shifts.min() >= -32768 and high + shifts.max() <= 32767
    return np.dtype(np.int16) if fits else sure


def _range(draft: ImageDraft, values: NDArray[Any] | None) -> tuple[int, int]:
    if values is not None:
        return int(values.min()), int(values.max())
    lows, highs = [], []
    count = int(np.prod(draft.shape[-2:]))
    paths = {source.uri: source.path for source in draft.sources}  # an object's is a copy of it
    for frame in draft.frames or []:
        plane = np.fromfile(
            paths.get(frame.uri, Path(frame.uri)), draft.dtype, count, offset=frame.offset
        )
        lows.append(int(plane.min()))
        highs.append(int(plane.max()))
    return min(lows), max(highs)
