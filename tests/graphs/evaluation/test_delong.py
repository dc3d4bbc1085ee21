from __future__ import annotations

import numpy as np
import pytest

from graphs.evaluation.delong import delong


def covariance(label: np.ndarray, risks: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """By the definition of DeLong et al. 1988, pair by pair."""
    case, other = label == 1, label == 0
    kernel = [(r[case][:, None] > r[other]) + 0.5 * (r[case][:, None] == r[other]) for r in risks]
    v10, v01 = np.stack([k.mean(1) for k in kernel]), np.stack([k.mean(0) for k in kernel])
    s = np.cov(v10) / case.sum() + np.cov(v01) / other.sum()
    return np.array([k.mean() for k in kernel]), s


def test_variance_is_that_of_the_definition() -> None:
    from scipy.stats import norm

    rng = np.random.default_rng(2)
    label = rng.integers(0, 2, 90).astype(float)
    first = np.round(label + rng.normal(size=90), 1)
    second = np.round(label / 2 + rng.normal(size=90), 1)
    auc, s = covariance(label, [first, second])
    one = delong([label], [first])
    assert one.value == pytest.approx(auc[0])
    assert one.high - one.value == pytest.approx(1.959964 * np.sqrt(s[0, 0]), rel=1e-6)
    off = delong([label], [first], [second])
    wide = np.sqrt(s[0, 0] + s[1, 1] - 2 * s[0, 1])
    assert off.value == pytest.approx(auc[0] - auc[1])
    assert off.p == pytest.approx(2 * norm.sf(abs(auc[0] - auc[1]) / wide))


def test_folds_are_pooled_and_a_fold_without_cases_is_passed_over() -> None:
    rng = np.random.default_rng(2)
    label = rng.integers(0, 2, 60).astype(float)
    risk = label + rng.normal(size=60)
    alone = delong([label], [risk])
    with_empty = delong([label, np.zeros(5)], [risk, np.ones(5)])
    assert (with_empty.value, with_empty.low) == (alone.value, alone.low)
    assert np.isnan(delong([np.zeros(5)], [np.ones(5)]).value)
    assert delong([label], [risk], [risk]).p == 1
