"""impression: the sentence of the findings that says most; what a summary must beat."""

from __future__ import annotations

from graphs.text.rules import RulesExtractor
from graphs.text.sentence import Sentence
from graphs.text.sentences import sentences

# What a mention counts for, and how much later sentences are preferred: chosen on half 0 of Open-i.
_STATED, _ABSENT, _LATER = 1.0, 0.6, 0.3


def impression(findings: str, *, most: int = 1) -> list[Sentence]:
    """Choose sentences of a findings section as its impression.

    Extractive, by rules: a sentence counts by the findings that it states or denies, and a later
    one a little more. Nothing is written that the findings do not say.

    Parameters
    ----------
    findings : str
        Text of a findings section; hostile. English.
    most : int
        Sentences.

    Returns
    -------
    list of Sentence
        In the order of the text; fewer where there are fewer.
    """
    found = sentences(findings)
    said = RulesExtractor().extract(findings, language="en")
    weights = []
    for k, one in enumerate(found):
        mine = [mention for mention in said if one.start <= mention.start < one.end]
        stated = sum(mention.assertion in ("present", "uncertain") for mention in mine)
        absent = sum(mention.assertion == "absent" for mention in mine)
        later = k / max(1, len(found) - 1)
        weights.append(_STATED * stated + _ABSENT * absent + _LATER * later)
    best = sorted(range(len(found)), key=lambda k: -weights[k])[:most]
    return [found[k] for k in sorted(best)]
