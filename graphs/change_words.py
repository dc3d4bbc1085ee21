"""Words that say how a finding has changed, and where they stand."""

from __future__ import annotations

import re

_WORDS = {
    "new": r"new(?:ly)?|newly developed|interval development",
    "increased": r"increas(?:e|ed|es|ing)|enlarg(?:ed|ing|ement)|worse(?:ned|ning)?|larger|"
    r"progress(?:ed|ion|ive|ing)|grown|growth|bigger|more (?:prominent|extensive|pronounced)",
    "decreased": r"decreas(?:e|ed|es|ing)|improv(?:ed|ing|ement)|smaller|reduc(?:ed|tion)|"
    r"less (?:prominent|extensive|pronounced)|diminished|regress(?:ed|ion)|shrunk",
    "stable": r"stable|unchanged|no (?:significant |interval |appreciable )*change|similar|"
    r"not changed|without change|persist(?:ent|s|ing)|constant",
    "resolved": r"resol(?:ved|ution)|clear(?:ed|ing)|disappear(?:ed|ance)|no longer (?:seen|"
    r"present|visible|identified)",
}  # fmt: skip
_PATTERNS = {kind: re.compile(rf"\b(?:{words})\b", re.I) for kind, words in _WORDS.items()}


def change_word(kind: str, text: str, start: int, end: int, *, near: int) -> list[int] | None:
    """Look for the word that says a change, in a sentence whose change is known.

    Parameters
    ----------
    kind : {'new', 'increased', 'decreased', 'stable', 'resolved'}
    text : str
    start, end : int
        The sentence, in code points.
    near : int
        Where the finding stands; of several words the nearest is taken.

    Returns
    -------
    [int, int] or None
        None where the change is said in other words.
    """
    pattern = _PATTERNS.get(kind)
    spans = [match.span() for match in pattern.finditer(text, start, end)] if pattern else []
    nearest = min(spans, key=lambda span: abs(span[0] - near), default=None)
    return None if nearest is None else [*nearest]
