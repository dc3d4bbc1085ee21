"""A name of a file or folder, made of text that nobody vouches for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import quote

_MOST = 80
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.I)
_NOT_PLAIN = re.compile(r"[^0-9A-Za-z]+")


def safe_name(text: str) -> str:
    """Percent-encode a text, so that it is one part of a path on any system and in any shell.

    Letters of ASCII, digits, ``_``, ``-`` and ``.`` (not first) stay; what is too long ends in a
    hash. ``urllib.parse.unquote`` leads back, where nothing was cut.
    """
    name = quote(text, safe="", errors="replace").replace("~", "%7E")
    name = re.sub(r"^\.+", lambda dots: "%2E" * len(dots[0]), name).rstrip(".")
    if len(name) > _MOST:
        name = f"{name[: _MOST - 9].rstrip('%')}-{_hash(text)}"
    return f"_{name}" if not name or _RESERVED.fullmatch(name) else name


def plain_name(text: str, most: int = 40) -> str:
    """The letters of ASCII and digits of a text, for names that a format keeps to these."""
    return _NOT_PLAIN.sub("", text)[:most]


def word_name(text: str, most: int = 40) -> str:
    """The words of ASCII of a text with ``_`` between, for people who look into a folder."""
    return _NOT_PLAIN.sub("_", text).strip("_")[:most].strip("_")


def distinct(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Key to name, where no two names are one on a disk that does not tell A from a.

    Parameters
    ----------
    names : iterable of (key, name)
    """
    pairs = list(names)
    count: dict[str, int] = {}
    for _, name in pairs:
        count[name.casefold()] = count.get(name.casefold(), 0) + 1
    return {
        key: name if count[name.casefold()] == 1 else f"{name}-{_hash(key)}" for key, name in pairs
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
