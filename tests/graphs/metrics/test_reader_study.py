from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from graphs.metrics.reader_study import (
    Share,
    Vote,
    cohen_kappa,
    fleiss_kappa,
    reader_study,
)

WINNERS: tuple[Any, ...] = ("candidate", "equal", "reference")


def _simulated(preference: dict[str, float], readers: int, pairs: int, seed: int) -> list[Vote]:
    rng = np.random.default_rng(seed)
    votes = []
    for k in range(pairs):
        stratum = "abnormal" if k % 2 else "normal"
        for reader in range(readers):
            good = rng.random() < preference[stratum]
            winner = WINNERS[int(rng.integers(2))] if good else "reference"
            votes.append(Vote(f"p{k}", f"r{reader}", winner, stratum))
    return votes


def test_a_known_preference_lies_in_the_interval() -> None:
    study = reader_study(_simulated({"normal": 0.57, "abnormal": 0.43}, 1, 600, 4))
    normal, abnormal = study.equivalent_or_better["normal"], study.equivalent_or_better["abnormal"]
    assert normal.n == abnormal.n == 300
    assert normal.low < 0.57 < normal.high
    assert abnormal.low < 0.43 < abnormal.high
    assert study.equivalent_or_better["all"].n == 600


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for hits in rng.binomial(120, 0.57, 1000):
        share = Share.of(int(hits), 120)
        inside += share.low <= 0.57 <= share.high
    assert 930 <= inside <= 970


def test_wilson_as_published() -> None:
    share = Share.of(0, 10)  # Wilson's lower end is exactly 0, the upper one z2 / (n + z2)
    z2 = 1.959963984540054**2
    assert (share.low, share.high) == pytest.approx((0.0, z2 / (10 + z2)))
    assert math.isnan(Share.of(0, 0).value)


def test_kappa_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(7)
    votes = _simulated({"normal": 0.57, "abnormal": 0.8}, 3, 80, 7)
    study = reader_study(votes)
    for (a, b), value in study.cohen.items():
        first = [one.winner for one in votes if one.reader == a]
        second = [one.winner for one in votes if one.reader == b]
        assert value == pytest.approx(cohen_kappa_score(first, second))
    same = rng.choice(WINNERS, 50).tolist()
    assert cohen_kappa(same, same) == pytest.approx(1.0)
    assert math.isnan(cohen_kappa(["equal"] * 5, ["equal"] * 5))
    assert math.isnan(cohen_kappa([], []))


def test_fleiss_by_hand() -> None:
    # Fleiss' kappa of two readers who share their marginals is Scott's pi: here by hand
    counts = np.array([[2, 0], [0, 2], [1, 1], [2, 0]])
    chance = (5 / 8) ** 2 + (3 / 8) ** 2
    assert fleiss_kappa(counts) == pytest.approx((0.75 - chance) / (1 - chance))
    assert fleiss_kappa(np.array([[3, 0], [0, 3]])) == pytest.approx(1.0)
    assert math.isnan(fleiss_kappa(np.array([[3, 0], [3, 0]])))
    with pytest.raises(ValueError, match="same number"):
        fleiss_kappa(np.array([[3, 0], [1, 1]]))


def test_fleiss_as_worked_in_the_literature() -> None:
    """14 raters, 10 subjects, 5 categories: kappa 0.210 (Fleiss 1971, as in Wikipedia's table)."""
    counts = np.array([
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ])  # fmt: skip
    assert fleiss_kappa(counts) == pytest.approx(0.210, abs=5e-4)


def test_faulty_votes_are_refused() -> None:
    vote = Vote("p", "r", "equal")
    with pytest.raises(ValueError, match="twice"):
        reader_study([vote, vote])
    with pytest.raises(ValueError, match="winner"):
        reader_study([Vote("p", "r", "A")])  # type: ignore[arg-type]
    assert "<script>" not in reader_study([Vote("p", "<script>", "equal")])._repr_html_()
