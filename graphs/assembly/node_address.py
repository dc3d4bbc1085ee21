"""Addresses of nodes: without a version, so that two versions of a patient can be compared."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from explorer.address import Address
from explorer.errors import AddressError


@lru_cache(maxsize=65_536)
def _quoted(text: str) -> str:
    return quote(text, safe="~")


def node_address(key: str, collection: str, item: str, fragment: str = "") -> str:
    """Write an address; the same as `str` of an `explorer.address.Address`, and faster.

    Parameters
    ----------
    key, collection, item : str
        `item` is hostile.
    fragment : str
        As `fragment_of` or an address has it; empty for the whole item.
    """
    # a name can be empty or end up so; an address cannot
    return f"onco:{key}/{collection}/{_quoted(item or 'unnamed')}" + (
        f"#{fragment}" if fragment else ""
    )


def fragment_of(name: str, value: str) -> str:
    """One piece of a fragment, such as ``label=Lesion%202``."""
    return f"{name}={_quoted(value)}"


def node_of(key: str, target: str) -> str | None:
    """The node that a target lies in: a box is in its image, characters are in their report.

    Parameters
    ----------
    key : str
    target : str
        An address without key and version, ``images/ct-1#box=3:9,10:40,20:50``; hostile.

    Returns
    -------
    str or None
        None where it is no address.
    """
    try:
        address = Address.parse(f"onco:{key}/{target}")
    except AddressError:
        return None
    label = address.fragment.get("label")
    kept = fragment_of("label", label) if isinstance(label, str) else ""
    return node_address(key, address.kind, address.item, kept)
