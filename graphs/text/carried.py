"""carried: lines that leave out what the heading or the last sentence speaks of."""

from __future__ import annotations

import re
from dataclasses import replace

from graphs.finding import Finding
from graphs.text.change import changes
from graphs.text.lexicon import Lexicon
from graphs.text.mention import Mention
from graphs.text.sentence import Sentence
from graphs.text.statement import Statement
from graphs.text.term import Term

_NO_SENTENCE = re.compile(r"[\s:,(–-]*(?:lesions?|nodes?)?[\s:,(–-]*", re.IGNORECASE)  # noqa: RUF001
_GOES_ON = re.compile(
    r"\s*(?:(?:it|this|these|they|the (?:largest|lesion|latter)(?: one)?)\s+(?:now\s+)?"
    r"(?:measur\w+|is|are|was|were|has|have|had|shows?|remains?|appears?)|measur\w+|largest|size"
    r"|suv\w*|now|previously)\b"
    r"|\s*(?:前回|以前|前次|较前|大小|大きさ|最大径|径|ha |mide |previamente)",
    re.IGNORECASE,
)


def carried(statement: Statement, term: Term) -> list[Mention]:
    """Mentions of a line below a heading: 'Axillary left: 68 x 40 mm' under 'Target lesions:'.

    Parameters
    ----------
    statement : Statement
        Without mentions of its own.
    term : Term
        What the heading names.

    Returns
    -------
    list of Mention
        One where the line has a size; it stands at the structure that the line begins with, else
        at the size. Further sizes are made mentions of their own when they are attached.
    """
    sizes = [value for value in statement.measurements if value.kind in ("size", "range")]
    if not sizes:
        return []
    first = sizes[0]
    places = [place for place in statement.places if place.end <= first.start]
    start, end = places[0].span if places else (first.start, first.end)
    if not _NO_SENTENCE.fullmatch(statement.text, places[-1].end if places else end, first.start):
        return []  # 'spleen dimension remains 11 cm'
    return [Mention(start, end, term, start)]


def continued(
    last: Finding, text: str, sentence: Sentence, lexicon: Lexicon, language: str | None
) -> Finding:
    """Add what a sentence without observations says about the last one: 'It measures 2.3 cm.'.

    Parameters
    ----------
    last : Finding
    text : str
        The report.
    sentence : Sentence
    lexicon : Lexicon
    language : str or None

    Returns
    -------
    Finding
        The same where the sentence speaks of something else.
    """
    if not _GOES_ON.match(text, sentence.start, sentence.end):
        return last
    said = Statement(lexicon, text, sentence.start, sentence.end, language)
    change = changes(said)
    if not (said.measurements or said.refers or change):
        return last
    detail = {**last.detail, "continued_in": [sentence.start, sentence.end]}
    if last.change is None and change:
        detail["change"] = list(change[0][:2])
    return replace(
        last,
        measurements=(*last.measurements, *said.measurements),
        refers=(*last.refers, *said.refers),
        change=last.change or (change[0][2] if change else None),  # type: ignore[arg-type]
        detail=detail,
    )
