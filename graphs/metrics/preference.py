"""preference: an order of methods from votes on pairs, by Bradley and Terry's model."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.html import table_html

_NORMAL = 1.959963984540054  # of 95 %


@dataclass(frozen=True)
class Preferred:
    """One method's place.

    Attributes
    ----------
    name : str
    strength, low, high : float
        Log odds against the mean of all methods, with its interval of 95 %.
    votes : int
        Votes in which it stood.
    won : float
        Of them; a tie is half a win.
    """

    name: str
    strength: float
    low: float
    high: float
    votes: int
    won: float


@dataclass(frozen=True)
class Preference:
    """What votes on pairs say.

    Attributes
    ----------
    order : tuple of Preferred
        The strongest first. Empty where the votes give no order.
    why : str
        Why there is none; empty where there is one.
    votes : int
    readers : int
        Where readers are named, the intervals allow for one reader's votes being alike.
    """

    order: tuple[Preferred, ...]
    why: str
    votes: int
    readers: int

    @property
    def names(self) -> tuple[str, ...]:
        """The methods, the strongest first."""
        return tuple(one.name for one in self.order)

    def _repr_html_(self) -> str:
        rows: list[list[Any]] = [
            [one.name, f"{one.strength:.2f} [{one.low:.2f}, {one.high:.2f}]", one.votes, one.won]
            for one in self.order
        ]
        caption = self.why or f"{self.votes} votes of {self.readers or 'unnamed'} readers"
        return table_html(["method", "log odds [95 %]", "votes", "won"], rows, caption)


def preference(
    votes: Iterable[tuple[str, str, float] | tuple[str, str, float, str]],
) -> Preference:
    """Order methods by pairwise votes.

    Parameters
    ----------
    votes : iterable of tuple
        ``(first, second, first's share)`` and, where known, the reader: 1 where the first won, 0
        where the second did, 0.5 for a tie, which counts as half a win of each.

    Returns
    -------
    Preference
        Without an order where the methods fall into groups of which no one ever won, or lost,
        against another: the odds would be infinite (Ford 1957).

    Raises
    ------
    ValueError
        A vote is of one method alone, or its share is not in 0 to 1.

    Notes
    -----
    The model (Bradley and Terry 1952) is a logistic regression without intercept, fitted by
    statsmodels; with four named readers or more the covariance is clustered by reader.
    """
    every = [(*one, "")[:4] for one in votes]
    names = sorted({name for one in every for name in one[:2]})
    place = {name: k for k, name in enumerate(names)}
    for first, second, share, _ in every:
        if first == second or not 0 <= share <= 1:
            raise ValueError(f"A vote of {first!r} against {second!r} with the share {share!r}")
    readers = sorted({str(one[3]) for one in every} - {""})
    ends = np.array([(place[a], place[b]) for a, b, _, _ in every], int).reshape(-1, 2)
    share = np.array([one[2] for one in every], float)
    why = _no_order(ends, share, len(names))
    if why:
        return Preference((), why, len(every), len(readers))
    groups = np.array([readers.index(str(one[3])) if one[3] else -1 for one in every])
    strength, wide = _fit(ends, share, len(names), groups if (groups >= 0).all() else None)
    stood = np.bincount(ends.ravel(), minlength=len(names))
    won = np.bincount(ends[:, 0], share, len(names)) + np.bincount(
        ends[:, 1], 1 - share, len(names)
    )
    found = [
        Preferred(name, float(strength[k]), float(strength[k] - _NORMAL * wide[k]),
                  float(strength[k] + _NORMAL * wide[k]), int(stood[k]), float(won[k]))
        for name, k in place.items()
    ]  # fmt: skip
    found.sort(key=lambda one: (-one.strength, one.name))
    return Preference(tuple(found), "", len(every), len(readers))


def _no_order(ends: NDArray[Any], share: NDArray[Any], count: int) -> str:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if count < 2:
        return "cannot tell: fewer than two methods"
    wins = [ends[share > 0], ends[share < 1][:, ::-1]]
    tail, head = np.concatenate(wins).T
    graph = coo_matrix((np.ones(len(tail)), (tail, head)), shape=(count, count))
    groups, _ = connected_components(graph, connection="strong")
    if groups == 1:
        return ""
    return f"cannot tell: {groups} groups of methods, of which one never won against another"


def _fit(
    ends: NDArray[Any], share: NDArray[Any], count: int, groups: NDArray[Any] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Strengths against their mean, and their standard errors."""
    import statsmodels.api as sm

    design = np.zeros((len(ends), count))
    rows = np.arange(len(ends))
    design[rows, ends[:, 0]], design[rows, ends[:, 1]] = 1, -1
    # the first one is the zero point; the mean of all is one that does not depend on names
    model = sm.GLM(share, design[:, 1:], family=sm.families.Binomial())
    clustered = groups is not None and len(np.unique(groups)) >= 4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shares of 0.5 are no counts, and are meant
        fit = (
            model.fit(cov_type="cluster", cov_kwds={"groups": groups}) if clustered else model.fit()
        )
    center = np.eye(count)[:, 1:] - 1 / count
    strength = center @ np.asarray(fit.params)
    covariance = center @ np.asarray(fit.cov_params()) @ center.T
    return strength, np.sqrt(np.maximum(np.diag(covariance), 0))
