"""place_groups: whole groups into parts, so that nothing is far from its share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PASSES = 8
_SWAPPED = 160  # pairs of so many groups are tried


def place_groups(counts: Floats, target: Floats, have: Floats) -> list[int]:
    """Choose a part for each group.

    The largest first, each where the sum of ``(have - target)^2 / target`` grows least, as in
    scikit-learn's StratifiedGroupKFold, which knows only equal parts; then groups are moved, and
    pairs of them swapped, as long as that helps.

    Parameters
    ----------
    counts : ndarray, (group, row)
        Patients of each group in each row of what is balanced; row 0 is all patients.
    target : ndarray, (row, part)
        Patients that a part should have.
    have : ndarray, (row, part)
        Patients that it has already; those of the groups are added.

    Returns
    -------
    list of int, (group,)
    """
    weight = 1.0 / np.maximum(target.sum(axis=1), 1.0)
    # all patients count as much as everything else together: shares were asked for
    weight[0] *= max(1.0, float(len(target) - 1) ** 0.5)
    size = counts[:, 0]
    part = np.full(len(counts), -1, np.int64)
    for k in np.argsort(-size, kind="stable"):
        part[k] = int(np.argmin(_growth(counts[k], target, have, weight)))
        have[:, part[k]] += counts[k]
    for _ in range(_PASSES):
        if not (_move(counts, target, have, weight, part)
                | _swap(counts, target, have, weight, part)):  # fmt: skip
            break
    return [int(one) for one in part]


def _growth(group: Floats, target: Floats, have: Floats, weight: Floats) -> Floats:
    """How much worse it becomes by adding a group to each part."""
    off = have - target
    share = np.maximum(target, 1e-9) / np.maximum(target.sum(axis=1, keepdims=True), 1e-9)
    scaled = (weight[:, None] / np.maximum(share, 1e-3)) * (
        2 * off * group[:, None] + group[:, None] ** 2
    )
    return np.asarray(scaled.sum(axis=0))


def _move(counts: Floats, target: Floats, have: Floats, weight: Floats, part: Ints) -> bool:
    moved = False
    for k, group in enumerate(counts):
        was = int(part[k])
        have[:, was] -= group
        growth = _growth(group, target, have, weight)
        best = int(np.argmin(growth))
        if growth[best] < growth[was] - 1e-9:
            part[k], moved = best, True
        have[:, int(part[k])] += group
    return moved


def _swap(counts: Floats, target: Floats, have: Floats, weight: Floats, part: Ints) -> bool:
    if len(counts) > _SWAPPED:
        return False
    moved = False
    for i in range(len(counts)):
        for j in range(i + 1, len(counts)):
            a, b = int(part[i]), int(part[j])
            if a == b:
                continue
            change = counts[j] - counts[i]
            gain = (
                _growth(change, target, have, weight)[a]
                + (_growth(-change, target, have, weight)[b])
            )
            if gain < -1e-9:
                have[:, a] += change
                have[:, b] -= change
                part[i], part[j], moved = b, a, True
    return moved
