from __future__ import annotations

import numpy as np
import pytest

from graphs.evaluation.mcnemar import mcnemar


def test_it_is_statsmodels_exact_test_and_says_what_it_means() -> None:
    from statsmodels.stats.contingency_tables import mcnemar as known

    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 300)
    first = np.where(rng.random(300) < 0.8, truth, 1 - truth)
    second = np.where(rng.random(300) < 0.78, truth, 1 - truth)
    found = mcnemar(truth, first, second)
    table = [[found.both, found.first], [found.second, found.neither]]
    assert found.p == pytest.approx(known(table, exact=True).pvalue)
    assert found.p > 0.05
    assert str(found).startswith("not different")
    poor = np.where(rng.random(300) < 0.5, truth, 1 - truth)
    assert str(mcnemar(truth, first, poor)).startswith("the first is right more often")
    assert mcnemar(truth, first, poor).difference == pytest.approx(
        (first == truth).mean() - (poor == truth).mean()
    )


def test_the_same_answers_are_not_different() -> None:
    assert mcnemar([1, 0], [1, 1], [1, 1]).p == 1
    with pytest.raises(ValueError, match="same patients"):
        mcnemar([1, 0], [1], [1])
