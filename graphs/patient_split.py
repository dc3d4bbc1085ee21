"""patient_split: some patients to train on, the others to test on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def patient_split(
    event: NDArray[np.bool_], test: float = 0.3, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide patients at random, so that both parts have the same share of events.

    Parameters
    ----------
    event : ndarray of bool, (patient,)
        One row a patient: nobody can be on both sides.
    test : float
        Share of the patients to test on.
    seed : int

    Returns
    -------
    train, test : ndarray of int
        Positions, in ascending order.

    Raises
    ------
    ValueError
        A part would have no event.
    """
    rng = np.random.default_rng(seed)
    out: list[NDArray[np.int64]] = []
    for happened in (True, False):
        mine = np.flatnonzero(event == happened)
        out.append(rng.permutation(mine)[: round(test * len(mine))])
    held = np.sort(np.concatenate(out))
    rest = np.setdiff1d(np.arange(len(event)), held)
    if not event[held].any() or not event[rest].any():
        raise ValueError(f"{int(event.sum())} events among {len(event)} patients are too few")
    return rest, held
