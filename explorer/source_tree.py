"""A source tree: the folder that references may be read from, and whose identifiers it uses."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import StoreError
from explorer.lock import lock
from explorer.on_s3 import on_s3
from explorer.privacy.hide import is_hidden
from explorer.trust import is_below, lies_in
from explorer.walk import source_root

if TYPE_CHECKING:
    from explorer.s3_source import S3Source
    from explorer.store import Store

# Machines that see the same folders can be given one name.
_MACHINE = "ONCOGRAPH_MACHINE"


@dataclass(frozen=True)
class SourceTree:
    """Whose identifiers the files of a source use.

    Attributes
    ----------
    declared : str or None
        By the person who ingests; it wins.
    issuers : dict
        Registered folder to issuer.
    """

    declared: str | None
    issuers: dict[str, str]

    def issuer(self, uri: str) -> str:
        """The issuer of a file: that of the innermost registered folder around it."""
        if self.declared is not None:
            return self.declared
        around = [root for root in self.issuers if lies_in(uri, root)]
        return self.issuers[max(around, key=len)]


def source_tree(
    store: Store,
    source: Path | S3Source,
    issuer: str | None = None,
    shown: Callable[[str], str] = str,
) -> SourceTree:
    """Register a source's folder, once, and find the issuer of its identifiers.

    Who ingests a folder trusts the store to read it.

    A folder inside of a known one is the same tree, and so is one around a single known tree.
    Around several, each keeps its own: what stood apart is not joined by where it lies.

    Parameters
    ----------
    store : Store
    source : pathlib.Path or S3Source
    issuer : str, optional
        The declared one; it wins over the tree.
    shown : callable
        What stands in the store for a folder's path.

    Returns
    -------
    SourceTree

    Raises
    ------
    StoreError
        The store is on S3, and knows a folder of that path from another machine.
    """
    root = shown(source_root(source))
    with lock(store.place, "identity"):
        rows = store.records.read("roots").to_pylist()
        known = {row["root"]: row["issuer"] for row in rows}
        if not store.place.local and not on_s3(root):
            _same_machine(known, root)
        if not any(lies_in(root, other) for other in known):
            inside = {name for other, name in known.items() if lies_in(other, root)}
            # a folder of one machine is no other's; a bucket is everybody's
            here = "" if store.place.local or on_s3(root) else f".{_here()}"
            fresh = f"tree-{secrets.token_hex(6)}{here}"
            known[root] = inside.pop() if len(inside) == 1 else fresh
            store.add_root(root, known[root])
            # on S3 another writer may have been faster; the issuer is then theirs
            known = {row["root"]: row["issuer"] for row in store.records.read("roots").to_pylist()}
    found = SourceTree(issuer, known)
    if not is_hidden(root) and not (on_s3(root) and is_below(root, store.trust.folders())):
        store.trust.add([root])
    return found


def _here() -> str:
    """Name the machine, for the issuers of a store that other machines write to as well.

    Raises
    ------
    StoreError
        The variable that names it holds something else.
    """
    named = os.environ.get(_MACHINE)
    if named and not re.fullmatch(r"[A-Za-z0-9-]{1,40}", named):
        raise StoreError(f"{_MACHINE} is not a name", expected="ASCII letters, digits and -")
    return named or hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _same_machine(known: Mapping[str, str], root: str) -> None:
    """Refuse a folder in, around or called like one of another machine's; they may be two."""
    for other, issuer in known.items():
        near = lies_in(root, other) or lies_in(other, root)
        machine = issuer.partition(".")[2]
        if not near or machine in ("", _here()):
            continue
        raise StoreError(
            f"The store knows a folder {other} that was ingested on another machine",
            expected="to be told whether it is the same folder",
            do=f"if it is (a shared drive, a new container): {_MACHINE}={machine} in the "
            "environment says so; if it is another one, ingest it from another path",
        )
