"""to_html: one self-contained page of a case, for a tumour board."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from explorer.errors import StoreError
from explorer.html import cell
from explorer.licence import licence
from explorer.patient import Patient
from widgets.case.case import Case
from widgets.case.case_html import case_html
from widgets.case.case_words import CaseWords
from widgets.case.doubtful import Doubt, doubtful


@dataclass(frozen=True)
class CasePage:
    """A page that was written.

    Attributes
    ----------
    path : pathlib.Path
    who : str
        What the page calls the patient.
    identified : bool
    size : int
        Bytes.
    pictures : int
    withheld : tuple of str
        What is not shown, and why.
    doubts : tuple of Doubt
        Words to read before the page is shared.
    """

    path: Path
    who: str
    identified: bool
    size: int
    pictures: int
    withheld: tuple[str, ...]
    doubts: tuple[Doubt, ...]

    def _repr_html_(self) -> str:
        left = "".join(f"<li>{cell(one)}</li>" for one in self.withheld)
        kind = "<b>names the patient</b>" if self.identified else "de-identified"
        return (
            f"<div>{cell(str(self.path))}: case {cell(self.who)}, {kind}, "
            f"{_counted(self.pictures, 'picture')}, {self.size / 1e6:.1f} MB; "
            f"{_counted(len(self.doubts), 'word')} to read before it is shared"
            f"{f'<ul>{left}</ul>' if left else ''}</div>"
        )


def to_html(
    patient: Patient,
    path: str | Path,
    *,
    identified: bool = False,
    names: Sequence[str] = (),
    review: bool = True,
    pictures: int = 24,
    overwrite: bool = False,
) -> CasePage:
    """Write a case as one HTML file that loads nothing and runs nothing.

    Pictures of the places that findings are grounded to beside their words, the reports with
    findings marked and what the checks say, a timeline, lesions and measurements, clinical values
    with the reason of each that is absent, and which program said what. The file prints on A4.

    It is de-identified by the rules of `explorer.export`: a pseudonym, days instead of dates, no
    UID, texts without what the store and the source files know the patient by, names of series
    and segments in known words alone. A text that a person wrote is withheld where no name is
    known that could be taken out. Pictures that may have text in their pixels are left out.
    Free text is not proven clean all the same: the page lists the words to look at.

    Parameters
    ----------
    patient : Patient
    path : path
        Of the new file; mode 0600.
    identified : bool
        Keep names, dates and texts as they are; the page says so in red.
    names : sequence of str
        Names of persons to take out of the texts besides those that are known.
    review : bool
        Put the list of words to look at on the page.
    pictures : int
        Places that are pictured, at most.
    overwrite : bool
        Replace a file that is there.

    Returns
    -------
    CasePage

    Raises
    ------
    StoreError
        The file is there already, or its folder is not.

    Examples
    --------
    >>> to_html(store["LIDC-IDRI-0314"], "case.html")
    """
    target = Path(path)
    _free(target, overwrite)
    words = CaseWords.of(patient, identified=identified, names=names)
    case = Case.of(patient, words)
    case.draw(pictures)
    told = [one for one in patient.reports.values() if case.told(one)]
    doubts = () if identified else tuple(doubtful(words.text(one.text) for one in told))
    page = case_html(case, licence(patient), doubts if review else None)
    size = _write(target, page, overwrite)
    drawn = sum(bool(one.drawn) for one in case.pictures)
    return CasePage(target, words.who, identified, size, drawn, _withheld(case), doubts)


def _withheld(case: Case) -> tuple[str, ...]:
    hidden = sum(not case.told(one) for one in case.patient.reports.values())
    found = [f"{_counted(hidden, 'report')} {case.words.withheld}"] if hidden else []
    undrawn = {one.why_not for one in case.pictures if one.why_not}
    found += [f"a picture: {why}" for why in sorted(undrawn)]
    if case.left_out:
        found.append(f"{_counted(case.left_out, 'picture')}: more than were asked for")
    return tuple(found)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _free(target: Path, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise StoreError("There is no such folder", where=str(target.parent), do="make it first")
    if target.is_dir() or (not overwrite and os.path.lexists(target)):
        raise StoreError(
            "There is something of that name",
            where=str(target),
            do="name a new file, or pass overwrite=True for a file",
        )


def _write(target: Path, page: str, overwrite: bool) -> int:
    """Write whole or not at all, for the owner alone, never through a link."""
    data = page.encode("utf-8", "backslashreplace")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # mode 0600
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            part.replace(target)
        else:
            try:
                os.link(part, target)  # never over another's file, whenever that came
            except FileExistsError:
                _free(target, overwrite=False)
    finally:
        part.unlink(missing_ok=True)
    return len(data)
