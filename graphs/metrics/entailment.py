"""Entailment: whether statements follow from others, by rules on their findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from graphs.finding import Finding

Answer = Literal["entailed", "not entailed", "unknown"]
Extract = Callable[[str], list[Finding]]


@dataclass(frozen=True)
class Entailment:
    """One statement, judged.

    Attributes
    ----------
    answer : {'entailed', 'not entailed', 'unknown'}
        'unknown': nothing in the statement could be read, so nothing can be said of it.
    evidence : tuple of int
        Positions of the statements that it follows from.
    reason : str
    """

    answer: Answer
    evidence: tuple[int, ...] = ()
    reason: str = ""


def entailment(
    statements: Sequence[str], premises: Sequence[str], extract: Extract | None = None
) -> list[Entailment]:
    """Judge each statement by what the premises state; a rule, weaker than a language model.

    A statement follows where each of its findings has one of the same observation and assertion
    among the premises, whose side and structures, where both say them, agree.

    Parameters
    ----------
    statements, premises : sequences of str
        Sentences of two reports.
    extract : callable, optional
        Text to findings; the rules of `graphs.text.rules` by default.

    Returns
    -------
    list of Entailment
        One a statement.
    """
    read = extract or _rules()
    known = [(i, finding) for i, text in enumerate(premises) for finding in read(text)]
    return [_judge(read(text), known) for text in statements]


def _judge(findings: Sequence[Finding], known: Sequence[tuple[int, Finding]]) -> Entailment:
    said = [one for one in findings if one.assertion != "not_assessed"]
    if not said:
        return Entailment("unknown", reason="no finding could be read in it")
    evidence: list[int] = []
    for one in said:
        same = [(i, other) for i, other in known if other.entity == one.entity]
        holds = [i for i, other in same if _follows(one, other)]
        if not holds:
            why = _why_not(one, [other for _, other in same])
            return Entailment("not entailed", (), f"{one.entity}: {why}")
        evidence += holds
    return Entailment("entailed", tuple(dict.fromkeys(evidence)), "each finding is stated")


def _follows(one: Finding, other: Finding) -> bool:
    if one.assertion != other.assertion:
        return False
    if one.assertion == "absent":
        # 'no effusion' says that there is none on the left; the reverse does not follow
        return other.laterality is None or other.laterality in (one.laterality, "bilateral")
    return _side_fits(one, other) and _place_fits(one, other)


def _side_fits(one: Finding, other: Finding) -> bool:
    return (
        one.laterality is None
        or one.laterality == other.laterality
        or (other.laterality == "bilateral" and one.laterality in ("left", "right"))
    )


def _place_fits(one: Finding, other: Finding) -> bool:
    return not one.anatomy or not other.anatomy or bool(set(one.anatomy) & set(other.anatomy))


def _why_not(one: Finding, same: Sequence[Finding]) -> str:
    if not same:
        return "not spoken of"
    if all(other.assertion != one.assertion for other in same):
        return f"{same[0].assertion} instead of {one.assertion}"
    return "another side or place"


@lru_cache(maxsize=1)
def _rules() -> Extract:
    from graphs.text.rules import RulesExtractor

    return RulesExtractor().extract
