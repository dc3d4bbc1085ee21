"""CaseWords: what a page may say of a patient."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from explorer.errors import StoreError
from explorer.export_privacy import ExportPrivacy, known_of, oldest
from explorer.image import Image
from explorer.patient import Patient
from explorer.privacy.identifiers import Identifiers
from explorer.privacy.scrub_table import is_personal
from explorer.privacy.scrub_text import clean_label, own_out, scrub_text

_UID = re.compile(r"(?<![\w.])[0-2](?:\.\d{1,40}){4,20}(?![\w.])")
_DOI = re.compile(r"(https?://doi\.org/10\.\d{4,9}/[\w./()-]{0,200}[\w)])", re.I)
Row = dict[str, Any]


@dataclass(frozen=True)
class CaseWords:
    """Texts, labels and times of a patient as a page shows them.

    Attributes
    ----------
    who : str
        What the page calls the patient: a pseudonym, or the label.
    identified : bool
        Everything is told as it is.
    own : Identifiers
        By what the patient can be told, as far as the store and the source files say it.
    named : bool
        Whether a name is known that texts could be cleaned of.
    zero : date or None
        Day 0 where the patient has no time zero: the first date that anything has.
    renamed : tuple of (str, str)
        Names of items and segments that are not told as they are, and what they are called:
        reasons of programs speak of them.
    """

    who: str
    identified: bool
    own: Identifiers
    named: bool
    zero: date | None
    renamed: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls, patient: Patient, *, identified: bool = False, names: Sequence[str] = ()
    ) -> CaseWords:
        """Learn what must not be told.

        Parameters
        ----------
        patient : Patient
        identified : bool
        names : sequence of str
            Names of persons that no header knows.
        """
        own, already = known_of(patient)
        for name in names:
            own.add_name(name)
        who = patient.label if identified or already else _pseudonym(patient)
        zero = None if patient.anchor and patient.anchor.date else _first_date(patient)
        made = cls(who, identified, own, already or bool(own.names), zero)
        return made if identified else replace(made, renamed=_renamed(patient, made))

    @property
    def withheld(self) -> str | None:
        """Why texts that people wrote are not shown, or None."""
        if self.identified or self.named:
            return None
        return "withheld: no source file says the patient's name, so it cannot be taken out"

    def text(self, text: str) -> str:
        """A text: without the patient's identifiers, UIDs and any date."""
        if self.identified:
            return text
        for name, told in self.renamed:
            text = text.replace(name, told)
        return scrub_text(_UID.sub("[UID]", text), self.own, None)

    def terms(self, line: str) -> str:
        """A line about the licence: as `text`, but a DOI names the data, who must be named."""
        if self.identified:
            return line
        parts = _DOI.split(line)
        kept = [self.text(part) for part in parts]
        # every second part is a DOI, which stays unless the patient is in it
        kept[1::2] = [one if own_out(one, self.own) == one else "[LINK]" for one in parts[1::2]]
        return "".join(kept)

    def label(self, label: str) -> str:
        """A name of a series, segment or file: its known words alone."""
        return label if self.identified else clean_label(label, self.own)

    def row(self, row: Row) -> Row | None:
        """A record; None where nothing of it may be told."""
        if self.identified:
            return row
        named = (str(row.get("name") or ""), str(row.get("column") or ""))
        if any(map(is_personal, named)) or _UID.fullmatch(str(row.get("value") or "")):
            return None
        told = {name: self._cell(name, value) for name, value in row.items()}
        most = oldest(named[0], row.get("number"))
        return told if most is None else {**told, "number": most, "value": f"{most:g}"}

    def _cell(self, name: str, value: Any) -> Any:
        plain = not isinstance(value, str) or name in ("state", "day_state", "unit", "code")
        return value if plain or name in ("date", "end_date") else self.text(value)

    def risks(self, image: Image) -> list[str]:
        """What a person has to look at before the pixels of an image are shared."""
        privacy = ExportPrivacy(self.who, 0, self.own, self.named, already=False)
        about = {"problems": image.problems, "name": image.name, "acquired": None}
        found: list[str] = privacy.item(image, about)["problems"]
        return found

    def day(self, day: int | None, said: str | None) -> int | None:
        """Days from time zero, or from the first date where that is not known."""
        if day is not None or self.zero is None:
            return day
        found = _date(said)
        return None if found is None else (found - self.zero).days

    def when(self, day: int | None, said: str | None) -> str | None:
        """A time for people: 'day 12'; with the date on an identified page."""
        found = self.day(day, said)
        shown = None if found is None else f"day {found}"
        if self.identified and said:
            return said if shown is None else f"{said} ({shown})"
        return shown

    @property
    def zero_is(self) -> str:
        """What day 0 is."""
        return "time zero" if self.zero is None else "the first date of the case"


def _renamed(patient: Patient, words: CaseWords) -> tuple[tuple[str, str], ...]:
    names = {row["name"] for table in ("items", "segments") for row in patient.rows(table)}
    found = [(name, words.label(name) or "a segment") for name in names if len(name or "") > 2]
    # the longer first: one may be the beginning of another
    return tuple(sorted(((n, t) for n, t in found if n != t), key=lambda one: -len(one[0])))


def _pseudonym(patient: Patient) -> str:
    try:
        return ExportPrivacy.of(patient).pseudonym
    except (StoreError, OSError):  # a shared or a read-only store has no place for a key
        return "a patient who is not named"


def _date(said: Any) -> date | None:
    try:
        return date.fromisoformat(str(said or "")[:10])
    except ValueError:
        return None


def _first_date(patient: Patient) -> date | None:
    found = [
        _date(row.get(name))
        for table, name in (("items", "acquired"), ("texts", "date"), ("events", "date"))
        for row in patient.rows(table)
    ]
    return min((one for one in found if one is not None), default=None)
