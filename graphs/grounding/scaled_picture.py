"""Scaled picture: any image's values as about 0 to 1, the same way for training and for use."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def scaled_picture(values: NDArray[Any]) -> NDArray[np.float32]:
    """Stretch values so that their 10th and 90th percentiles are 0 and 1; cut at -1 and 2.

    Not by the extremes: then a small bright lesion would darken all the rest, and a model would
    learn to tell by the rest that it is there.

    Parameters
    ----------
    values : ndarray
        Of a picture or of a whole volume, so that its slices stay comparable. What is not finite
        counts as 0.
    """
    given = np.asarray(values, np.float32)
    finite = given[np.isfinite(given)]
    low, high = np.percentile(finite, (10, 90)) if finite.size else (0.0, 1.0)
    stretched = (np.nan_to_num(given) - low) / max(float(high - low), 1e-6)
    return np.clip(stretched, -1, 2).astype(np.float32)
