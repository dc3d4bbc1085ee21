"""Leak: something that two parts of a split share, or that a test part must not hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from explorer.address import Address
from explorer.patient_set import PatientSet

#: What a leak is called: found for certain; it may be one, and nobody has said; worth knowing.
SEVERITIES = ("leak", "cannot tell", "note")


@dataclass(frozen=True)
class Side:
    """A patient, and what of him it is about.

    Attributes
    ----------
    key, label : str
        The patient's (the label is hostile text).
    address : str
        Of the item or row at the set's version, or of the patient.
    """

    key: str
    label: str
    address: str


@dataclass(frozen=True)
class Leak:
    """One row of a check.

    Attributes
    ----------
    check : str
        Name of the check.
    severity : {'leak', 'cannot tell', 'note'}
    one : Side
    other : Side or None
        None where it is about one patient in a test part.
    evidence : str
        What was found (hostile text).
    parts : tuple of str
        Where the two are, once they have been divided.
    """

    check: str
    severity: str
    one: Side
    other: Side | None
    evidence: str
    parts: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The same, for JSON."""
        sides = [vars(side) for side in (self.one, self.other) if side is not None]
        return {
            "check": self.check, "severity": self.severity, "sides": sides,
            "evidence": self.evidence, "parts": list(self.parts),
        }  # fmt: skip


@dataclass
class Checked:
    """What one check found, in all patients of a set.

    Attributes
    ----------
    check : str
    looked_at : int
        How many things were compared.
    things : str
        What they are, in the plural.
    leaks : list of Leak
        Of pairs all that are linked, whichever part they go into.
    cannot : dict of str to int
        Why things could not be compared, and how many.
    """

    check: str
    things: str
    looked_at: int = 0
    leaks: list[Leak] = field(default_factory=list)
    cannot: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LeakSettings:
    """What checks may be told.

    Attributes
    ----------
    task : object or None
        Index date and windows (`explorer.windows`), for facts that come too late.
    flips : bool
        Whether mirrored copies of images are looked for, too.
    """

    task: Any = None
    flips: bool = True


class LeakCheck(Protocol):
    """A check: a function of a set of patients."""

    def __call__(self, cohort: PatientSet, settings: LeakSettings) -> Checked:
        """Look through the set."""
        ...


class Sides:
    """Makes the sides of leaks of one set.

    Parameters
    ----------
    cohort : PatientSet
    """

    def __init__(self, cohort: PatientSet) -> None:
        self.labels: Mapping[str, str] = cohort.labels
        self.versions: Mapping[str, int] = cohort.versions

    def __contains__(self, key: object) -> bool:
        return key in self.versions

    def of(self, key: str, kind: str = "facts", item: str = "~patient") -> Side:
        """A patient's item, row or, by default, himself."""
        address = Address(key, kind, item or "?", self.versions.get(key))
        return Side(key, self.labels.get(key, key), str(address))
