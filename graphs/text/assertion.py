"""assertion: whether a statement says that something is there.

Scopes in the manner of ConText (Harkema et al. 2009, J Biomed Inform 42:839): a cue before reaches
to the end of its clause, a cue after reaches back over a list; longer phrases that only look like
cues ('no change in') hide them.
"""

from __future__ import annotations

import re

from graphs.finding import Assertion
from graphs.text.mention import Mention
from graphs.text.statement import Said, Statement

_BEFORE: dict[str, Assertion] = {
    "absent_before": "absent",
    "uncertain_before": "uncertain",
    "not_assessed_before": "not_assessed",
    "uncertain_between": "uncertain",
    "present_before": "present",
}
_AFTER: dict[str, Assertion] = {
    "absent_after": "absent",
    "uncertain_after": "uncertain",
    "uncertain_between": "uncertain",
    "not_assessed_after": "not_assessed",
}
_FAR = 6
# a list goes on over these; anything else with a comma begins another statement
_COMMA = re.compile(r"[,，]")  # noqa: RUF001
_LIST = re.compile(r"\b(?:or|nor|o|u|ni)\b|或|や", re.IGNORECASE)
_AND = re.compile(r"\band\b|/|,")
_WITH = re.compile(r"\b(?:with|and there)\b", re.IGNORECASE)
_ASKED = re.compile(r"\W{0,3}[?？]")  # noqa: RUF001
# a form filled in: 'Pneumothorax: No.'
_ANSWERED = re.compile(r"\s*[:：=]\s*(?:no|nil|n)\s*(?=[.,;)\n]|$)", re.IGNORECASE)  # noqa: RUF001
# of these 'not enlarged' says that they are not there; a nodule that is not enlarged is
_BY_SIZE = ("lymph", "node", "megaly", "enlarged")


def assertion(statement: Statement, mention: Mention) -> tuple[Assertion, Said | None]:
    """Whether the observation is said to be there, and by which words.

    Parameters
    ----------
    statement : Statement
    mention : Mention

    Returns
    -------
    assertion : {'present', 'absent', 'uncertain', 'not_assessed'}
    cue : (start, end, value) or None
        The words that decided; None where nothing but the mention says it.
    """
    if (answer := _answered(statement, mention)) is not None:
        return "absent", answer
    cues = statement.cues
    before = _before(statement, mention) if cues else None
    after = _after(statement, mention) if cues else None
    if before and _BEFORE[before[2]] in ("absent", "not_assessed"):
        return _BEFORE[before[2]], before
    if after and not (before and _AFTER[after[2]] == "uncertain"):
        return _AFTER[after[2]], after
    if before:
        return _BEFORE[before[2]], before
    if _ASKED.match(statement.text, mention.end, statement.end + 1):
        return "uncertain", (mention.end, mention.end + 1, "question")
    return "present", None


def _answered(statement: Statement, mention: Mention) -> Said | None:
    """A bare 'no' behind a colon, or none of so many lymph nodes."""
    text, end = statement.text, statement.end
    answer = _ANSWERED.match(text, mention.end, end)
    if answer:
        return answer.start(), answer.end(), "answer"
    none = statement.none_of
    if none and statement.clause(none[0]) == statement.clause(mention.anchor):
        return none
    return None


def _before(statement: Statement, mention: Mention) -> Said | None:
    """The nearest cue before the mention whose scope reaches it."""
    clause = statement.clause(mention.anchor)
    nearest: Said | None = None
    for cue in reversed(statement.cues):
        start, end, value = cue
        if end > mention.anchor or value not in _BEFORE:
            continue
        if statement.clause(start) != clause or (
            mention.inside is not None and start < mention.inside and not _touches(cue, mention)
        ):
            break
        if nearest is not None:
            # 'no suspicious nodule' is about what there is not
            if value == "absent_before" and not _parted(statement, end, nearest[0]):
                return cue
            return nearest
        if not _reaches(statement, cue, mention):
            continue
        if _BEFORE[value] != "uncertain":
            return cue
        nearest = cue
    return nearest


def _touches(cue: Said, mention: Mention) -> bool:
    return 0 <= mention.start - cue[1] <= 1


def _parted(statement: Statement, start: int, end: int) -> bool:
    gap = (start, end)
    return bool(_COMMA.search(statement.text, *gap)) or any(
        gap[0] <= one.start < gap[1] for one in statement.mentions
    )


def _reaches(statement: Statement, cue: Said, mention: Mention) -> bool:
    _, end, value = cue
    text = statement.text
    if value == "absent_before":
        between = [m for m in statement.mentions if end <= m.start and m.end <= mention.anchor]
        return not between or not _WITH.search(text, between[0].end, mention.anchor)
    between = [m for m in statement.mentions if end <= m.start and m.end <= mention.anchor]
    if not between:
        return True
    gap = text[between[0].end : mention.anchor]
    if _WITH.search(gap):
        return False
    if _COMMA.search(gap):
        return bool(_LIST.search(text, between[0].end, mention.anchor))
    return True


def _leads(statement: Statement, cue: Said, clause: int) -> bool:
    """Whether the words stand before what they are about: 'fracture and probable nodule'."""
    start, end, value = cue
    if value != "uncertain_after":
        return False
    if not any(one[0] == start and one[2] == "uncertain_before" for one in statement.cues):
        return False
    following = next((one for one in statement.mentions if one.start >= end), None)
    return (
        following is not None
        and statement.clause(following.anchor) == clause
        and not _COMMA.search(statement.text, end, following.start)
    )


def _says_less(statement: Statement, cue: Said, mention: Mention) -> bool:
    """Words that deny or doubt something else: 'the nodule is not enlarged', '12 mm vs 10 mm'."""
    start, end, value = cue
    if value == "uncertain_between":
        return statement.text[end : end + 3].lstrip()[:1].isdecimal()
    said = statement.text[start:end].lower()
    return said == "not enlarged" and not any(one in mention.term.entity for one in _BY_SIZE)


def _after(statement: Statement, mention: Mention) -> Said | None:
    """The nearest cue behind the mention whose scope reaches back to it."""
    clause = statement.clause(mention.anchor)
    for cue in statement.cues:
        start, _, value = cue
        if start < mention.end or value not in _AFTER or _leads(statement, cue, clause):
            continue
        if statement.clause(start) != clause:
            return None
        if _says_less(statement, cue, mention):
            continue
        text = statement.text[mention.end : start]
        others = [m for m in statement.mentions if mention.end <= m.start and m.end <= start]
        if others:
            listed = _LIST.search(text) or _AND.search(text)
            last = max(m.end for m in others)
            if not listed or len(statement.text[last:start].split()) > _FAR // 2:
                return None
            return cue
        if len(text.split()) > _FAR or _COMMA.search(text):
            return None
        return cue
    return None
