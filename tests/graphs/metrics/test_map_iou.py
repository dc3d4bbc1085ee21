from __future__ import annotations

import math

import numpy as np

from graphs.metrics.map_iou import map_iou


def test_by_hand() -> None:
    region = np.array([True, True, False, False])
    # above 0.1: three, 2/3; above 0.2: the two, 1; above 0.3: one, 1/2; above 0.4, 0.5: one, none
    heat = np.array([0.45, 0.25, 0.15, 0.0])
    assert math.isclose(map_iou(heat, region), (2 / 3 + 1 + 1 / 2 + 1 / 2 + 0) / 5)
    assert map_iou(np.array([1.0, 1, 0, 0]), region) == 1.0
    assert math.isnan(map_iou(heat, region & False))
