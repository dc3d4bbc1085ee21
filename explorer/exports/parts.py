"""Which part of a split each patient is in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from explorer.errors import NotFoundError, StoreError
from explorer.records import quote

if TYPE_CHECKING:
    from explorer.store import Store


def parts_of(store: Store, split: Any) -> tuple[dict[str, str], dict[str, Any]]:
    """Key to part, and what a manifest says of a split.

    Parameters
    ----------
    store : Store
    split : str, Split, mapping, or None
        The name of a split of the store; a split; part to patients (or to keys).

    Returns
    -------
    parts : dict
    about : dict
        name and sha256, where it has any.

    Raises
    ------
    NotFoundError
        The store has no split of that name.
    StoreError
        A patient is in two parts.
    """
    if split is None:
        return {}, {}
    if isinstance(split, str):
        return _stored(store, split)
    told = getattr(split, "part_of", None)  # a split of the store's own; folds may be nested
    if told is not None:
        return dict(told), {"name": split.name, "sha256": split.digest, "settings": split.settings}
    found: dict[str, str] = {}
    for part, members in split.items():
        keys: Any = getattr(members, "keys", members)
        for key in keys() if callable(keys) else keys:
            if found.setdefault(str(key), str(part)) != part:
                raise StoreError(
                    "A patient is in two parts of the split",
                    expected="each in one",
                    where=f"{found[str(key)]} and {part}",
                )
    return found, {}


def _stored(store: Store, name: str) -> tuple[dict[str, str], dict[str, Any]]:
    rows = store.records.read("splits", f"name = {quote(name)}").to_pylist()
    if not rows:
        known = store.records.read("splits", columns=["name"])["name"].to_pylist()
        raise NotFoundError(
            f"No split {name!r}", expected=", ".join(map(repr, sorted(known))) or "none is kept"
        )
    row = rows[-1]
    members = store.records.read("parts", f"split = {quote(row['split'])}").to_pylist()
    about = {"name": name, "sha256": row["sha256"], "made": row["time"]}
    document = json.loads(row["document"] or "{}")
    if isinstance(document, dict) and "seed" in document:
        about["seed"] = document["seed"]
    found: dict[str, str] = {}
    for one in sorted(members, key=lambda one: str(one["part"])):
        found.setdefault(one["patient"], one["part"])  # of nested folds the outer one
    return found, about


def part_kind(part: str) -> str:
    """'train', 'val' or 'test', by the name of a part; 'train' where there is no split."""
    name = part.casefold()
    if name.startswith("test"):
        return "test"
    return "val" if name.startswith(("val", "dev", "tun")) else "train"
