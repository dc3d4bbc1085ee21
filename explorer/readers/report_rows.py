"""The rows of one report: its text, its language, and what stands where in it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from explorer.draft import Source
from explorer.readers.tell_language import tell_language

Row = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A part of a report: a section, a page.

    Attributes
    ----------
    group : str
        'section', 'page'.
    name : str
    span : tuple of int or None
        In the text, half-open, in characters; None for a part that is announced and empty.
    """

    group: str
    name: str
    span: tuple[int, int] | None


def report_rows(
    item: str,
    text: str,
    source: Source,
    *,
    name: str,
    date: str | None = None,
    date_span: tuple[int, int] | None = None,
    parts: Iterable[Part] = (),
    row: int | None = None,
) -> tuple[Row, list[Row]]:
    """Make the rows of one report.

    Parameters
    ----------
    item : str
    text : str
    source : Source
    name : str
    date : str, optional
        ISO.
    date_span : tuple of int, optional
        Where the text says its date.
    parts : iterable of Part
    row : int, optional
        Data row of a table, from 1.

    Returns
    -------
    dict
        Of the table ``texts``.
    list of dict
        Of the table ``observations``: the language with its certainty (0 to 1), where the date
        stands, and each part, with an address (`#chars=`) as its target.
    """
    found = {"source": source.uri, "sha256": source.sha256, "row": row, "date": date}
    language = tell_language(text)
    about: list[Row] = [
        {
            "group": "report", "name": "language", "value": language.code,
            "number": language.certainty, "unit": "1", "method": language.method,
            "state": "unknown" if language.code == "unknown" else "present",
            "target": f"reports/{item}", **found,
        }
    ]  # fmt: skip
    spans = [Part("report", "date", date_span)] if date_span else []
    for part in [*spans, *parts]:
        value = None
        if part.name == "date" and part.span:
            value = text[slice(*part.span)]
        about.append(
            {
                "group": part.group, "name": part.name, "value": value,
                "state": "present" if part.span else "absent",
                "target": target(item, part.span), **found,
            }
        )  # fmt: skip
    said = {"item": item, "name": name, "text": text, "language": language.code, **found}
    return said, about


def target(item: str, span: tuple[int, int] | None) -> str:
    """Address of a place in a report, without key and version."""
    return f"reports/{item}" + (f"#chars={span[0]}:{span[1]}" if span else "")


def detail(**fields: Any) -> str | None:
    """JSON of what has no column, without the fields that are empty; None where nothing is left."""
    kept = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    return json.dumps(kept, ensure_ascii=False, default=str) if kept else None
