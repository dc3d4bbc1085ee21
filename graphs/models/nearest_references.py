"""nearest_references: the patients of a fixed set that are most like others, by what both have."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_ROWS = 512


def nearest_references(
    query: Mapping[str, Floats],
    reference: Mapping[str, Floats],
    count: int,
    *,
    known: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    same: NDArray[np.int64] | None = None,
    shares: Mapping[str, float] | None = None,
) -> tuple[NDArray[np.int64], Floats]:
    """Find the nearest references of each patient, by the cosine over what both of them have.

    Parameters
    ----------
    query, reference : mapping of str to ndarray, (patient, column)
        Modality to scaled numbers; the modalities of both are the same, in the same order.
    count : int
        Neighbours a patient at the most.
    known : pair of ndarray of bool, (patient, modality)
        Who has which modality: of the patients, of the references.
    same : ndarray of int64, (patient,), optional
        Which reference is the patient himself, and so no neighbour; -1 where none is.
    shares : mapping of str to float, optional
        How much a modality counts; 1 where nothing is said.

    Returns
    -------
    ndarray of int64, (patient, count)
        References, the nearest first; -1 where there are no more with which the patient shares
        a modality.
    ndarray of float64, (patient, count)
        Similarity, -1 to 1; 0 where there is no neighbour.
    """
    rows, others = len(known[0]), len(known[1])
    index = np.full((rows, count), -1, np.int64)
    near = np.zeros((rows, count))
    weight = {name: (shares or {}).get(name, 1.0) for name in query}
    for at in range(0, rows, _ROWS):
        part = slice(at, min(at + _ROWS, rows))
        inner = np.zeros((part.stop - at, others))
        mine, theirs = np.zeros_like(inner), np.zeros_like(inner)
        both = np.zeros_like(inner, dtype=bool)
        for k, name in enumerate(query):
            have = known[0][part, k, None] & known[1][None, :, k]
            own, other = query[name][part], reference[name]
            inner += weight[name] * have * (own @ other.T)
            mine += weight[name] * have * (own**2).sum(axis=1)[:, None]
            theirs += weight[name] * have * (other**2).sum(axis=1)[None, :]
            both |= have
        # rounded, so that how a product was summed does not choose between two that are alike
        alike = np.round(inner / np.sqrt(np.maximum(mine * theirs, 1e-30)), 9)
        if same is not None:
            own_row = np.flatnonzero(same[part] >= 0)
            both[own_row, same[part][own_row]] = False
        alike[~both] = -np.inf
        kept = min(count, others)
        order = np.argsort(-alike, axis=1, kind="stable")[:, :kept]
        value = np.take_along_axis(alike, order, axis=1)
        real = np.isfinite(value)
        index[part, :kept] = np.where(real, order, -1)
        near[part, :kept] = np.where(real, value, 0)
    return index, near
