from __future__ import annotations

import numpy as np
import pytest

from graphs.evaluation.corrected_t import corrected_t


def test_it_is_the_t_test_with_a_larger_variance() -> None:
    from scipy.stats import t, ttest_1samp

    off = np.array([0.02, 0.01, 0.03, 0.02, 0.05])
    plain = corrected_t(off, 0.0)
    assert plain.p == pytest.approx(ttest_1samp(off, 0).pvalue)
    # Nadeau and Bengio: 1/5 + 1/4 instead of 1/5
    wide = np.sqrt(0.45 * off.var(ddof=1))
    assert corrected_t(off, 0.25).p == pytest.approx(2 * t.sf(off.mean() / wide, 4))
    assert np.isnan(corrected_t([0.1], 0.25).p)
    assert corrected_t([0.0, 0.0], 0.25).p == 1
