"""patient_vectors: one kind of vector of all patients who have it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.errors import NotFoundError
from explorer.layout import UNASSIGNED
from explorer.store import Store


@dataclass(frozen=True, eq=False)
class PatientVectors:
    """Vectors over the same features.

    Attributes
    ----------
    keys : tuple of str
        Patients.
    values : ndarray of float32, (patient, feature)
    features : tuple of str
        Those that no vector lacks (hostile text).
    left_out : dict of str to int
        How many vectors and features are not in it, by why.
    """

    keys: tuple[str, ...]
    values: NDArray[np.float32]
    features: tuple[str, ...]
    left_out: dict[str, int]


def patient_vectors(store: Store, name: str) -> PatientVectors:
    """Read a kind of vector.

    Parameters
    ----------
    store : Store
    name : str
        'rna', ...

    Returns
    -------
    PatientVectors
        One a patient, the first of several; over the features that all have in common. A feature
        that is missing somewhere is left out, nothing is filled in.

    Raises
    ------
    NotFoundError
        No patient has such a vector.
    """
    columns = ["patient", "name", "features", "values", "state"]
    data = store.records.visible("vectors", columns, without=UNASSIGNED)
    known = sorted({str(one) for one in data["name"].to_pylist()})
    rows = [row for row in data.to_pylist() if row["name"] == name and row["values"]]
    if not rows:
        raise NotFoundError(f"No vectors {name!r}", expected=f"one of {known}")
    left: dict[str, int] = {}
    first: dict[str, dict[str, object]] = {}
    for row in rows:
        first.setdefault(row["patient"], row)
    if len(first) < len(rows):
        left["further vectors of a patient who has one"] = len(rows) - len(first)
    names = store.records.features(row["features"] for row in rows)
    axes = {one: names.get(one, []) for one in {str(row["features"]) for row in first.values()}}
    common = set.intersection(*(set(axis) for axis in axes.values()))
    order = [one for one in next(iter(axes.values())) if one in common]
    order = list(dict.fromkeys(order))
    place = {
        one: [{n: k for k, n in enumerate(axis)}[feature] for feature in order]
        for one, axis in axes.items()
    }
    values = np.array(
        [np.asarray(row["values"], np.float32)[place[str(row["features"])]]
         for row in first.values()], np.float32,
    )  # fmt: skip
    whole = np.atleast_1d(np.isfinite(values).all(0))
    every = len(set().union(*axes.values()))
    if every > whole.sum():
        left["features that some vector lacks"] = every - int(whole.sum())
    kept = tuple(feature for feature, held in zip(order, whole.tolist(), strict=True) if held)
    return PatientVectors(tuple(first), values[:, whole], kept, left)
