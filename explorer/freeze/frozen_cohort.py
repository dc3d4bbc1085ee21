"""FrozenCohort: patients under a name, each at the version that he was frozen at."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.errors import NotFoundError, StoreError
from explorer.freeze.frozen_rows import (
    all_cohorts,
    drop_cohort,
    erased_of,
    find_cohort,
    heads_of,
    members_of,
)
from explorer.freeze.members_at import MembersAt
from explorer.freeze.proven_sources import ProvenSources
from explorer.html import table_html
from explorer.patient import Patient
from explorer.patient_set import PatientSet
from explorer.records import Head
from explorer.shown_list import ShownList

if TYPE_CHECKING:
    from explorer.freeze.cohort_verification import CohortVerification
    from explorer.store import Store


class FrozenCohort(PatientSet):
    """A named, immutable cohort; ``store.cohort("name")`` opens it, `freeze` makes it.

    Later ingests, corrections, `materialize`, `compact` and the expiry of versions change nothing
    of it, and neither does the loss of source files where it is self-contained. Only an erasure
    takes a patient out: `erased` says how many and when, and the rest opens.

    Parameters
    ----------
    store : Store
    name : str

    Raises
    ------
    NotFoundError
        No cohort was frozen under the name.
    """

    def __init__(self, store: Store, name: str, row: dict[str, Any] | None = None) -> None:
        super().__init__(store, name)
        found = row or find_cohort(store.records, name)
        if found is None:
            names = [one["name"] for one in all_cohorts(store.records)]
            raise NotFoundError(
                f"No frozen cohort {name!r}",
                expected=f"one of {names}" if names else "one that was frozen",
                where=store.url,
            )
        self.id: str = found["cohort"]
        self.time: str = found["time"]
        self._sha256: str = found["sha256"]
        self.document: dict[str, Any] = json.loads(found["document"])
        self._prover = ProvenSources()

    @property
    def digest(self) -> str:
        """The sha256 of what was frozen: rows, arrays and versions of every member.

        It stays when a member is erased, and `verify` can still prove the rest by it.
        """
        return self._sha256

    @property
    def self_contained(self) -> bool:
        """Whether it needs no file but the store's own."""
        return bool(self.document["self_contained"])

    @property
    def note(self) -> str:
        """What the person said who froze it (hostile text)."""
        return str(self.document["note"])

    @property
    def steps(self) -> list[dict[str, Any]]:
        """From all patients to these: reason, before, left, why."""
        return list(self.document["steps"])

    @property
    def by_reference(self) -> list[dict[str, Any]]:
        """Items whose pixels stay in their source files: patient (key), item, reason."""
        return list(self.document["by_reference"])

    @property
    def erased(self) -> list[str]:
        """The day of each erasure of a member (ISO, UTC)."""
        return sorted(row["date"] for row in erased_of(self.store.records, self.id))

    @cached_property
    def members(self) -> list[dict[str, Any]]:
        """Rows of those who were not erased: patient, version, commit, snapshot, sha256."""
        return members_of(self.store.records, self.id)

    @cached_property
    def _found(self) -> dict[str, Head]:
        return heads_of(self.store.records, self.members)

    @cached_property
    def labels(self) -> dict[str, str]:
        """Key to label (hostile text) as it was, in the order of the heads."""
        at = MembersAt(self.store, self._found.values())
        rows = at.rows("attributes", ["label", "came_as"]).to_pylist()
        own = {row["patient"]: row["label"] for row in rows if not row["came_as"]}
        named = {key: own.get(key) or key for key in self._found}
        return dict(sorted(named.items(), key=lambda pair: (pair[1], pair[0])))

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        """The members' versions, in the order of their labels."""
        return tuple(self._found[key] for key in self.labels)

    @property
    def proves_sources(self) -> bool:
        """Whether source files are hashed before their pixels are read: frozen by reference."""
        return not self.self_contained

    def _patient(self, head: Head) -> Patient:
        found = Patient(self.store, head)
        if self.proves_sources:
            found.prover = self._prover
        return found

    def _resolve(self, name: str) -> str:
        # who was joined into another one since is here as he was
        called = [key for key, label in self.labels.items() if label == name]
        return called[0] if len(called) == 1 else super()._resolve(name)

    def verify(self) -> CohortVerification:
        """Read every row and array again, and compare; see `verify_cohort`."""
        from explorer.freeze.verify_cohort import verify_cohort

        return verify_cohort(self)

    def croissant(self, folder: str | Path | None = None) -> dict[str, Any]:
        """Metadata by the vocabulary Croissant 1.1, as JSON-LD; see `cohort_tables`.

        Parameters
        ----------
        folder : path, optional
            The tables that it describes are written there, and ``croissant.json`` beside them:
            ``mlcroissant.Dataset(folder / "croissant.json").records("facts")`` loads them.
        """
        from explorer.freeze.cohort_tables import cohort_tables

        return cohort_tables(self, folder)

    def drop(self, name: str) -> None:
        """Let go of the cohort; what only it held goes at the next `compact`.

        Parameters
        ----------
        name : str
            Its name, once more: nobody drops the wrong one by a slip.

        Raises
        ------
        StoreError
            It is another name; the store is open for reading alone; a split was made of it.
        """
        if name != self.name:
            raise StoreError(
                f"The cohort is {self.name!r}, not {name!r}", do="say the name of the one to drop"
            )
        if self.store.read_only:
            raise StoreError("The store is open for reading alone", where=self.store.url)
        rows = self.store.records.read("splits", columns=["name", "cohort"]).to_pylist()
        splits = sorted(row["name"] for row in rows if row["cohort"] == self.id)
        if splits:
            raise StoreError(
                f"Splits were made of it: {splits}", where=self.name, do="drop those first"
            )
        drop_cohort(self.store, self.id)

    def __reduce__(self) -> tuple[Any, ...]:
        return (FrozenCohort, (self.store, self.name))

    def __repr__(self) -> str:
        kind = "self-contained" if self.self_contained else "by reference"
        gone = f", {len(self.erased)} erased since" if self.erased else ""
        return (
            f"<FrozenCohort {self.name!r}: {len(self)} patients{gone}, {kind}, "
            f"{self.time[:10]}, sha256 {self.digest[:12]}>"
        )

    def _repr_html_(self) -> str:
        rows = [[step["reason"], step["before"], step["left"]] for step in self.steps]
        caption = repr(self)[1:-1] + (f": {self.note}" if self.note else "")
        return table_html(["asked for", "before", "left"], rows, caption)


def frozen_cohorts(store: Store) -> ShownList[FrozenCohort]:
    """The frozen cohorts of a store, the oldest first."""
    found = [FrozenCohort(store, row["name"], row) for row in all_cohorts(store.records)]
    head = ["name", "patients", "frozen", "self-contained", "erased since", "sha256", "note"]
    return ShownList(
        found,
        head,
        lambda one: [
            one.name, one.document["patients"], one.time[:10], one.self_contained,
            len(one.erased), one.digest[:12], one.note,
        ],
        "frozen cohorts",
    )  # fmt: skip
