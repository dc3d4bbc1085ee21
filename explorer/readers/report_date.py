"""The date of a report, where the file says it plainly and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_LABELS = (
    r"(?:date of (?:the )?report|report(?:ed)? (?:date|on)|date reported|befunddatum|"
    r"verslagdatum|datum (?:van )?(?:het )?verslag|date du (?:compte rendu|rapport)|"
    r"fecha del? informe)",
    r"(?:date of (?:the )?(?:exam(?:ination)?|study|scan|procedure|service)|"
    r"(?:exam(?:ination)?|study|scan|procedure|service|imaging) date|untersuchungsdatum|"
    r"datum der untersuchung|onderzoeksdatum|date de l'examen|fecha del? (?:examen|estudio))",
    r"(?:date|datum|fecha)",
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_NAMES = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = (
    r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})"
    r"|(?P<slash>\d{4}/\d{1,2}/\d{1,2})"
    r"|(?P<dots>\d{1,2}\.\s?\d{1,2}\.\s?\d{4})"
    r"|(?P<either>\d{1,2}/\d{1,2}/\d{4})"
    rf"|(?P<dmy>\d{{1,2}}\.? {_NAMES}\.?,? \d{{4}})"
    rf"|(?P<mdy>{_NAMES}\.? \d{{1,2}},? \d{{4}})"
)
_LINES = tuple(
    re.compile(rf"^[ \t>*#_-]*{label}[*_]*[ \t]*[:=][*_ \t]*(?:{_DATE})(?![\d/.-]\d)", re.I | re.M)
    for label in _LABELS
)
_LOOK = 20_000
_IN_NAME = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")


@dataclass(frozen=True)
class ReportDate:
    """A date, and where it stands.

    Attributes
    ----------
    date : str
        ISO, ``YYYY-MM-DD``.
    span : tuple of int or None
        Of the date in the text, half-open; None where the file's name says it.
    """

    date: str
    span: tuple[int, int] | None


def report_date(text: str, name: str = "") -> ReportDate | None:
    """Find the date of a report.

    A line that begins with its label counts ('Date of report: 2019-04-09'); the report's before
    the examination's before a bare 'Date'. A day and a month that could change places
    (04/09/2019) are no date, and neither are two different dates under one label.

    Parameters
    ----------
    text : str
    name : str
        The file's; a whole ISO date in it counts where the text has none.

    Returns
    -------
    ReportDate or None
    """
    for line in _LINES:
        found = [(m, _iso(m)) for m in line.finditer(text[:_LOOK])]
        dates = {iso for _, iso in found}
        if len(dates) == 1 and None not in dates:
            match, iso = found[0]
            kind = str(match.lastgroup)
            return ReportDate(str(iso), match.span(kind))
        if dates:
            return None
    named = {_valid(*(int(v) for v in m.groups())) for m in _IN_NAME.finditer(name)}
    only = named.pop() if len(named) == 1 else None
    return ReportDate(only, None) if only else None


def _iso(match: re.Match[str]) -> str | None:
    kind = str(match.lastgroup)
    words = re.findall(r"\d+|[a-z]+", match.group(kind).lower())
    if kind in ("iso", "slash"):
        return _valid(int(words[0]), int(words[1]), int(words[2]))
    if kind == "dots":
        return _valid(int(words[2]), int(words[1]), int(words[0]))
    if kind == "either":
        first, second, year = (int(word) for word in words)
        if (first <= 12) == (second <= 12) and first != second:
            return None
        day, month = max(first, second), min(first, second)
        return _valid(year, month, day)
    day, name = (words[0], words[1]) if kind == "dmy" else (words[1], words[0])
    return _valid(int(words[2]), _MONTHS.index(name[:3]) + 1, int(day))


def _valid(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat() if 1900 <= year <= 2199 else None
    except ValueError:
        return None
