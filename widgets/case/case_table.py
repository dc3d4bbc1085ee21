"""case_table: a table of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from widgets.case.shown import shown

_MOST = 400


def case_table(
    head: Sequence[str], rows: Sequence[Sequence[Any]], caption: str, numbers: Sequence[str] = ()
) -> str:
    """A table whose cells are text; columns that nothing stands in are left out.

    Parameters
    ----------
    head : sequence of str
    rows : sequence of sequences
    caption : str
    numbers : sequence of str
        Columns that are aligned to the right.

    Returns
    -------
    str
        Of more than 400 rows the first 400, and it says so.
    """
    kept = [n for n in range(len(head)) if any(row[n] not in (None, "") for row in rows)]
    kinds = ['class="n"' if head[n] in numbers else 'class="said"' for n in kept]
    top = "".join(
        f'<th scope="col"{" class=n" if head[n] in numbers else ""}>{shown(head[n])}</th>'
        for n in kept
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td {k}>{shown(_said(row[n]))}</td>" for n, k in zip(kept, kinds, strict=True))
        + "</tr>"
        for row in rows[:_MOST]
    )
    more = f"; the first {_MOST} of {len(rows)}" if len(rows) > _MOST else ""
    # a table that can be scrolled must be reachable by keyboard
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{shown(caption)}"><table>'
        f"<caption>{shown(caption)}{more}</caption><thead><tr>{top}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _said(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e5 else f"{value:,.0f}"
    return value
