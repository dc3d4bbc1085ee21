"""The row of one report: its text, its language, and what stands where in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from explorer.draft import Source
from explorer.readers.tell_language import tell_language

Row = dict[str, Any]
Spans = Mapping[str, tuple[int, int] | None]


def report_row(
    item: str,
    text: str,
    source: Source,
    *,
    name: str,
    date: str | None = None,
    row: int | None = None,
    sections: Spans | None = None,
    **more: Any,
) -> Row:
    """Make the row of one report.

    Parameters
    ----------
    item : str
    text : str
    source : Source
    name : str
    date : str, optional
        ISO.
    row : int, optional
        Data row of a table, from 1.
    sections : mapping, optional
        Section to its place in the text (half-open, in characters), or None where it is announced
        and empty.
    **more
        What else the row's ``detail`` is to say.

    Returns
    -------
    dict
        Of the table ``texts``. Its ``detail`` has ``language`` (certainty from 0 to 1, method),
        ``sections``, and `more`.
    """
    language = tell_language(text)
    told = {"certainty": language.certainty, "method": language.method}
    return {
        "item": item, "name": name, "text": text, "language": language.code, "date": date,
        "source": source.uri, "sha256": source.sha256, "row": row,
        "detail": detail(language=told, sections=dict(sections or {}), **more),
    }  # fmt: skip


def target(item: str, span: tuple[int, int] | None = None) -> str:
    """Address of a report, or of a place in it, without key and version."""
    return f"reports/{item}" + (f"#chars={span[0]}:{span[1]}" if span else "")


def detail(**fields: Any) -> str | None:
    """JSON of what has no column, without the fields that are empty; None where nothing is left."""
    kept = {name: value for name, value in fields.items() if value not in (None, "", [], {}, ())}
    return json.dumps(kept, ensure_ascii=False, default=str) if kept else None
