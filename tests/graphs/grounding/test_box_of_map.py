"""The region that a heat map points at, and how it scores; all by hand."""

from __future__ import annotations

import numpy as np
import pytest

from graphs.errors import GroundingError
from graphs.grounding.box_of_map import box_of_map
from graphs.grounding.iobb import iobb


def test_the_region_around_the_peak() -> None:
    heat = np.zeros((6, 8))
    heat[1:3, 2:5] = 0.6
    heat[2, 4] = 1.0
    heat[5, 7] = 0.9  # another region, not as hot
    heat[3, 5] = 0.7  # touches by a corner only
    found = box_of_map(heat)
    assert found is not None
    assert (found.box, found.peak, found.value) == (((1, 3), (2, 5)), (2, 4), 1.0)
    assert (found.pixels, found.regions) == (6, 3)
    # the true box is rows 2 to 4, columns 3 to 6: 1 x 2 of the box's 2 x 3 pixels lie in it
    assert iobb(found.box, ((2, 4), (3, 6))) == pytest.approx(2 / 6)
    assert iobb(((2, 3), (3, 4)), ((2, 4), (3, 6))) == 1.0
    assert iobb(((0, 6), (0, 8)), ((2, 4), (3, 6))) == pytest.approx(6 / 48)
    assert iobb(((0, 1), (0, 1)), ((2, 4), (3, 6))) == 0.0
    assert iobb(((1, 1), (0, 1)), ((0, 4), (0, 6))) == 0.0


def test_the_threshold_and_volumes() -> None:
    heat = np.zeros((3, 4, 5))
    heat[1:, 1:3, 2] = [[0.4, 0.5], [1.0, 0.2]]
    for share, box in (
        (0.9, ((2, 3), (1, 2), (2, 3))),
        (0.45, ((2, 3), (1, 2), (2, 3))),
        (0.4, ((1, 3), (1, 3), (2, 3))),
    ):
        found = box_of_map(heat, share)
        assert found is not None
        assert found.box == box


def test_nothing_to_point_at() -> None:
    assert box_of_map(np.ones((3, 3))) is None
    with pytest.raises(GroundingError):
        box_of_map(np.array([[np.nan, 1.0]]))
    with pytest.raises(GroundingError):
        box_of_map(np.zeros((2, 2)), 1.5)
