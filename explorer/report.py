"""Report: a text, with its date, language and source; offsets into it are addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.address import Address

if TYPE_CHECKING:
    from explorer.patient import Patient


class Report:
    """A text of a patient.

    Attributes
    ----------
    id, name : str
    text : str
        Hostile: show it, never run it.
    language : str or None
    date : str or None
        ISO date.
    day : int or None
        From the patient's time zero; `day_state` says why where it is None.
    source : str or None
    """

    kind = "report"

    def __init__(self, patient: Patient, row: dict[str, Any]) -> None:
        self.patient = patient
        self.id: str = row["item"]
        self.name: str = row["name"] or ""
        self.text: str = row["text"] or ""
        self.language: str | None = row["language"]
        self.date: str | None = row["date"]
        self.day: int | None = row["day"]
        self.day_state: str = row["day_state"]
        self.source: str | None = row["source"]
        self.synthetic: bool = bool(row["synthetic"])

    @property
    def address(self) -> Address:
        """The report's address at this version."""
        return Address(self.patient.key, "reports", self.id, self.patient.version)

    def __repr__(self) -> str:
        return f"<Report {self.id} {self.name!r} {len(self.text)} characters>"
