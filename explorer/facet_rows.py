"""Rows of a table as the pairs of a facet: a patient's position and a label, each pair once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.facet import NO_RECORD, Facet, Ints


@dataclass(frozen=True, eq=False)
class Pairs:
    """Who has which label.

    Attributes
    ----------
    patient, code : ndarray of int32, (pair,)
    labels : list of str
    """

    patient: Ints
    code: Ints
    labels: list[str]

    @classmethod
    def of(cls, label: str, patient: Ints) -> Pairs:
        """One label for some patients."""
        unique = np.unique(patient)
        return cls(unique, np.zeros(len(unique), np.int32), [label])

    def renamed(self, names: Mapping[str, str]) -> Pairs:
        """The same with other labels."""
        return Pairs(self.patient, self.code, [names.get(one, one) for one in self.labels])

    def plus(self, label: str, patient: Ints) -> Pairs:
        """With one label more; nothing is added where nobody has it."""
        if not len(patient):
            return self
        more = np.unique(patient)
        code = np.full(len(more), len(self.labels), np.int32)
        return Pairs(
            np.concatenate([self.patient, more]),
            np.concatenate([self.code, code]),
            [*self.labels, label],
        )


def pairs_of(patient: Ints, texts: pa.ChunkedArray | pa.Array) -> Pairs:
    """Pairs of a column of text; rows without a text, or with an empty one, are none."""
    held = pc.fill_null(pc.not_equal(texts, ""), False)
    texts = texts.filter(held)
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    coded = whole.dictionary_encode()
    labels = [str(one) for one in coded.dictionary.to_pylist()]
    code = coded.indices.to_numpy().astype(np.int64)
    both = np.unique(patient[held.to_numpy(zero_copy_only=False)] * np.int64(len(labels)) + code)
    size = max(len(labels), 1)
    return Pairs((both // size).astype(np.int32), (both % size).astype(np.int32), labels)


def of_pairs(
    name: str,
    title: str,
    group: str,
    pairs: Pairs,
    count: int,
    otherwise: str = NO_RECORD,
    states: Pairs | None = None,
) -> Facet:
    """A facet of values.

    Parameters
    ----------
    pairs : Pairs
        The values.
    count : int
        Of all patients.
    otherwise : str
        The state of whoever has neither value nor state.
    states : Pairs, optional
        States of absence; they count for those who have no value.
    """
    sizes = np.bincount(pairs.code, minlength=len(pairs.labels))
    order = sorted(range(len(pairs.labels)), key=lambda k: (-sizes[k], pairs.labels[k]))
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    labels = [pairs.labels[k] for k in order]
    who, code, extra = _absent(pairs.patient, count, otherwise, states, len(labels))
    return Facet(
        name, title, group, (*labels, *extra), len(labels),
        np.concatenate([pairs.patient, who]),
        np.concatenate([place[pairs.code] if len(order) else pairs.code, code]),
    )  # fmt: skip


def of_numbers(
    name: str,
    title: str,
    group: str,
    unit: str,
    patient: Ints,
    numbers: NDArray[np.float64],
    count: int,
    states: Pairs | None = None,
) -> Facet:
    """A facet of numbers; its labels are states of absence."""
    who, code, labels = _absent(patient, count, NO_RECORD, states, 0)
    return Facet(
        name, title, group, tuple(labels), 0, who, code, unit, patient.astype(np.int32), numbers
    )


def _absent(
    having: Ints, count: int, otherwise: str, states: Pairs | None, first: int
) -> tuple[Ints, Ints, list[str]]:
    """Who has no value, with one state each: the one that a row says, else `otherwise`."""
    state = np.full(count, -1, np.int32)
    labels: list[str] = []
    if states is not None and len(states.patient):
        labels = list(states.labels)
        state[states.patient[::-1]] = states.code[::-1]
    without = np.ones(count, bool)
    without[having] = False
    rest = without & (state < 0)
    if rest.any():
        if otherwise not in labels:
            labels.append(otherwise)
        state[rest] = labels.index(otherwise)
    who = np.flatnonzero(without).astype(np.int32)
    used = sorted(set(state[who].tolist()))
    place = {old: new for new, old in enumerate(used)}
    code = np.array([place[one] for one in state[who].tolist()], np.int32) + first
    return who, code.astype(np.int32), [labels[k] for k in used]
