"""reader_study: how often blinded readers find a text equivalent or better, and how they agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from explorer.html import table_html

Winner = Literal["candidate", "equal", "reference"]
_WINNERS: tuple[Winner, ...] = ("candidate", "equal", "reference")


@dataclass(frozen=True)
class Vote:
    """One reader's word on one pair of texts.

    Attributes
    ----------
    pair, reader : str
    winner : {'candidate', 'equal', 'reference'}
    stratum : str
        'normal', 'abnormal', or what else the pairs are told apart by.
    """

    pair: str
    reader: str
    winner: Winner
    stratum: str = ""


@dataclass(frozen=True)
class Share:
    """A proportion with its interval.

    Attributes
    ----------
    hits, n : int
    value, low, high : float
        NaN where `n` is 0; the interval is Wilson's of 95 %.
    """

    hits: int
    n: int
    value: float
    low: float
    high: float

    @classmethod
    def of(cls, hits: int, n: int) -> Share:
        """Of so many hits in so many votes (Wilson 1927, by scipy)."""
        from scipy.stats import binomtest

        if n == 0:
            return cls(0, 0, float("nan"), float("nan"), float("nan"))
        interval = binomtest(hits, n).proportion_ci(0.95, method="wilson")
        return cls(hits, n, hits / n, float(interval.low), float(interval.high))

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] of {self.n}"


@dataclass(frozen=True)
class ReaderStudy:
    """What the votes of a reader study say.

    Attributes
    ----------
    equivalent_or_better : dict of str to Share
        By stratum; 'all' is of every vote. Votes of one pair are not independent of each other
        where several readers voted, so the interval of such a row is too narrow; `by_reader` has
        one vote a pair.
    by_reader : dict of str to dict of str to Share
        The same of each reader.
    cohen : dict of (str, str) to float
        Cohen's kappa of two readers on the pairs that both have judged; NaN where they have none
        in common or one answer alone was given.
    fleiss : float
        Fleiss' kappa of all readers on the pairs that all of them have judged.
    """

    equivalent_or_better: dict[str, Share]
    by_reader: dict[str, dict[str, Share]] = field(default_factory=dict)
    cohen: dict[tuple[str, str], float] = field(default_factory=dict)
    fleiss: float = float("nan")

    def _repr_html_(self) -> str:
        rows: list[list[Any]] = [
            [name, share.hits, share.n, str(share)]
            for name, share in self.equivalent_or_better.items()
        ]
        for reader, shares in self.by_reader.items():
            rows += [[f"{reader}: {name}", s.hits, s.n, str(s)] for name, s in shares.items()]
        agreed = [[f"{a} and {b}", f"{value:.3f}"] for (a, b), value in self.cohen.items()]
        agreed.append(["all readers (Fleiss)", f"{self.fleiss:.3f}"])
        return table_html(
            ["votes", "equivalent or better", "n", "share [95 %]"], rows
        ) + table_html(["readers", "kappa"], agreed)


def reader_study(votes: Iterable[Vote]) -> ReaderStudy:
    """Count how often the candidate was found equivalent or better, by stratum and reader.

    The question of Med-Gemini's reader study (Yang et al., 2024): of normal and of abnormal
    cases, which share of the generated reports is at least as good as the original one.

    Parameters
    ----------
    votes : iterable of Vote
        One a pair and reader.

    Returns
    -------
    ReaderStudy

    Raises
    ------
    ValueError
        A reader has voted twice on a pair, or a winner is none of the three.
    """
    every = list(votes)
    seen: set[tuple[str, str]] = set()
    for one in every:
        if one.winner not in _WINNERS:
            raise ValueError(f"A winner {one.winner!r}: expected one of {_WINNERS}")
        if (one.pair, one.reader) in seen:
            raise ValueError(f"Reader {one.reader!r} has voted twice on {one.pair!r}")
        seen.add((one.pair, one.reader))
    by_reader: dict[str, list[Vote]] = {}
    for one in every:
        by_reader.setdefault(one.reader, []).append(one)
    given = {reader: {one.pair: one.winner for one in said} for reader, said in by_reader.items()}
    return ReaderStudy(
        _shares(every),
        {reader: _shares(said) for reader, said in by_reader.items()},
        {(a, b): _pair_kappa(given[a], given[b]) for a, b in combinations(sorted(given), 2)},
        _all_kappa(given),
    )


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Agreement of two readers beyond chance (Cohen 1960), by scikit-learn.

    Parameters
    ----------
    first, second : sequence of str
        Their answers to the same questions, in the same order.

    Returns
    -------
    float
        At most 1; NaN where there is no answer, or both have given one and the same only.
    """
    from sklearn.metrics import cohen_kappa_score

    if not len(first) or len(set(first) | set(second)) < 2:
        return float("nan")
    return float(cohen_kappa_score(list(first), list(second)))


def fleiss_kappa(counts: NDArray[Any]) -> float:
    """Agreement of several readers beyond chance (Fleiss 1971).

    Parameters
    ----------
    counts : ndarray of int, (questions, answers)
        How many readers gave each answer; the same number of readers, two or more, each row.

    Returns
    -------
    float
        At most 1; NaN where there is no question, or one answer alone was given.

    Raises
    ------
    ValueError
        The rows do not add up to the same number of readers.
    """
    table = np.asarray(counts, float)
    if table.ndim != 2 or not table.size:
        return float("nan")
    readers = table.sum(1)
    if (readers != readers[0]).any() or readers[0] < 2:
        raise ValueError("Each row of counts needs the same number of readers, two or more")
    n = readers[0]
    agreed = ((table**2).sum(1) - n) / (n * (n - 1))
    chance = float(((table.sum(0) / table.sum()) ** 2).sum())
    if chance == 1.0:
        return float("nan")
    return float((agreed.mean() - chance) / (1 - chance))


def _shares(votes: Sequence[Vote]) -> dict[str, Share]:
    found = {"all": _share(votes)}
    for name in sorted({one.stratum for one in votes} - {""}):
        found[name] = _share([one for one in votes if one.stratum == name])
    return found


def _share(votes: Sequence[Vote]) -> Share:
    return Share.of(sum(one.winner != "reference" for one in votes), len(votes))


def _pair_kappa(first: Mapping[str, str], second: Mapping[str, str]) -> float:
    common = sorted(first.keys() & second.keys())
    return cohen_kappa([first[one] for one in common], [second[one] for one in common])


def _all_kappa(given: Mapping[str, Mapping[str, Winner]]) -> float:
    if len(given) < 2:
        return float("nan")
    common = set.intersection(*(set(said) for said in given.values()))
    counts = [
        [sum(said[pair] == winner for said in given.values()) for winner in _WINNERS]
        for pair in sorted(common)
    ]
    return fleiss_kappa(np.array(counts, int)) if counts else float("nan")
