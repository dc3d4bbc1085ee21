"""CohortVerification: what was found when a frozen cohort was read again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from explorer.html import table_html


@dataclass
class CohortVerification:
    """What `verify` of a frozen cohort found.

    Attributes
    ----------
    cohort, digest : str
        The name, and the sha256 that was kept when it was frozen.
    patients : int
        Members that were read and are as they were.
    keys, bytes : int
        Chunks and metadata of arrays that were read, and their size as stored.
    self_contained : bool
    faults : list of dict
        patient (label), key, item (None: the patient as a whole), found: one a fault.
    erased : list of str
        The day of each erasure of a member; it is no fault, and the rest is proven without it.
    """

    cohort: str
    digest: str
    self_contained: bool
    patients: int = 0
    keys: int = 0
    bytes: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything that is there is as it was."""
        return not self.faults

    @property
    def complete(self) -> bool:
        """Whether, besides, nobody was erased."""
        return self.ok and not self.erased

    def fault(self, label: str | None, key: str | None, item: str | None, found: str) -> None:
        """Note a fault."""
        self.faults.append({"patient": label, "key": key, "item": item, "found": found})

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        return {**self.__dict__, "ok": self.ok, "complete": self.complete}

    def __repr__(self) -> str:
        gone = f", {len(self.erased)} erased" if self.erased else ""
        return (
            f"<CohortVerification {self.cohort!r}: {self.patients} patients as they were{gone}, "
            f"{len(self.faults)} faults>"
        )

    def rows(self) -> list[list[Any]]:
        """Patient, item and what was found: one line each, for people."""
        return [
            *([one["patient"], one["item"], one["found"]] for one in self.faults),
            *([None, None, f"erased on {day}"] for day in self.erased),
        ]

    def _repr_html_(self) -> str:
        return table_html(["patient", "item", "found"], self.rows(), caption=repr(self)[1:-1])
