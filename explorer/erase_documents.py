"""The names of patients, out of what was said of cohorts and splits."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from explorer.held_outside import any_of

if TYPE_CHECKING:
    from explorer.store import Store

SOMEBODY = "a person who was erased"
"""What stands where a name stood."""

_TABLES = {"cohorts": "cohort", "splits": "split"}
# What programs read, and no person wrote.
_FIXED = {"oncograph", "kind", "operator", "software", "store", "sha256", "digest", "time",
          "self_contained", "report", "sizes"}  # fmt: skip
_LEAST = 3
_CUT = "\u2026"


def erase_documents(store: Store, keys: list[str]) -> None:
    """Put `SOMEBODY` where documents of frozen cohorts and kept splits name patients.

    A question may name a person (``label = 'Anna'``), and so may a note, or a list of keys. It is
    found as a word by itself, in any case of letters; one of fewer than three characters, or a
    number of fewer than five digits, only in quotes or alone, since ``age > 61`` names nobody.
    What a cohort or a split is called stays: it is how it is opened. The sha256 of a cohort is of
    its data, not of its document, and still holds. It can be done again.

    Parameters
    ----------
    store : Store
    keys : list of str
        Whose names the store still has. The caller holds the tables.
    """
    records = store.records
    found: re.Pattern[str] | None = None
    for table, key in _TABLES.items():
        changed = []
        for row in records.read(table).to_pylist():
            found = found or _pattern(_names(store, keys))
            text = _without(row["document"] or "", found, set(keys))
            if text != row["document"]:
                changed.append({**row, "document": text})
        if changed:
            data = records.dataset(table)
            step = data.merge_insert(key).when_matched_update_all()
            step.execute(_arrow(table, changed))


def _arrow(table: str, rows: list[dict[str, Any]]) -> Any:
    import pyarrow as pa

    from explorer.layout import ALL_TABLES

    return pa.Table.from_pylist(rows, schema=ALL_TABLES[table])


def _names(store: Store, keys: list[str]) -> set[str]:
    """What patients are, or were, called, and their keys."""
    found = {name for key in keys for _, name in store.identity.names(key)}
    rows = store.records.read("attributes", any_of("patient", keys), ["label"])
    return {name for name in {*found, *rows["label"].to_pylist(), *keys} if name and name.strip()}


def _pattern(names: set[str]) -> re.Pattern[str]:
    """Names as words, the longest first; also as SQL, Python and a cut line write them."""
    ways = []
    for name in names:
        for way in {name, name.replace("'", "''"), repr(name)[1:-1], " ".join(name.split())}:
            # of a name that is cut off at the end of a line, what is left of it
            rest = [way[:k] for k in range(_LEAST, len(way))] if len(way) < 200 else []
            ways.append((len(way), _word(way)))
            ways += [(0, rf"{_before(one)}{re.escape(one)}{_CUT}") for one in rest]
    ordered = [way for _, way in sorted(set(ways), key=lambda pair: (-pair[0], pair[1]))]
    return re.compile("|".join(ordered), re.IGNORECASE)


def _word(name: str) -> str:
    told = re.escape(name)
    if len(name) < _LEAST or (name.isdecimal() and len(name) < 5):
        return rf"(?<=')\s*{told}\s*(?=')|(?<=\")\s*{told}\s*(?=\")|\A\s*{told}\s*\Z"
    return _before(name) + told + (r"(?![^\W_])" if name[-1].isalnum() else "")


def _before(name: str) -> str:
    return r"(?<![^\W_])" if name[0].isalnum() else ""


def _without(document: str, names: re.Pattern[str], keys: set[str]) -> str:
    try:
        said = json.loads(document)
    except ValueError:
        return names.sub(SOMEBODY, document)
    if isinstance(said, dict) and isinstance(said.get("by_reference"), list):
        # items of the patients, which go with them
        said["by_reference"] = [
            one for one in said["by_reference"] if one.get("patient") not in keys
        ]
    unnamed = _walk(said, names)
    same = unnamed == json.loads(document)
    return document if same else json.dumps(unnamed, ensure_ascii=False)


def _walk(value: Any, names: re.Pattern[str], *, free: bool = False) -> Any:
    if isinstance(value, str):
        return names.sub(SOMEBODY, value)
    if isinstance(value, list):
        return [_walk(one, names) for one in value]
    if isinstance(value, dict):
        return {
            names.sub(SOMEBODY, name) if free else name: one if name in _FIXED and not free
            else _walk(one, names, free=name == "parameters")
            for name, one in value.items()
        }  # fmt: skip
    return value
