"""A free id for a thing of a joined patient, where another identity has one of the same id."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from explorer.compose import came_as
from explorer.item_id import item_id
from explorer.records_draft import RecordsDraft

if TYPE_CHECKING:
    from explorer.draft import Draft
    from explorer.edit import Edit

AnyDraft = TypeVar("AnyDraft", bound="Draft")

BEFORE = "id_before_join"
# The tables that have ids of things, and the column in which JSON about the thing is.
NAMED = {"items": "meta", "texts": "detail"}


def other_id(item: str, key: str) -> str:
    """The id that a thing of the identity `key` has where its own id is taken."""
    return item_id(item.rpartition("-")[0], item, key)


def note_id(text: str | None, item: str) -> str:
    """Keep the id before in a thing's JSON."""
    about = json.loads(text or "{}")
    kept = {**about, BEFORE: item} if isinstance(about, dict) else {BEFORE: item}
    return json.dumps(kept, ensure_ascii=False)


def id_before(text: str | None) -> tuple[str | None, str | None]:
    """The id before of a thing, or None, and its JSON without that."""
    if not text or BEFORE not in text:
        return None, text
    about = json.loads(text)
    if not isinstance(about, dict) or BEFORE not in about:
        return None, text
    item = about.pop(BEFORE)
    return str(item), json.dumps(about, ensure_ascii=False)


def free_id(draft: AnyDraft, edit: Edit) -> AnyDraft:
    """Give a draft another id, where another identity of the patient has its id.

    Parameters
    ----------
    draft : any draft
    edit : Edit
        Of the identity that the draft goes to, with its rows loaded.

    Returns
    -------
    draft
        The same one, or a copy under another id that keeps the first in its ``meta``.
    """
    if isinstance(draft, RecordsDraft):
        names = _names(edit, "texts", [row.get("item") for row in draft.texts])
        if not names:
            return draft
        return replace(draft, texts=[_renamed(row, names) for row in draft.texts])
    names = _names(edit, "items", [draft.item])
    if not names:
        return draft
    return replace(draft, item=names[draft.item], meta={**draft.meta, BEFORE: draft.item})


def _names(edit: Edit, table: str, ids: list[Any]) -> dict[str, str]:
    """Of ids, those that are to be other ones: as they were before, or because they are taken."""
    if not ids:
        return {}
    found = {}
    for row in edit.rows.get(table, ()):
        before, _ = id_before(row.get(NAMED[table]))
        if before in ids:
            found[before] = row["item"]
    taken = _taken(edit, table)
    return {item: other_id(item, edit.key) for item in ids if item in taken} | found


def _taken(edit: Edit, table: str) -> set[str]:
    root = edit.root
    loaded = root.loaded.get(table, [])
    taken = {row["item"] for row in loaded if came_as(row, root.key) != edit.key}
    for other in (root, *root.parts):
        if other is not edit:
            taken |= {row["item"] for row in other.rows.get(table, ())}
    return taken


def _renamed(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    if row.get("item") not in names:
        return row
    detail = note_id(row.get("detail"), row["item"])
    return {**row, "item": names[row["item"]], "detail": detail}
