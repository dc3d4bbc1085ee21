from __future__ import annotations

import math

import numpy as np
import pytest

from graphs.metrics.iou import box_iou, iou


def _mask(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    mask = np.zeros((10, 10), bool)
    for y0, y1, x0, x1 in boxes:
        mask[y0:y1, x0:x1] = True
    return mask


def test_by_hand() -> None:
    one, other = _mask((0, 4, 0, 4)), _mask((2, 6, 2, 6))
    assert iou(one, other) == 4 / 28
    assert iou(one, one) == 1.0
    assert iou(one, _mask((6, 8, 6, 8))) == 0.0
    assert math.isnan(iou(_mask(), _mask()))


def test_boxes_are_what_their_masks_are() -> None:
    one, other = ((0, 4), (0, 4)), ((2, 6), (2, 6))
    assert box_iou(one, other) == 4 / 28
    assert box_iou(((0, 2), (0, 2), (0, 2)), ((1, 3), (0, 2), (0, 2))) == pytest.approx(4 / 12)
    assert box_iou(((0, 2), (0, 2)), ((2, 4), (0, 2))) == 0.0
    assert math.isnan(box_iou(((0, 0), (0, 2)), ((1, 1), (0, 2))))


def test_two_grids_are_refused() -> None:
    with pytest.raises(ValueError, match="one grid"):
        iou(np.zeros((2, 2), bool), np.zeros((2, 3), bool))
