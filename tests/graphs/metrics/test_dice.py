from __future__ import annotations

import math

import numpy as np
import pytest

from graphs.metrics.dice import dice


def test_by_hand() -> None:
    one, other = np.array([1, 1, 1, 0], bool), np.array([0, 1, 1, 0], bool)
    assert dice(one, other) == 4 / 5
    assert dice(one, ~one) == 0.0
    assert math.isnan(dice(one & False, one & False))
    with pytest.raises(ValueError, match="one grid"):
        dice(one, other[:3])
