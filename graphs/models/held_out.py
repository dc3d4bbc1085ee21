"""held_out: training patients by whom the best epoch is chosen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.examples.target import Target

Rows = NDArray[np.int64]


def held_out(target: Target, share: float, seed: int) -> tuple[Rows, Rows]:
    """Positions of those to learn of, and of a part that is as they are in outcomes.

    Parameters
    ----------
    target : Target
        Known outcomes.
    share : float
        Of the patients, to hold out.
    seed : int

    Returns
    -------
    ndarray of int, ndarray of int
        Ascending. Nobody is held out where too few have the event to tell epochs apart, or where
        no two labels would be left on either side.
    """
    rng = np.random.default_rng([seed, 7])
    strata = target.strata()
    apart = []
    for stratum in np.unique(strata):
        members = rng.permutation(np.flatnonzero(strata == stratum))
        apart.append(members[: round(len(members) * share)])
    held = np.sort(np.concatenate(apart)).astype(np.int64)
    rest = np.setdiff1d(np.arange(len(target)), held).astype(np.int64)
    for side in (held, rest):
        part = target.take(side)
        told = (part.event > 0).sum() if part.timed else len(np.unique(part.label))
        if told < 2:
            return np.arange(len(target)), np.zeros(0, np.int64)
    return rest, held
