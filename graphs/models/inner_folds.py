"""inner_folds: folds of the training patients, for choices that are made within `fit`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from graphs.examples.target import Target

Places = NDArray[np.int64]


def inner_folds(target: Target, folds: int, seed: int) -> Iterator[tuple[Places, Places]]:
    """Positions to learn of, and the others; balanced by event, class or value.

    Parameters
    ----------
    target : Target
    folds : int
        Fewer where the rarest event or class has fewer patients; never below 2.
    seed : int
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    strata = target.strata()
    count = np.unique(strata, return_counts=True)[1]
    fewest = int(count.min())
    if fewest >= 2:
        split = StratifiedKFold(min(folds, fewest), shuffle=True, random_state=seed)
    else:
        split = KFold(min(folds, len(target)), shuffle=True, random_state=seed)
    yield from split.split(strata, strata)
