"""contrasted_sides: 'right but no left effusion' says two things with one word."""

from __future__ import annotations

import re
from itertools import pairwise

from graphs.text.mention import Mention
from graphs.text.statement import Said, Statement

_WORDS = r"(?:(?!(?:and|or|nor|but|no|not|with|without)\b)[\w-]+\s+){0,3}"
# between the sides: 'right, but no left', 'right and no significant left'
_BUT_NO = re.compile(
    rf"[\s,]*(?:(?:but|and|yet|though|although)\s+)?(?:there\s+(?:is|are)\s+)?(?:no|not|without)\s+{_WORDS}",
    re.IGNORECASE,
)
# 'no left but a small right effusion'
_BUT = re.compile(rf"[\s,]*\bbut\s+{_WORDS}", re.IGNORECASE)
_TO_NAME = re.compile(
    r"[\s,-]*(?:(?!(?:and|or|nor|but|no|not|with|without)\b)[\w-]+[\s,-]+){0,4}", re.IGNORECASE
)
# 'a nodule on the right but no left effusion': that side is the nodule's
_LED = re.compile(r"\b(?:on|in|at|of|to|from|near|over)\s+(?:the\s+)?$", re.IGNORECASE)
_PARTED = re.compile(r"[;:,]|\b(?:and|or|but|with)\b", re.IGNORECASE)


def contrasted_sides(statement: Statement) -> None:
    """Make a mention of its own of the side that is not denied, or that alone is.

    It stands at the word for that side, since two findings are not at one place, and tells by
    ``detail['said_with']`` where the observation's name stands.

    Parameters
    ----------
    statement : Statement
        Its mentions are changed, before anything is attached to them.
    """
    sides = statement.side_words
    if len(sides) < 2 or not statement.cues:
        return
    for first, second in pairwise(sides):
        if {first[2], second[2]} != {"left", "right"}:
            continue
        named = next((one for one in statement.mentions if one.start >= second[1]), None)
        if named is None or named.term.kind != "observation" or named.inside is not None:
            continue
        if _contrasted(statement, first, second, named):
            beyond = second[1]
            while beyond < named.start and statement.text[beyond] in " -\t\n":
                beyond += 1
            made = [
                Mention(
                    first[0], first[1], one.term, first[0], beyond=beyond,
                    detail={"said_with": [one.start, one.end]},
                )
                for one in statement.mentions if one.span == named.span
            ]  # fmt: skip
            statement.mentions = sorted([*statement.mentions, *made], key=lambda one: one.span)
            return


def _contrasted(statement: Statement, first: Said, second: Said, named: Mention) -> bool:
    text = statement.text
    negated = _negated(statement, first[0])
    between = _BUT if negated else _BUT_NO
    if not between.fullmatch(text, first[1], second[0]):
        return False
    if not _TO_NAME.fullmatch(text, second[1], named.start):
        return False
    if _LED.search(text, max(statement.start, first[0] - 12), first[0]):
        return False
    before = [one.end for one in statement.mentions if one.end <= first[0]]
    if any(first[1] <= one.start < second[0] for one in statement.mentions):
        return False
    if any(first[0] >= place.start and first[1] <= place.end for place in statement.places):
        return False
    return not before or _PARTED.search(text, max(before), first[0]) is not None


def _negated(statement: Statement, start: int) -> bool:
    """Whether a denial reaches the side: 'no left'."""
    clause = statement.clause(start)
    for cue_start, cue_end, value in reversed(statement.cues):
        if value == "absent_before" and cue_end <= start and statement.clause(cue_start) == clause:
            return not any(cue_end <= one.start and one.end <= start for one in statement.mentions)
    return False
