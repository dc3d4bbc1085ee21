from __future__ import annotations

import math

import numpy as np

from graphs.metrics.pointing_game import pointing_game

REGION = np.array([[True, False], [False, False]])


def test_by_hand() -> None:
    assert pointing_game(np.array([[0.9, 0.1], [0.2, 0.3]]), REGION) == 1.0
    assert pointing_game(np.array([[0.1, 0.9], [0.2, 0.3]]), REGION) == 0.0


def test_equal_maxima_share() -> None:
    assert pointing_game(np.ones((2, 2)), REGION) == 0.25
    assert pointing_game(np.array([[1.0, 1.0], [0.0, np.nan]]), REGION) == 0.5


def test_nothing_to_point_at() -> None:
    assert math.isnan(pointing_game(np.ones((2, 2)), REGION & False))
    assert math.isnan(pointing_game(np.full((2, 2), np.nan), REGION))
