"""probe: what vectors know of a label, beside what raw pixels know, by patients apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from explorer.html import table_html
from graphs.encoders.probe_methods import METHODS
from graphs.encoders.within_folds import areas_within, draws_of, interval, patient_folds
from graphs.errors import ExamplesError

if TYPE_CHECKING:
    from graphs.examples.bag import Bag

HEAD = ("vectors", "protocol", "AUROC", "low", "high", "samples", "patients", "than raw pixels")


@dataclass(frozen=True, eq=False)
class Probed:
    """What came out.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each kind of vectors and protocol, with `HEAD`'s columns: the area under the
        curve (of several classes the mean of one against the rest), its interval over patients
        drawn anew, and the difference from raw pixels with its interval, in words.
    level : float
        Of the intervals.
    """

    table: pd.DataFrame
    level: float

    def _repr_html_(self) -> str:
        rows = [[f"{v:.3f}" if isinstance(v, float) else v for v in row]
                for row in self.table.itertuples(index=False)]  # fmt: skip
        return table_html(HEAD, rows, f"probe; {self.level:.0%} intervals over patients")


def probe(
    vectors: Bag | Mapping[str, Bag],
    label: ArrayLike | pd.Series,
    *,
    raw: Bag,
    protocols: Sequence[str] = ("knn", "linear", "few-shot"),
    shots: int = 5,
    folds: int = 5,
    split: Sequence[tuple[ArrayLike, ArrayLike]] | None = None,
    draws: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> Probed:
    """Run the protocols of frozen vectors (as of DINO, Caron et al. 2021) on held-out patients.

    Every patient is wholly in training or wholly in testing. 'knn': 20 neighbours by the cosine,
    weighed by exp(cosine / 0.07). 'linear': ridge regression of the class, its penalty chosen
    within the training patients. 'few-shot': the nearest mean of `shots` training patients a
    class, averaged over 10 draws of them.

    The intervals are those of the tested patients, the trained probes being given.

    Parameters
    ----------
    vectors : Bag or mapping of str to Bag
        Of one encoder, or of several by name: slices or volumes.
    label : array_like, (instance,), or pandas.Series by patient key
        Classes; missing is not known and left out.
    raw : Bag
        The same instances by `RawPixels`: every encoder stands beside them.
    protocols : sequence of {'knn', 'linear', 'few-shot'}
    shots : int
    folds : int
    split : sequence of (train, test), optional
        Positions of instances; folds by patient by default.
    draws : int
        Of the bootstrap over patients.
    level : float
    seed : int

    Returns
    -------
    Probed

    Raises
    ------
    ExamplesError
        A patient is on both sides of a split, the bags are not of the same instances, or there
        are fewer than two classes, or patients of a class than folds.
    """
    bags = dict(vectors) if isinstance(vectors, Mapping) else {vectors.producer: vectors}
    bags = {**bags, "raw pixels": raw}
    for name, bag in bags.items():
        if bag.keys != raw.keys or not np.array_equal(bag.owner, raw.owner):
            raise ExamplesError("Vectors of other instances than the raw pixels", where=name)
    known, classes, code = _classes(label, raw)
    patient = raw.owner[known]
    fold, sides = _sides(code, patient, known, folds, split, seed)
    weights = draws_of(patient, draws, seed)
    scores = {
        (name, how): _held_out(
            bag.values[known], code, len(classes), patient, sides, how, shots, seed
        )
        for name, bag in bags.items() for how in protocols
    }  # fmt: skip
    tested = fold >= 0
    drawn = {
        one: _areas(code[tested], score[tested], fold[tested], weights[:, tested])
        for one, score in scores.items()
    }
    rows = []
    for name, how in scores:
        best, low, high = interval(drawn[name, how], level)
        gain = drawn[name, how] - drawn["raw pixels", how]
        rows.append([name, how, best, low, high, int(tested.sum()),
                     len(np.unique(patient[tested])), _gain(name, gain, level)])  # fmt: skip
    return Probed(pd.DataFrame(rows, columns=list(HEAD)), level)


def _classes(
    label: ArrayLike | pd.Series, raw: Bag
) -> tuple[NDArray[np.int64], list[str], NDArray[np.int64]]:
    if isinstance(label, pd.Series):
        said = label.reindex(list(raw.keys)).to_numpy(object)[raw.owner]
    else:
        said = np.asarray(label, object)
    if said.shape != raw.owner.shape:
        raise ExamplesError(f"{said.size} labels of {len(raw.owner)} instances")
    missing = pd.isna(pd.Series(said)).to_numpy()
    known = np.flatnonzero(~missing & np.isfinite(raw.values).all(axis=1))
    names = [str(one) for one in said[known]]
    classes = sorted(set(names))
    if len(classes) < 2:
        raise ExamplesError(f"Labels of {len(classes)} class", expected="two or more")
    place = {one: k for k, one in enumerate(classes)}
    return known, classes, np.array([place[one] for one in names], np.int64)


def _sides(
    code: NDArray[np.int64], patient: NDArray[np.int64], known: NDArray[np.int64], folds: int,
    split: Sequence[tuple[ArrayLike, ArrayLike]] | None, seed: int,
) -> tuple[NDArray[np.int64], list[tuple[NDArray[np.int64], NDArray[np.int64]]]]:  # fmt: skip
    """Of each known instance its fold (-1: never tested), and the two sides of each fold."""
    if split is None:
        least = min(len(np.unique(patient[code == k])) for k in np.unique(code))
        if least < folds:
            raise ExamplesError(
                f"A class of {least} patients", expected=f"at least {folds}, one a fold",
                do="lower folds",
            )  # fmt: skip
        fold = patient_folds(code, patient, folds, seed)
        return fold, [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(folds)]
    fold, sides = np.full(len(code), -1, np.int64), []
    for k, (train, test) in enumerate(split):
        one, two = (np.flatnonzero(np.isin(known, np.asarray(side))) for side in (train, test))
        both = np.intersect1d(patient[one], patient[two])
        if len(both):
            raise ExamplesError(
                f"{len(both)} patients are on both sides of a split",
                expected="every patient on one side", where=f"split {k}",
            )  # fmt: skip
        if (fold[two] >= 0).any():
            raise ExamplesError("An instance is tested twice", where=f"split {k}")
        fold[two] = k
        sides.append((one, two))
    return fold, sides


def _held_out(
    values: NDArray[np.float32], code: NDArray[np.int64], classes: int, patient: NDArray[np.int64],
    sides: list[tuple[NDArray[np.int64], NDArray[np.int64]]], how: str, shots: int, seed: int,
) -> NDArray[np.float64]:  # fmt: skip
    """Scores of the instances that are tested, (instance, class)."""
    if how not in METHODS:
        raise ExamplesError(f"No protocol {how!r}", expected=f"one of {sorted(METHODS)}")
    found = np.zeros((len(code), classes))
    for k, (train, test) in enumerate(sides):
        found[test] = METHODS[how](
            values[train], code[train], patient[train], values[test], classes, shots, seed + k
        )
    return found


def _areas(
    code: NDArray[np.int64], score: NDArray[np.float64], fold: NDArray[np.int64],
    weights: NDArray[np.float32],
) -> NDArray[np.float64]:  # fmt: skip
    """The area in each draw; of several classes the mean of one against the rest."""
    classes = [1] if score.shape[1] == 2 else range(score.shape[1])
    each = [areas_within(code == k, score[:, k], fold, weights) for k in classes]
    return np.asarray(np.mean(each, axis=0))


def _gain(name: str, gain: NDArray[np.float64], level: float) -> str:
    if name == "raw pixels":
        return ""
    best, low, high = interval(gain, level)
    word = "better" if low > 0 else "worse" if high < 0 else "not distinguishable"
    return f"{word} ({best:+.3f}, {low:+.3f} to {high:+.3f})"
