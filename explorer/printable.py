"""Text for a terminal: what could command it is shown instead of obeyed."""

from __future__ import annotations

import unicodedata

# Marks that turn the direction of writing: they can make one name look like another.
_TURNS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_COMMANDS = {"Cc", "Cs", "Zl", "Zp"}


def printable(value: object) -> str:
    r"""Show a value as text, with escapes for what is no visible character.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
        Control characters (escape sequences begin with one), marks of direction and bytes that
        are no UTF-8 as ``\x1b``, ``\u202e``, ``\udcff``; line ends stay.
    """
    return "".join(
        c.encode("unicode_escape").decode("ascii")
        if c != "\n" and (c in _TURNS or unicodedata.category(c) in _COMMANDS)
        else c
        for c in str(value)
    )
