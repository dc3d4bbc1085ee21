"""Folded: a word without case, width and accents; the letters of other scripts stay."""

from __future__ import annotations

import unicodedata


def folded(word: str) -> str:
    """A word as the lexicon compares it.

    Only marks that Latin, Greek and Cyrillic letters wear fall away: those of Japanese or Hindi
    make other letters.

    Parameters
    ----------
    word : str
        Of any length; the result may have another one, so fold words, never whole texts.

    Returns
    -------
    str
    """
    if word.isascii():
        return word.lower()
    apart = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f")
    return unicodedata.normalize("NFKC", bare).casefold()
