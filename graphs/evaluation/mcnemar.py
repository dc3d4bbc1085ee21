"""mcnemar: are two classifiers right on different patients more often than by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

_LEVEL = 0.05


@dataclass(frozen=True)
class McNemar:
    """What two classifiers' answers on the same patients say.

    Attributes
    ----------
    both, first, second, neither : int
        Patients on whom both, only the first, only the second, and neither was right.
    p : float
        Exact and two-sided; 1 where they are never right apart.
    """

    both: int
    first: int
    second: int
    neither: int
    p: float

    @property
    def difference(self) -> float:
        """Accuracy of the first minus that of the second."""
        n = self.both + self.first + self.second + self.neither
        return (self.first - self.second) / n if n else float("nan")

    def __str__(self) -> str:
        said = f"p = {self.p:.4f}".replace("0.", ".", 1)
        if self.p >= _LEVEL:
            return f"not different ({said})"
        better = "first" if self.first > self.second else "second"
        return f"the {better} is right more often ({said})"


def mcnemar(truth: ArrayLike, first: ArrayLike, second: ArrayLike) -> McNemar:
    """McNemar's test by the binomial distribution (1947).

    Parameters
    ----------
    truth, first, second : array_like, (patient,)
        Labels, and what each classifier said.

    Raises
    ------
    ValueError
        They are not of the same patients.
    """
    from scipy.stats import binomtest

    true, one, other = (np.asarray(values) for values in (truth, first, second))
    if not true.shape == one.shape == other.shape:
        raise ValueError("Labels and answers must be of the same patients")
    right, also = one == true, other == true
    b, c = int((right & ~also).sum()), int((~right & also).sum())
    p = float(binomtest(b, b + c, 0.5).pvalue) if b + c else 1.0
    return McNemar(int((right & also).sum()), b, c, int((~right & ~also).sum()), p)
