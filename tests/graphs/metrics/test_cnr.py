from __future__ import annotations

import math

import numpy as np

from graphs.metrics.cnr import cnr


def test_by_hand() -> None:
    heat = np.array([1.0, 3.0, 0.0, 0.0])  # inside: mean 2, variance 1; outside: 0, 0
    region = np.array([True, True, False, False])
    assert cnr(heat, region) == 2.0
    assert cnr(-heat, region) == 2.0
    assert cnr(np.ones(4), region) == 0.0
    assert cnr(region.astype(float), region) == math.inf
    assert math.isnan(cnr(heat, region | True))
