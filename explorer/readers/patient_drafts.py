"""Rows of many patients from one file, gathered into a draft a patient."""

from __future__ import annotations

from explorer.draft import PatientHint, Source
from explorer.item_id import item_id
from explorer.readers.table_sheet import Sheet
from explorer.records_draft import RecordsDraft, Row


class PatientDrafts:
    """The drafts of one file of a layout.

    Parameters
    ----------
    source : Source
    layout : str
        Name of the layout, kept with each draft.
    """

    def __init__(self, source: Source, layout: str) -> None:
        self._source, self._layout = source, layout
        self.item = item_id("table", source.uri)
        self.made: dict[str, RecordsDraft] = {}
        self.faults: list[Row] = []

    def __call__(self, patient: str) -> RecordsDraft:
        """The draft of a patient."""
        if patient not in self.made:
            self.made[patient] = RecordsDraft(
                self.item, self._source.path.name, [self._source], PatientHint(patient),
                meta={"layout": self._layout},
            )  # fmt: skip
        return self.made[patient]

    def fault(self, row: int, column: str, found: str | None, expected: str) -> None:
        """Keep what is wrong with one cell; its row is left out."""
        self.faults.append(
            {
                "file": self._source.uri, "row": row, "column": column,
                "found": (found or "")[:200], "expected": expected,
            }
        )  # fmt: skip

    def sheet_faults(self, sheet: Sheet) -> None:
        """Keep what was wrong with a table's rows before anything was read into them."""
        for one in sheet.faults:
            self.fault(one.row or 0, one.column or "", one.found, one.expected)

    def reason(self) -> str | None:
        """What the file's status says."""
        if not self.faults:
            return None
        first = self.faults[0]
        return (
            f"{len(self.faults)} cells are not what their columns say, such as row "
            f"{first['row']}, column {first['column']!r}: {first['found']!r}"
        )


def set_once(attributes: Row, name: str, value: str | None) -> bool:
    """Set an attribute that has none yet; False where it has another value."""
    if value is None:
        return True
    return bool(attributes.setdefault(name, value) == value)


def number(text: str | None) -> float | None:
    """A cell as a finite number, None where it is none."""
    try:
        found = float(text) if text is not None else None
    except ValueError:
        return None
    return found if found is not None and abs(found) < float("inf") else None


def sex(text: str | None) -> str | None:
    """``M``, ``F`` or ``O`` of a cell, as DICOM writes it."""
    known = {"m": "M", "male": "M", "f": "F", "female": "F", "o": "O", "other": "O"}
    return known.get((text or "").strip().lower())
