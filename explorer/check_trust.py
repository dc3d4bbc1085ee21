"""The refusal to read files that a store names, but that this user has not trusted it with."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from explorer.errors import UntrustedError
from explorer.trust import is_below

if TYPE_CHECKING:
    from explorer.store import Store


def check_trust(store: Store, paths: Iterable[str], where: str) -> None:
    """Refuse to read files that lie outside of the folders that the store is trusted with.

    Parameters
    ----------
    store : Store
    paths : iterable of str
        Absolute.
    where : str
        Patient and item, for the message.

    Raises
    ------
    UntrustedError
        One of them lies outside of `Store.readable_roots`.
    """
    known = store.readable_roots()
    for path in paths:
        if not is_below(path, known):
            folder = os.path.dirname(path)  # noqa: PTH120 - text from a store, no path yet
            raise UntrustedError(
                f"The store refers to {path}, which you have not trusted it to read",
                expected="a file in a folder that you ingested, or trusted by name",
                where=where,
                do="if you know the store and the folder: "
                f"oncograph info {store.url} --trust-root {folder}, or "
                f"explorer.open(store, trust_roots=[{folder!r}])",
            )
