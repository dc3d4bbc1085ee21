"""Fold: who is fitted on and who is tested, and where these come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.split.divide import divide
from graphs.errors import ExamplesError
from graphs.examples.examples import Examples

Ints = NDArray[np.int64]
_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Fold:
    """One fit of an evaluation.

    Attributes
    ----------
    repeat, number : int
        From 0.
    train, test : ndarray of int64
        Positions of patients; none is in both.
    """

    repeat: int
    number: int
    train: Ints
    test: Ints

    def __str__(self) -> str:
        return f"repeat {self.repeat + 1}, fold {self.number + 1}"


def make_folds(
    examples: Examples, folds: Any = None, repeats: int = 1, seed: int = 0, groups: str = ""
) -> list[Fold]:
    """Divide patients for an evaluation.

    Parameters
    ----------
    examples : Examples
        Whose outcome is known.
    folds : int, str, Split or sequence of (train, test), optional
        How many (5); a column of `about`, each of whose values is left out in turn (a site); a
        split of the cohort with folds, or with the parts 'train' and 'test'; pairs of keys or
        positions.
    repeats : int
        Of the whole division, where it is made here.
    seed : int
    groups : str
        Column of `about`: patients with one value of it stay together.

    Returns
    -------
    list of Fold

    Raises
    ------
    ExamplesError
        A patient is fitted on and tested, a part is empty, or there is no such column.
    """
    if isinstance(folds, str):
        column = _column(examples, folds)
        pairs = [(np.flatnonzero(column != one), np.flatnonzero(column == one))
                 for one in sorted(set(column.tolist()))]  # fmt: skip
        return _checked([Fold(0, k, *pair) for k, pair in enumerate(pairs)])
    if folds is None or isinstance(folds, int):
        return _checked(_made(examples, folds or _FOLDS, repeats, seed, groups))
    return _checked(_given(examples, folds))


def inner_split(examples: Examples, fold: Fold, share: float, seed: int) -> tuple[Ints, Ints]:
    """Divide a fold's training patients into those to fit on and those to choose by.

    Parameters
    ----------
    examples : Examples
    fold : Fold
    share : float
        Of those to choose by.
    seed : int

    Returns
    -------
    ndarray of int64
        Positions of those to fit on.
    ndarray of int64
        Positions of those to choose by.
    """
    some = examples.take(fold.train)
    parts = np.array(divide(
        some.labels, {"fit": 1 - share, "choose": share}, [some.outcome().strata().tolist()],
        seed=f"inner {seed}/{fold.repeat}/{fold.number}",
    ))  # fmt: skip
    return fold.train[parts == "fit"], fold.train[parts == "choose"]


def _made(examples: Examples, count: int, repeats: int, seed: int, groups: str) -> list[Fold]:
    if not 2 <= count <= len(examples) or repeats < 1:
        raise ExamplesError(f"{count} folds, {repeats} times, of {len(examples)} patients",
                            expected="2 folds or more, of as many patients")  # fmt: skip
    together = _column(examples, groups).tolist() if groups else None
    found = []
    for repeat in range(repeats):
        names = [f"{k}" for k in range(count)]
        parts = np.array(divide(
            examples.labels, dict.fromkeys(names, 1.0), [examples.outcome().strata().tolist()],
            together, seed=f"{seed}/{repeat}",
        ))  # fmt: skip
        found += [Fold(repeat, k, np.flatnonzero(parts != name), np.flatnonzero(parts == name))
                  for k, name in enumerate(names)]  # fmt: skip
    return found


def _given(examples: Examples, folds: Any) -> list[Fold]:
    if hasattr(folds, "folds"):
        pairs: Sequence[Any] = folds.folds()
        if not pairs and {"train", "test"} <= set(folds):
            pairs = [(folds["train"], folds["test"])]
        pairs = [(train.keys, test.keys) for train, test in pairs]
    else:
        pairs = list(folds)
    place = {key: k for k, key in enumerate(examples.keys)}
    return [Fold(0, k, _rows(train, place), _rows(test, place))
            for k, (train, test) in enumerate(pairs)]  # fmt: skip


def _rows(part: Any, place: dict[str, int]) -> Ints:
    given = list(part)
    if all(isinstance(one, str) for one in given):
        # who has no outcome, or no features, is not among the examples
        return np.array(sorted({place[one] for one in given if one in place}), np.int64)
    rows = np.asarray(given)
    if rows.dtype == bool:
        rows = np.flatnonzero(rows)
    if rows.size and (rows.min() < 0 or rows.max() >= len(place)):
        raise ExamplesError(f"A position beyond the {len(place)} patients", where="folds")
    return np.unique(rows).astype(np.int64)


def _column(examples: Examples, name: str) -> NDArray[np.str_]:
    if name not in examples.about:
        raise ExamplesError(f"Nothing is known about patients as {name!r}",
                            expected=f"one of {list(examples.about)}")  # fmt: skip
    said = examples.about[name]
    return np.where(said.isna(), "unknown", said.astype(str)).astype(str)


def _checked(folds: list[Fold]) -> list[Fold]:
    if not folds:
        raise ExamplesError("No folds", expected="a number of folds, or pairs of parts")
    for one in folds:
        if not len(one.train) or not len(one.test):
            raise ExamplesError("A part without patients", where=str(one))
        both = np.intersect1d(one.train, one.test)
        if len(both):
            raise ExamplesError(f"{len(both)} patients are fitted on and tested", where=str(one))
    return folds
