"""The rows of a joined patient, put together from what each identity's edit left of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.edit import Edit

Row = dict[str, Any]


def came_as(row: Row, key: str) -> str:
    """Whose row it is in the patient `key`: the joined identity's, or the patient's own."""
    return str(row.get("came_as") or key)


def compose(whole: Edit, parts: Sequence[Edit], table: str) -> list[Row]:
    """Put a table together; each row says which identity it came in as.

    Parameters
    ----------
    whole : Edit
        Of the visible patient, with its own rows.
    parts : sequence of Edit
        Of joined identities that the transaction touches.
    table : str

    Returns
    -------
    list of dict
        The patient's own rows first; rows of identities that nobody touched stay as they are.
    """
    rows = whole.rows[table]
    for row in rows:
        row["came_as"] = None
    found = list(rows)
    touched = {whole.key}
    for part in parts:
        if table in part.rows:
            touched.add(part.key)
            for row in part.rows[table]:
                row["came_as"] = part.key
            found += part.rows[table]
    rest = whole.loaded.get(table, [])
    return found + [row for row in rest if came_as(row, whole.key) not in touched]
