"""combinations: observations that are said as a structure and its state."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphs.text.combination import Combination
from graphs.text.mention import Mention
from graphs.text.statement import Statement
from graphs.text.term import Term

_APART = re.compile(r"[;:,]|\.\s|\b(?:but|with|without|and the|no)\b", re.IGNORECASE)
# a form filled in: 'Heart: mildly enlarged.'
_HEADED = re.compile(r"\s*(?:size|silhouette)?\s*[:：]\s*", re.IGNORECASE)  # noqa: RUF001
_ALONE = re.compile(r"\s*(?:[.,;]|$)")

# 'mediastinal vessels follow a normal course' says nothing about the mediastinum's size
_PLAINLY = re.compile(
    r"\s*(?:(?:is|are|appears?|remains?|within|in|at|the|of|and|or|size|sizes|contours?|silhouette|"
    r"pulmonary|vascularity|vasculature|mediastin\w+|hilar|shape|configuration|to|be|stable|again|"
    r"grossly|upper|limits|structures|first|normal|also|both|heart|cardiac|aorta|lungs|has|a)\b\s*){0,8}",
    re.IGNORECASE,
)


def combinations(
    statement: Statement, known: Sequence[Combination], terms: dict[str, Term]
) -> list[Mention]:
    """Find structures with a state that makes an observation: 'the heart is mildly enlarged'.

    Parameters
    ----------
    statement : Statement
    known : sequence of Combination
    terms : dict
        The observations' terms by their names.

    Returns
    -------
    list of Mention
        None over a mention that the statement has already; a mention that a state makes another
        observation ('enlarged lymph node') is changed in its place.
    """
    if not statement.states:
        return []
    for mention in statement.mentions:
        for combination in known:
            if mention.term.entity in combination.anatomy:
                one = _nearest(statement, combination, mention.span, terms)
                if one:
                    mention.term = one.term  # 'enlarged right hilar lymph node'
    found: list[Mention] = []
    for match_start, match_end, entity in statement.anatomy:
        for combination in known:
            if entity.replace("_{side}", "") not in combination.anatomy:
                continue
            one = _nearest(statement, combination, (match_start, match_end), terms)
            if one and not any(one.start < m.end and m.start < one.end for m in found):
                found.append(one)
                break
    taken = statement.mentions
    return [
        one for one in found if not any(one.start < m.end and m.start < one.end for m in taken)
    ]  # fmt: skip


def _nearest(
    statement: Statement, combination: Combination, place: tuple[int, int], terms: dict[str, Term]
) -> Mention | None:
    best: tuple[int, Mention] | None = None
    for start, end, state in statement.states:
        if state not in combination.states:
            continue
        after = start >= place[1]
        gap = (place[1], start) if after else (end, place[0])
        headed = _HEADED.match(statement.text, *gap) if after and gap[0] <= gap[1] else None
        if headed:
            if not _ALONE.match(statement.text, end, statement.end + 1):
                continue  # 'mediastinum: enlarged lymph nodes'
            gap = (headed.end(), start)
        if gap[0] > gap[1] or _APART.search(statement.text, *gap):
            continue
        if state == "normal" and not _PLAINLY.fullmatch(statement.text, *gap):
            continue
        apart = statement.words_between(*gap)
        if apart > combination.window or any(
            m.start >= gap[0] and m.end <= gap[1] for m in statement.mentions
        ):
            continue
        term = terms.get(combination.entity)
        if term is None or (best and best[0] <= apart):
            continue
        first, last = min(place[0], start), max(place[1], end)
        # of 'no effusion, heart is enlarged' the first word says nothing about the heart
        inside = place[0] if after else None
        best = (apart, Mention(first, last, term, start, inside, combination.assertion))
    return best[1] if best else None
