"""guess_outcome: which facts look like a time and an event, for a person to confirm."""

from __future__ import annotations

import re
from dataclasses import dataclass

from explorer.facets import Facets

_TIME = re.compile(r"(?i)(^|[^a-z])(os|pfs|dfs|dss|rfs|efs|overall|survival|follow.?up|time)")
_EVENT = re.compile(r"(?i)(event|status|vital|death|deceased|dead|recurrence|relapse)")
_HAPPENED = re.compile(r"(?i)^\s*(1(\.0)?(:.*)?|yes|true|dead|deceased|died|event|death)\s*$")
_NOT = re.compile(r"(?i)^\s*(0(\.0)?(:.*)?|no|false|alive|living|censored|no event)\s*$")


@dataclass(frozen=True)
class OutcomeGuess:
    """Facts that may be an outcome; nobody has said so.

    Attributes
    ----------
    time, event : str
        Names of facets.
    happened : tuple of str
        Values that may mean that it happened.
    """

    time: str
    event: str
    happened: tuple[str, ...]


def guess_outcome(facets: Facets) -> OutcomeGuess | None:
    """Look for a time and an event among the facts, by their names and values.

    Parameters
    ----------
    facets : Facets

    Returns
    -------
    OutcomeGuess or None
        A proposal: wrong columns give a wrong curve that looks right.
    """
    facts = [one for one in facets.values() if one.group == "facts"]
    times = [one for one in facts if one.numeric and _TIME.search(one.title)]
    times.sort(key=lambda one: (-(0 if one.number_of is None else len(one.number_of)), one.name))
    for event in facts:
        values = event.labels[: event.values]
        happened = tuple(value for value in values if _HAPPENED.match(value))
        rest = [value for value in values if value not in happened]
        if times and _EVENT.search(event.title) and happened and all(map(_NOT.match, rest)):
            return OutcomeGuess(times[0].name, event.name, happened)
    return None
