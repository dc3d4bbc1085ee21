"""Cohort: patients who were asked for, step by step, and who was left out why."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from explorer.choice import Step
from explorer.layout import UNASSIGNED
from explorer.patient_set import PatientSet
from explorer.records import Head, heads_of

if TYPE_CHECKING:
    from explorer.store import Store


class Cohort(PatientSet):
    """The patients of a store who fit; each question gives a new cohort, and none is changed.

    It is of the store as it was when the first cohort of the chain was made: later commits do
    not show in it. `freeze` keeps it for good.

    Parameters
    ----------
    store : Store
    start : Cohort, optional
        The one that it was narrowed from.
    kept : iterable of str, optional
        Keys of those of `start` who are left.
    step : Step, optional
        What was asked.
    """

    def __init__(
        self,
        store: Store,
        start: Cohort | None = None,
        kept: Iterable[str] = (),
        step: Step | None = None,
    ) -> None:
        super().__init__(store)
        self._start, self._kept, self._step = start, frozenset(kept), step

    @cached_property
    def _all(self) -> tuple[pa.Table, dict[str, str]]:
        """The rows of ``patients`` in the order of their labels, and the labels."""
        labels = self.store.keys_and_labels()
        table = self.store.records.read("patients")
        gone = {UNASSIGNED, *self.store.records.hidden()}
        order = pc.index_in(pa.array(labels, pa.string()), value_set=table["patient"])
        held = zip(labels.items(), pc.is_valid(order).to_pylist(), strict=True)
        named = {key: label for (key, label), there in held if there and key not in gone}
        order = pc.index_in(pa.array(named, pa.string()), value_set=table["patient"])
        return table.take(order), named

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        """The patients' versions, in the order of their labels."""
        root = self
        while root._start is not None:
            root = root._start
        table = root._all[0]  # as it was then; a head is made for those who are left alone
        if self._start is not None:
            kept = pa.array(self.labels, pa.string())
            table = table.filter(pc.is_in(table["patient"], value_set=kept))
        return tuple(heads_of(table))

    @cached_property
    def labels(self) -> dict[str, str]:
        """Key to label (hostile text), in the order of the heads."""
        if self._start is None:
            return self._all[1]
        return {key: label for key, label in self._start.labels.items() if key in self._kept}

    @property
    def keys(self) -> tuple[str, ...]:
        """The patients' opaque keys, in the order of their labels."""
        return tuple(self.labels)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def steps(self) -> list[Step]:
        """From all patients to those who are left."""
        if self._start is None:
            return []
        return [*self._start.steps, *([self._step] if self._step else [])]

    def among(self, names: Iterable[str], what: str = "a list") -> Cohort:
        """Keep some patients.

        Parameters
        ----------
        names : iterable of str
            Keys, or what people call them.
        what : str
            Where they come from, for people.

        Raises
        ------
        NotFoundError
            The store has no such patient.
        """
        wanted = {one if one in self.labels else self.store.identity.resolve(one) for one in names}
        kept = [key for key in self.keys if key in wanted]
        out = len(self) - len(kept)
        why = {"not among them": out} if out else {}
        step = Step(f"{what}: {len(wanted)} patients", len(self), len(kept), why)
        return Cohort(self.store, self, kept, step)
