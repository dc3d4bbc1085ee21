"""How a probe reads frozen vectors: neighbours, a line, the mean of a few."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Vectors = NDArray[np.float32]

_NEIGHBOURS = 20
_TEMPERATURE = 0.07
_PENALTIES = (1e-2, 1e-1, 1.0, 10.0, 100.0)
_FEW_DRAWS = 10


def knn(
    train: Vectors, code: Ints, patient: Ints, test: Vectors, classes: int, shots: int, seed: int
) -> Floats:
    """Shares of the classes among the nearest, weighed by the cosine."""
    one, two = _unit(train, train), _unit(train, test)
    cosine = two @ one.T
    few = min(_NEIGHBOURS, len(train))
    near = np.argpartition(-cosine, few - 1, axis=1)[:, :few]
    weight = np.exp((np.take_along_axis(cosine, near, 1) - 1) / _TEMPERATURE)
    found = np.zeros((len(test), classes))
    for k in range(classes):
        found[:, k] = (weight * (code[near] == k)).sum(axis=1)
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-300))


def linear(
    train: Vectors, code: Ints, patient: Ints, test: Vectors, classes: int, shots: int, seed: int
) -> Floats:
    """Ridge regression of the classes; the penalty by an inner division of the patients."""
    return line_scores(train, np.eye(classes)[code], patient, test, seed)


def line_scores(train: Vectors, wanted: Floats, patient: Ints, test: Vectors, seed: int) -> Floats:
    """Ridge regression of many answers at once; each has its own penalty.

    Parameters
    ----------
    train, test : ndarray, (sample, feature)
    wanted : ndarray, (sample, answer)
    patient : ndarray, (sample,)
        Of the training samples: a quarter of them are held out to choose the penalties.
    seed : int

    Returns
    -------
    ndarray, (test sample, answer)
    """
    one, two = _scaled(train, train), _scaled(train, test)
    centred = wanted - wanted.mean(axis=0)
    names = np.unique(patient)
    held = np.isin(patient, np.random.default_rng(seed).permutation(names)[: len(names) // 4])
    best = np.full(wanted.shape[1], len(_PENALTIES) - 1)
    if held.any() and not held.all():
        tried = np.stack(_ridge(one[~held], centred[~held], one[held]))
        best = ((tried - centred[held]) ** 2).sum(axis=1).argmin(axis=0)
    found = np.stack(_ridge(one, centred, two))
    return np.asarray(np.take_along_axis(found, best[None, None], 0)[0])


def few_shot(
    train: Vectors, code: Ints, patient: Ints, test: Vectors, classes: int, shots: int, seed: int
) -> Floats:
    """The cosine with the mean of a few patients of each class, over several draws."""
    one, two = _unit(train, train), _unit(train, test)
    rng = np.random.default_rng(seed)
    found = np.zeros((len(test), classes))
    for _ in range(_FEW_DRAWS):
        for k in range(classes):
            names = np.unique(patient[code == k])
            drawn = rng.permutation(names)[:shots]
            mean = one[(code == k) & np.isin(patient, drawn)].mean(axis=0)
            found[:, k] += two @ (mean / max(float(np.linalg.norm(mean)), 1e-12))
    # of two classes it is the difference that orders
    return np.asarray(found - found.mean(axis=1, keepdims=True))


def _ridge(train: Floats, wanted: Floats, test: Floats) -> list[Floats]:
    """By each penalty; in the space of the samples where they are fewer than the features."""
    dual = train.shape[1] > len(train)
    size, axes = np.linalg.eigh(train @ train.T if dual else train.T @ train)
    size = np.maximum(size, 0)
    scale = float(size.mean()) or 1.0
    left = (test @ train.T if dual else test) @ axes
    right = axes.T @ (wanted if dual else train.T @ wanted)
    return [left @ (right / (size + one * scale)[:, None]) for one in _PENALTIES]


def _unit(train: Vectors, values: Vectors) -> Floats:
    """Around the mean of the training vectors, of length 1."""
    moved = values.astype(np.float64) - train.astype(np.float64).mean(axis=0)
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12))


def _scaled(train: Vectors, values: Vectors) -> Floats:
    base = train.astype(np.float64)
    spread = base.std(axis=0)
    return np.asarray((values - base.mean(axis=0)) / np.where(spread > 1e-12, spread, 1))


Method = Callable[[Vectors, Ints, Ints, Vectors, int, int, int], Floats]
METHODS: dict[str, Method] = {"knn": knn, "linear": linear, "few-shot": few_shot}
