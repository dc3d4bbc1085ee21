"""asks: a question that was written down, as the one that it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.errors import QueryError
from explorer.select.ask import Ask
from explorer.select.ask_among import AskAmong
from explorer.select.ask_event import AskEvent
from explorer.select.ask_facet import AskFacet
from explorer.select.ask_fact import AskFact
from explorer.select.ask_finding import AskFinding
from explorer.select.ask_followed import AskFollowed
from explorer.select.ask_having import AskHaving
from explorer.select.ask_segment import AskSegment
from explorer.select.ask_set import AskSet
from explorer.select.ask_sql import AskSql
from explorer.select.ask_synthetic import AskSynthetic
from explorer.select.ask_when import AskWhen
from explorer.select.ask_where import AskWhere

QUESTION = "question"
VERSION = 1
_ASKS: dict[str, type[Ask]] = {
    one.kind: one
    for one in (
        AskAmong, AskEvent, AskFacet, AskFact, AskFinding, AskFollowed, AskHaving, AskSegment,
        AskSet, AskSql, AskSynthetic, AskWhen, AskWhere,
    )
}  # fmt: skip


def asks(question: Mapping[str, Any]) -> list[Ask]:
    """Read the steps of a question.

    Parameters
    ----------
    question : mapping
        As `Cohort.question` has it.

    Returns
    -------
    list of Ask

    Raises
    ------
    QueryError
        It is none, or is of a newer oncograph.
    """
    if not isinstance(question, Mapping) or question.get("oncograph") != QUESTION:
        raise QueryError("That is no question of oncograph's", expected="cohort.question")
    if question.get("version") != VERSION:
        raise QueryError(
            f"The question has version {question.get('version')!r}",
            expected=str(VERSION), do="use a newer oncograph",
        )  # fmt: skip
    steps = question.get("steps")
    if not isinstance(steps, list):
        raise QueryError("The question has no steps", expected="a list")
    found = []
    for step in steps:
        kind = step.get("ask") if isinstance(step, Mapping) else None
        if kind not in _ASKS:
            raise QueryError(f"No question {kind!r}", expected=f"of {sorted(_ASKS)}")
        found.append(_ASKS[kind].of(step))
    return found
