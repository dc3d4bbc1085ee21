"""The column of a table that dates its reports."""

from __future__ import annotations

import re
from collections.abc import Iterable

_REPORT = re.compile(
    r"(?=.*(?:date|datum|fecha|time))(?=.*(?:report|study|exam|scan|note|chart|befund|verslag)).*"
    r"|date|datum|fecha",
    re.I,
)


def report_date_column(dates: Iterable[str]) -> str | None:
    """Find the column that dates the reports of a table's rows.

    Parameters
    ----------
    dates : iterable of str
        Names of the columns that hold dates.

    Returns
    -------
    str or None
        The one that is called like a report's or an examination's date, or just 'date'; None
        where there is none, or several.
    """
    found = [name for name in dates if _REPORT.fullmatch(name.strip())]
    return found[0] if len(found) == 1 else None
