"""Longitudinal: how well the reports of several visits tell the same story; our own score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from graphs.finding import Finding
from graphs.metrics.score import Score

Visits = Sequence[Sequence[Finding]]


def longitudinal(visits: Visits, reference: Visits) -> Score:
    """Compare the findings of a patient's visits with a reference, in the order of time.

    This score is oncograph's own, and comparable with no published one (that of Lunguage, which
    asks the same, has no public code). It is the mean of three F1 over counted facts:

    - observation: what is spoken of (entity, side, place), whenever;
    - attribute: what is said of it (assertion, change, sizes), whenever;
    - time: both, at the visit at which it was said.

    Parameters
    ----------
    visits, reference : sequences of sequences of Finding
        One list a visit, the earliest first.

    Returns
    -------
    Score
        1 where they say the same; parts: the three terms.
    """
    terms = {
        "observation": _f1(_observations(visits), _observations(reference)),
        "attribute": _f1(_attributes(visits), _attributes(reference)),
        "time": _f1(_timed(visits), _timed(reference)),
    }
    problems = ("oncograph's own score",)
    return Score(
        "longitudinal", sum(terms.values()) / 3, len(reference), parts=terms, problems=problems
    )


def _key(one: Finding) -> tuple[Hashable, ...]:
    return one.entity, one.laterality, one.anatomy or one.location


def _said(one: Finding) -> list[tuple[Hashable, ...]]:
    sizes = [("size", v.mm or v.value, v.kind, v.prior) for v in one.measurements]
    return [("assertion", one.assertion), ("change", one.change), *sizes]


def _observations(visits: Visits) -> Counter[Hashable]:
    return Counter(_key(one) for visit in visits for one in visit)


def _attributes(visits: Visits) -> Counter[Hashable]:
    return Counter((_key(one), said) for visit in visits for one in visit for said in _said(one))


def _timed(visits: Visits) -> Counter[Hashable]:
    return Counter(
        (at, _key(one), said)
        for at, visit in enumerate(visits)
        for one in visit
        for said in _said(one)
    )


def _f1(mine: Counter[Hashable], theirs: Counter[Hashable]) -> float:
    total = mine.total() + theirs.total()
    return 2 * (mine & theirs).total() / total if total else 1.0
