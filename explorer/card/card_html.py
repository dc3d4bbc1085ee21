"""A data card for people: one page, every text of a source escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from explorer.html import Raw, cell, table_html

_BAR = 90  # px
_MOST_ROWS = 40
_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;margin:24px auto;max-width:1080px;padding:0 16px;
color:#1b1f24;background:#fff}
h1{font-size:22px}h2{font-size:16px;margin:24px 0 6px}table{font-size:13px}
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181b}}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def card_page(document: Mapping[str, Any]) -> str:
    """A page of its own.

    Parameters
    ----------
    document : mapping
        Of `DataCard`.
    """
    name = escape(str(document["about"]["name"] or "a cohort"))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Data card: {name}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<style>{_STYLE}</style><body>{card_html(document)}</body></html>\n"
    )


def card_html(document: Mapping[str, Any]) -> str:
    """The same as a part of a notebook."""
    about = document["about"]
    name = escape(str(about["name"] or "a cohort"))
    parts = [f"<h1>Data card: {name}</h1>", _facts(document)]
    if document["mind"]:
        lines = "".join(f"<li>{cell(one)}</li>" for one in document["mind"])
        parts.append(f'<h2>Mind</h2><ul role="note">{lines}</ul>')
    if document["flow"]:
        parts += ["<h2>Who was chosen</h2>", _flow(document["flow"])]
    parts += ["<h2>Table one</h2>", _table(document["table_one"], repeat=False)]
    parts += ["<h2>Data</h2>", _table(document["contents"])]
    parts += ["<h2>What is missing</h2>", _missing(document["missing"])]
    parts += ["<h2>Balance</h2>", _balance(document["balance"])]
    parts += ["<h2>Diversity</h2>", _diversity(document["diversity"])]
    parts += ["<h2>Licences</h2>", _table(document["licences"])]
    return "".join(parts)


def _facts(document: Mapping[str, Any]) -> str:
    about = document["about"]
    kept = {True: "yes", False: "no: by reference", None: "not frozen"}[about["self_contained"]]
    software = ", ".join(f"{name} {said}" for name, said in document["software"].items())
    rows = [
        ["patients", about["patients"]],
        ["of these made up (synthetic)", about["synthetic_patients"]],
        ["frozen", "yes" if about["frozen"] else "no"],
        ["stands alone", kept],
        ["digest (sha256 of who, at which commit)", about["digest"]],
        ["made", document["time"]],
        ["software", software],
    ]
    if about["note"]:
        rows.insert(0, ["note", about["note"]])
    if document["least"] > 1:
        rows.append(["small counts", f"below {document['least']} are not told"])
    return table_html(["", ""], rows)


def _flow(steps: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [one["reason"], one["before"], one["before"] - one["left"], one["left"],
         "; ".join(f"{why}: {n}" for why, n in one["why"].items())]
        for one in steps
    ]  # fmt: skip
    return table_html(["asked for", "of", "left out", "kept", "why left out"], rows)


def _table(part: Mapping[str, Any], *, repeat: bool = True) -> str:
    rows = [list(row) for row in part["rows"]]
    if not repeat:  # a variable's name stands at its first value
        for row, above in zip(rows[:0:-1], rows[-2::-1], strict=True):
            row[0] = "" if row[0] == above[0] else row[0]
    return table_html(part["columns"], rows)


def _missing(part: Mapping[str, Any]) -> str:
    rows = part["rows"]
    more = f" ({len(rows) - _MOST_ROWS} more in the JSON)" if len(rows) > _MOST_ROWS else ""
    return table_html(part["columns"], rows[:_MOST_ROWS], f"Patients{more}")


def _balance(counts: Mapping[str, Mapping[str, int | str]]) -> str:
    tables = []
    for name, one in counts.items():
        known = [count for count in one.values() if isinstance(count, int)]
        most = max(known, default=1) or 1
        rows = [[label, count, _bar(count, most)] for label, count in one.items()]
        tables.append(f"<div>{table_html([name, 'patients', ''], rows)}</div>")
    return f'<div style="display:flex;flex-wrap:wrap;gap:24px">{"".join(tables)}</div>'


def _bar(count: int | str, most: int) -> Raw:
    width = round(_BAR * count / most) if isinstance(count, int) else 2
    return Raw(
        f'<span aria-hidden="true" style="display:inline-block;height:10px;width:{width}px;'
        'background:#4477aa"></span>'
    )


def _diversity(found: Mapping[str, Any]) -> str:
    head = ["attribute", "kinds", "as varied as so many equal kinds", "evenness", "unknown"]
    rows = [
        [one["attribute"], one["kinds"], one["effective"], one["evenness"],
         f"{100 * one['unknown']:.1f} %"]
        for one in found["attributes"]
    ]  # fmt: skip
    caption = f"Diversity index {found['index']:.2f} (geometric mean of the effective numbers)"
    return table_html(head, rows, caption)
