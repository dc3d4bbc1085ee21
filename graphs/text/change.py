"""change: whether an observation is new, or has grown, shrunk, stayed or gone."""

from __future__ import annotations

import re

from graphs.text.statement import Said, Statement

# 'increased interstitial markings' compares with health, not with an earlier study
_COMPARED = re.compile(
    r"\b(?:since|interval|compar\w*|prior|previous\w*|from|in size|earlier|last|former\w*)\b"
    r"|较前|前回|cm|mm",
    re.IGNORECASE,
)
_NEEDS = ("increased", "decreased")
_BARE = re.compile(
    r"(?:increased|increase|decreased|decrease|reduced|reduction|larger|smaller|progressive)$",
    re.IGNORECASE,
)
_DESCRIBES = re.compile(
    r"\s+(?!(?:in|since|from|compared|when|by|and|to|slightly|significantly|size|than|now|over)\b)"
    r"[^\W\d]",
    re.IGNORECASE,
)


def changes(statement: Statement) -> list[Said]:
    """The words of a sentence that speak of change over time.

    Parameters
    ----------
    statement : Statement

    Returns
    -------
    list of (start, end, value)
        The values are those of `Finding.change`.
    """
    if not statement.changes:
        return []
    compared = None
    found = []
    for start, end, value in statement.changes:
        if value in _NEEDS and _BARE.match(statement.text[start:end]):
            if compared is None:
                compared = bool(_COMPARED.search(statement.text, statement.start, statement.end))
            if not compared and _DESCRIBES.match(statement.text, end, statement.end):
                continue
        found.append((start, end, value))
    return found
