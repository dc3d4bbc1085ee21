"""MembersAt: patients at versions that are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from explorer.patient_set import PatientSet
from explorer.records import Head

if TYPE_CHECKING:
    from explorer.store import Store


class MembersAt(PatientSet):
    """Patients at versions that somebody else has chosen.

    Parameters
    ----------
    store : Store
    heads : iterable of Head
    labels : mapping, optional
        Key to label; the keys themselves by default.
    """

    def __init__(
        self, store: Store, heads: Iterable[Head], labels: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(store)
        self._heads = tuple(heads)
        self._labels = labels or {}

    @property
    def heads(self) -> tuple[Head, ...]:
        """The versions, in the order in which they were given."""
        return self._heads

    @property
    def labels(self) -> dict[str, str]:
        """Key to label (hostile text), in the order of the heads."""
        return {h.patient: self._labels.get(h.patient, h.patient) for h in self._heads}
