"""Erasing: what is left to do of erasures that were begun; keys alone, nothing of a person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from explorer.layout import ERASING

if TYPE_CHECKING:
    from explorer.store import Store


def being_erased(store: Store, key: str) -> bool:
    """Whether an erasure of a patient was begun and not ended.

    Parameters
    ----------
    store : Store
    key : str
    """
    return any(key in keys for keys in erasures(store).values())


def erasures(store: Store) -> dict[str, list[str]]:
    """The erasures that were begun: name to the keys that go together."""
    found = {}
    for place in (store.place / ERASING).children():
        if place.name.endswith(".json"):
            try:
                found[place.name.removesuffix(".json")] = json.loads(place.read_bytes())
            except FileNotFoundError:
                continue  # it has just ended
    return found


def begin_erasure(store: Store, keys: list[str]) -> str:
    """Note that patients are to go, so that a kill stops nothing for good; gives its name."""
    folder = store.place / ERASING
    folder.make_folder()
    (folder / f"{keys[0]}.json").write_bytes(json.dumps(keys).encode())
    return keys[0]


def end_erasure(store: Store, name: str) -> None:
    """Forget an erasure of which nothing is left to do."""
    (store.place / ERASING / f"{name}.json").delete()
