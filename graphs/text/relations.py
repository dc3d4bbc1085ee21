"""relations: what the observations of a sentence have to do with each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from graphs.text.mention import Mention
from graphs.text.statement import Statement

_INSIDE = re.compile(
    r"\s*(?:\S+\s+){0,2}?(?:in|within|inside)\s+(?:the\s+|an?\s+|this\s+)?(?:\S+\s+){0,3}?",
    re.IGNORECASE,
)
_HAS = re.compile(r"\s*(?:with|containing|showing)\s+(?:\S+\s+){0,3}?", re.IGNORECASE)
_TRAITS = frozenset(
    {"calcification", "cavitation", "necrosis", "hemorrhage", "air bronchogram", "enhancement"}
)
_FAR = 60


def relations(statement: Statement, mentions: Sequence[Mention]) -> list[tuple[int, str, int]]:
    """Find relations between the observations of a sentence.

    'suggestive_of': opacity -> pneumonia in 'opacity suggestive of pneumonia'; 'located_at':
    nodule -> consolidation in 'nodule within the consolidation'; 'modify': calcification -> nodule
    in 'nodule with central calcification'.

    Parameters
    ----------
    statement : Statement
    mentions : sequence of Mention

    Returns
    -------
    list of (from, kind, to)
        Positions among `mentions`.
    """
    if len(mentions) < 2:
        return []
    found = []
    text = statement.text
    suggests = [(start, end) for start, end, value in statement.cues if value == "suggests"]
    kinds = ("observation", "observation")
    for here, (one, other) in enumerate(pairwise(mentions)):
        gap = (one.end, other.start)
        if (one.term.kind, other.term.kind) != kinds:
            continue
        if gap[0] >= gap[1] or gap[1] - gap[0] > 2 * _FAR or "said_with" in other.detail:
            continue
        cue = next((c for c in suggests if gap[0] <= c[0] and c[1] <= gap[1]), None)
        if cue and gap[1] - cue[1] <= _FAR and ";" not in text[slice(*gap)]:
            found.append((here, "suggestive_of", here + 1))
        elif other.term.entity in _TRAITS and _HAS.fullmatch(text, *gap):
            found.append((here + 1, "modify", here))
        elif _may_hold(text[slice(*gap)]) and _INSIDE.fullmatch(text, *gap):
            found.append((here, "located_at", here + 1))
    return found


def _may_hold(gap: str) -> bool:
    return not gap.isascii() or "in" in gap.lower()
