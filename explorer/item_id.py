"""Item ids: stable, opaque, short."""

from __future__ import annotations

import hashlib
import re


def item_id(prefix: str, *identity: str) -> str:
    """Make the id of an item from what identifies it.

    Parameters
    ----------
    prefix : str
        What it is, for people: 'ct', 'pt', 'seg'.
    *identity : str
        What makes it this one (a SeriesInstanceUID; a source tree and a path below it). Hashed,
        since file names and UIDs can name a person.

    Returns
    -------
    str
        Such as ``ct-3f9a2c41``: the same for the same identity, on every machine.
    """
    head = re.sub(r"[^a-z0-9]+", "", prefix.lower()) or "item"
    digest = hashlib.sha256("\x1f".join(identity).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{head}-{digest[:8]}"
