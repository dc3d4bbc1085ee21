from __future__ import annotations

import math

import numpy as np
import pytest

from graphs.metrics.average_precision import Detection, Truth, average_precision
from graphs.metrics.iou import iou

A, B, C = ((0, 10), (0, 10)), ((20, 30), (20, 30)), ((50, 60), (50, 60))


def test_all_found_is_one() -> None:
    truths = [Truth("i", "nodule", A), Truth("i", "nodule", B)]
    found = [Detection("i", "nodule", 0.9, A), Detection("i", "nodule", 0.8, B)]
    score = average_precision(found, truths)
    assert score.value == 1.0
    assert score.parts["AP@0.75"] == 1.0
    assert average_precision([], truths).value == 0.0
    assert math.isnan(average_precision(found, []).value)


def test_a_false_one_between_by_hand() -> None:
    truths = [Truth("i", "nodule", A), Truth("i", "nodule", B)]
    found = [
        Detection("i", "nodule", 0.9, A),
        Detection("i", "nodule", 0.8, C),
        Detection("i", "nodule", 0.7, B),
    ]
    # precision 1 up to recall 1/2, then 2/3: VOC by area, COCO by its 101 points (51 and 50)
    voc = average_precision(found, truths, thresholds=(0.5,), rule="voc")
    assert voc.value == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    coco = average_precision(found, truths, thresholds=(0.5,))
    assert coco.value == pytest.approx((51 * 1 + 50 * 2 / 3) / 101)


def test_the_same_truth_is_found_once_and_only_in_its_image_and_label() -> None:
    truths = [Truth("i", "nodule", A)]
    twice = [Detection("i", "nodule", 0.9, A), Detection("i", "nodule", 0.8, A)]
    assert average_precision(twice, truths, rule="voc").value == 1.0
    late = [Detection("j", "nodule", 0.9, A), *twice]
    assert average_precision(late, truths, rule="voc").value == pytest.approx(0.5)
    assert average_precision([Detection("i", "mass", 0.9, A)], truths).value == 0.0


def test_the_threshold_decides() -> None:
    shifted = ((2, 12), (0, 10))  # IoU 80/120
    score = average_precision([Detection("i", "n", 1, shifted)], [Truth("i", "n", A)])
    assert score.parts["AP@0.65"] == 1.0
    assert score.parts["AP@0.70"] == 0.0
    assert score.value == pytest.approx(0.4)


def test_masks() -> None:
    mask = np.zeros((4, 4), bool)
    mask[:2] = True
    score = average_precision([Detection(0, "n", 1, mask)], [Truth(0, "n", mask)], overlap=iou)
    assert score.value == 1.0
