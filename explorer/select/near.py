"""near: which of some names may have been meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHOWN = 8


def near(word: str, known: Iterable[str], least: float = 0.4) -> list[str]:
    """Find names that contain a word, then those that are written like it, without regard to case.

    Parameters
    ----------
    word : str
    known : iterable of str
    least : float
        How alike two names are at least, from 0 to 1; see `difflib.SequenceMatcher.ratio`.

    Returns
    -------
    list of str
        Eight at the most, of the known ones.
    """
    folded: dict[str, str] = {}
    for one in sorted(known):
        folded.setdefault(one.casefold(), one)
    asked = word.casefold()
    found = [name for name in folded if asked and asked in name]  # age: age_at_diagnosis
    found += difflib.get_close_matches(asked, list(folded), _SHOWN, least)
    return [folded[name] for name in dict.fromkeys(found)][:_SHOWN]
