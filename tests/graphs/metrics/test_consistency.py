from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graphs.describe import describe
from graphs.metrics.claims import Claim, claims
from graphs.metrics.consistency import consistency
from graphs.text.rules import RulesExtractor


@pytest.fixture(scope="module")
def lesions(thorax: Any) -> dict[str, np.ndarray]:
    return {
        "mass": thorax.ellipsoid((36, 5, -28), (9, 7, 9)),
        "nodule": thorax.ellipsoid((36, -5, 30), (7, 7, 7)),
    }


def test_noise_and_shifts_change_no_claim(
    outlined: Callable[..., Any], thorax: Any, lesions: dict[str, np.ndarray]
) -> None:
    clean = claims(describe(outlined("0", thorax.organs, lesions), keep=False))
    assert len(clean) > 14
    random = np.random.default_rng(0)
    for k in range(3):
        noisy = thorax.values + random.normal(0, 10, thorax.shape).round().astype(np.int16)
        other = describe(outlined(f"n{k}", thorax.organs, lesions, values=noisy), keep=False)
        found = consistency(clean, claims(other))
        assert found.jaccard == 1, (found.lost, found.added)
    for axis in (0, 1, 2):
        shifted = [
            {name: np.roll(mask, 1, axis) for name, mask in masks.items()}
            for masks in (thorax.organs, lesions)
        ]
        values = np.roll(thorax.values, 1, axis)
        other = describe(outlined(f"s{axis}", *shifted, values=values), keep=False)
        assert consistency(clean, claims(other)).jaccard == 1


def test_a_drop_is_that_of_the_altered_lesion(
    outlined: Callable[..., Any], thorax: Any, lesions: dict[str, np.ndarray]
) -> None:
    altered = {**lesions, "nodule": thorax.ellipsoid((36, -5, 30), (9, 7, 7))}
    first = describe(outlined("A", thorax.organs, lesions), keep=False)
    second = describe(outlined("B", thorax.organs, altered), keep=False)
    found = consistency(claims(first), claims(second))
    nodule = "segmentations/seg-2#label=nodule"
    assert found.jaccard < 1
    assert [name for name, share in found.by_subject.items() if share < 1] == [nodule]
    assert {"longest_mm", "volume_ml"} <= {one.slot for one in found.lost}
    # the same by what an extractor reads in the texts
    texts = [claims(RulesExtractor().extract(one.text)) for one in (first, second)]
    read = consistency(*texts)
    assert read.by_subject["mass right lung_right"] == 1
    assert read.by_subject["nodule left lung_left"] < 1


def test_by_hand() -> None:
    a = [Claim("x", "size", 10.0, "mm"), Claim("x", "side", "left"), Claim("y", "side", "left")]
    b = [Claim("x", "size", 10.05, "mm"), Claim("x", "side", "right"), Claim("y", "side", "left")]
    found = consistency(a, b)
    assert found.jaccard == pytest.approx(2 / 4)
    assert found.by_subject == {"x": pytest.approx(1 / 3), "y": 1}
    assert found.lost == (a[1],)
    assert found.added == (b[1],)
    assert consistency(a, b, {}).jaccard == pytest.approx(1 / 5)
    assert consistency([], []).jaccard == 1
    assert consistency(a, a).jaccard == 1
