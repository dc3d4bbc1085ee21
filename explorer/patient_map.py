"""A patient map: a person's table of whose an identifier, or a file, is."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from explorer.errors import OncographError

_MOST_BYTES = 64 * 2**20
_COLUMNS = ("identifier", "path", "patient", "issuer")
_SHOWN = 20


class PatientMapError(OncographError, ValueError):
    """A patient map that cannot be read, or contradicts itself; every fault with its row."""


@dataclass(frozen=True)
class Told:
    """One row.

    Attributes
    ----------
    row : int
        In the file, from 1, without the head.
    name : str
        An identifier, or the path or glob of files below their source folder.
    patient : str
        Whose it is: what people call the patient.
    issuer : str or None
        Whose identifiers the row speaks of; None where only one source uses them.
    """

    row: int
    name: str
    patient: str
    issuer: str | None = None


@dataclass
class PatientMap:
    """What a map says.

    Attributes
    ----------
    file : str
        Its name, for reasons and messages.
    identifiers, paths : list of Told
    """

    file: str
    identifiers: list[Told] = field(default_factory=list)
    paths: list[Told] = field(default_factory=list)

    def of_file(self, uri: str, relative: str) -> Told | None:
        """The first row whose path or glob a file fits, or None."""
        for told in self.paths:
            if uri == told.name or fnmatchcase(relative, told.name):
                return told
        return None


def read_patient_map(path: Path) -> PatientMap:
    """Read and check a map.

    Parameters
    ----------
    path : pathlib.Path
        A CSV file with the columns identifier or path (or both), patient and, where needed,
        issuer. A path is below the source folder, with ``/``; ``*``, ``?`` and ``[...]`` are
        those of a shell, and ``*`` spans folders.

    Returns
    -------
    PatientMap

    Raises
    ------
    PatientMapError
        It cannot be read, has other columns, or says two things of one name.
    """
    reader = csv.DictReader(io.StringIO(_text(path), newline=""))
    head = [name.strip().casefold() for name in reader.fieldnames or []]
    unknown = [name for name in head if name not in _COLUMNS]
    if unknown or "patient" not in head or not {"identifier", "path"} & set(head):
        raise PatientMapError(
            f"The columns are {head}",
            expected="identifier or path (or both), patient, and issuer where it is needed",
            where=str(path),
        )
    if len(set(head)) < len(head):
        raise PatientMapError(f"A column stands twice in {head}", where=str(path))
    reader.fieldnames = head
    found, faults = PatientMap(path.name), []
    try:
        for number, row in enumerate(reader, start=1):
            told = _told(number, row)
            if isinstance(told, str):
                faults.append(f"row {number}: {told}")
            else:
                (
                    found.identifiers if (row.get("identifier") or "").strip() else found.paths
                ).append(told)
    except csv.Error as error:
        raise PatientMapError(f"It is no CSV: {error}", where=str(path)) from error
    faults += [*_twice(found.identifiers), *_twice(found.paths), *_round(found.identifiers)]
    if faults:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise PatientMapError("; ".join(faults[:_SHOWN]) + more, where=str(path))
    return found


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise PatientMapError("The file is too large for a patient map", where=str(path))
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PatientMapError(f"It cannot be read: {error}", where=str(path)) from error


def _told(number: int, row: dict[str | None, str | list[str] | None]) -> Told | str:
    if None in row:
        return "more cells than columns"
    cells = {name: (row.get(name) or "").strip() for name in _COLUMNS}  # type: ignore[union-attr]
    names = [cells[name] for name in ("identifier", "path") if cells[name]]
    if len(names) != 1:
        return "one of identifier and path is needed" if not names else "identifier and path both"
    if not cells["patient"]:
        return f"{names[0]!r} has no patient"
    if cells["identifier"] == cells["patient"] and not cells["issuer"]:
        return f"{names[0]!r} is given to itself"
    return Told(number, names[0], cells["patient"], cells["issuer"] or None)


def _twice(rows: list[Told]) -> list[str]:
    faults, first = [], {}
    for told in rows:
        name = (told.name, told.issuer)
        if name not in first:
            first[name] = told
            continue
        other = first[name]
        what = "as in" if other.patient == told.patient else f"and to {other.patient!r} in"
        faults.append(f"row {told.row}: {told.name!r} to {told.patient!r}, {what} row {other.row}")
    return faults


def _round(rows: list[Told]) -> list[str]:
    """Names that lead back to themselves."""
    to = {told.name: told for told in rows}
    faults = []
    for told in rows:
        seen, at = {told.name}, told.patient
        while at in to and at not in seen:
            seen.add(at)
            at = to[at].patient
        if at == told.name and told.patient != told.name:
            faults.append(f"row {told.row}: {told.name!r} leads back to itself")
    return faults
