"""Consistency: whether reports of equal images say the same (ICON; Hou et al. 2024)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphs.metrics.claims import Claim

# what a rounded number of a report can differ by without saying anything else
_ROUNDED = {"mm": 0.1, "ml": 0.1, "HU": 5.0, "SUVbw": 0.1, "SUV": 0.1}


@dataclass(frozen=True)
class Consistency:
    """Claims that two reports share.

    Attributes
    ----------
    jaccard : float
        Claims in common over claims of either; 1 where both say nothing.
    by_subject : dict
        The same of each subject: where a drop comes from.
    lost, added : tuple of Claim
        Those of the first report that the second does not make, and the other way.
    """

    jaccard: float
    by_subject: dict[str, float]
    lost: tuple[Claim, ...]
    added: tuple[Claim, ...]


def consistency(
    first: Sequence[Claim],
    second: Sequence[Claim],
    tolerance: Mapping[str, float] | None = None,
) -> Consistency:
    """Compare the claims of two reports.

    Parameters
    ----------
    first, second : sequence of Claim
    tolerance : mapping, optional
        Unit to what two numbers may differ by; by default what rounding and noise make of a mean.

    Returns
    -------
    Consistency
    """
    allowed = _ROUNDED if tolerance is None else tolerance
    waiting = list(second)
    common: Counter[str] = Counter()
    lost = []
    for claim in first:
        match = next((one for one in waiting if _same(claim, one, allowed)), None)
        if match is None:
            lost.append(claim)
        else:
            waiting.remove(match)
            common[claim.subject] += 1
    union = common + Counter(one.subject for one in (*lost, *waiting))
    total = sum(union.values())
    return Consistency(
        sum(common.values()) / total if total else 1.0,
        {subject: common[subject] / count for subject, count in union.items()},
        tuple(lost),
        tuple(waiting),
    )


def _same(a: Claim, b: Claim, allowed: Mapping[str, float]) -> bool:
    if (a.subject, a.slot, a.unit) != (b.subject, b.slot, b.unit):
        return False
    if isinstance(a.value, str) or isinstance(b.value, str):
        return a.value == b.value
    return abs(a.value - b.value) <= allowed.get(a.unit, 0.0) + 1e-9
