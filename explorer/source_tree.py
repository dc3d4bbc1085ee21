"""A source tree: the folder that references may be read from, and whose identifiers it uses."""

from __future__ import annotations

import secrets
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from explorer.lock import lock
from explorer.walk import source_root

if TYPE_CHECKING:
    from explorer.store import Store


def source_tree(store: Store, source: Path, issuer: str | None = None) -> str:
    """Register a source's folder, once, and find the issuer of its identifiers.

    A folder inside of a known one, or around it, is the same tree.

    Parameters
    ----------
    store : Store
    source : pathlib.Path
    issuer : str, optional
        The declared one; it wins over the tree.

    Returns
    -------
    str
        The issuer: the declared one, else an opaque name of the tree.
    """
    root = source_root(source)
    with lock(store.path, "identity"):
        rows = store.records.read("roots").to_pylist()
        kin = [row for row in rows if _nested(row["root"], root)]
        name = kin[0]["issuer"] if kin else f"tree-{secrets.token_hex(6)}"
        if not any(PurePath(root).is_relative_to(row["root"]) for row in kin):
            store.add_root(root, name)
    return issuer or name


def _nested(a: str, b: str) -> bool:
    return PurePath(a).is_relative_to(b) or PurePath(b).is_relative_to(a)
