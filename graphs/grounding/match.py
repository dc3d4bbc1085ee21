"""Hold what a finding says against the regions of an image; one wins, or nobody does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from graphs.grounding.candidate import Candidate
from graphs.grounding.cues import compare
from graphs.grounding.grounding import Alternative, Evidence, Grounding
from graphs.grounding.reported import Reported

# The best has to outweigh all others together, with something to spare: of LIDC-IDRI's nodules 95 %
# of the answers by size and side alone were right then, and 99 % where a slice was named.
LEAST_SHARE = 0.55
# 'None of them' weighs as much as a region that is this many scales off.
NONE_AT = 4.0
_SHOWN = 5
_SAME = 1e-9
_NEARLY = 0.5  # of the best one's weight


@dataclass(frozen=True)
class _Fit:
    candidate: Candidate
    evidence: tuple[Evidence, ...]
    cost: float

    @property
    def failed(self) -> tuple[str, ...]:
        return tuple(one.cue for one in self.evidence if one.passed is False)

    @property
    def compared(self) -> bool:
        """Whether anything speaks for it; its kind alone only where nothing else is said."""
        cues = [one for one in self.evidence if one.cue != "kind"] or self.evidence
        return any(one.passed for one in cues)


def match(
    finding: str,
    reported: Reported,
    candidates: Sequence[Candidate],
    *,
    least_share: float = LEAST_SHARE,
) -> Grounding:
    """Choose the region that a finding speaks of.

    Each cue gives a distance in scales of its own (`graphs.grounding.cues`): a region whose
    distance is over the cue's limit is out. The rest weigh ``exp(-cost / 2)``, the cost being the
    sum of the squared distances; 'none of them' weighs as if it were `NONE_AT` scales off. The
    score is the best one's share of all weights: not a calibrated probability, but precision
    rises with it (``benchmarks/grounding.py`` prints how).

    Parameters
    ----------
    finding : str
        The finding's id.
    reported : Reported
    candidates : sequence of Candidate
    least_share : float
        With a lower share the answer is a tie. At 0 only what cannot be told apart at all is one.

    Returns
    -------
    Grounding
        'proposed'; or 'abstained' with ``detail['tie']`` true and the tied ones as alternatives,
        or with the nearest ones, and the cue that each failed, as alternatives. Where the finding
        counts as many as fit, all of them are ``detail['targets']``.
    """
    fits = [_fit(reported, one) for one in candidates]
    fits.sort(key=lambda fit: (fit.cost, fit.candidate.target))
    passed = [fit for fit in fits if not fit.failed and fit.compared]
    if not passed:
        return _no_match(finding, reported, fits)
    lesions = _lesions(passed)
    best = passed[0]
    weights = [math.exp(-(fit.cost - best.cost) / 2) for fit, _ in lesions]
    whole = sum(weights) + math.exp(-(NONE_AT**2 - best.cost) / 2)
    shares = [weight / whole for weight in weights]
    if reported.count and len(lesions) == reported.count:
        return _group(finding, [fit for fit, _ in lesions], shares)
    others = tuple(
        Alternative(fit.candidate.target, round(share, 4), _why(fit))
        for (fit, _), share in zip(lesions, shares, strict=True)
    )
    tied = sum(fit.cost - best.cost < _SAME for fit, _ in lesions)
    if tied > 1 or shares[0] < least_share:
        several = len(lesions) > 1
        near = sum(weight >= _NEARLY for weight in weights)
        reason = f"{near} lesions fit about as well" if near > 1 else "the best one fits badly"
        if several and near == 1:
            reason = f"none of {len(lesions)} lesions fits much better than the others"
        return Grounding(
            finding, "abstained", evidence=best.evidence, alternatives=others[:_SHOWN],
            reason=reason, score=round(shares[0], 4), detail={"tie": several},
        )  # fmt: skip
    same = tuple(
        Alternative(fit.candidate.target, round(shares[0], 4), "an outline of the same lesion")
        for fit in lesions[0][1]
    )
    return Grounding(
        finding, "proposed", "measurement", "lesion", best.candidate.geometry,
        best.candidate.target, round(shares[0], 4), best.evidence, (same + others[1:])[:_SHOWN],
        f"decided by {_said(best)}", {**best.candidate.detail, "cost": round(best.cost, 4)},
    )  # fmt: skip


def _lesions(passed: list[_Fit]) -> list[tuple[_Fit, list[_Fit]]]:
    """The best outline of each lesion, and the others of the same one."""
    found: list[tuple[_Fit, list[_Fit]]] = []
    for fit in passed:
        for best, same in found:
            if best.candidate.same_place(fit.candidate):
                same.append(fit)
                break
        else:
            found.append((fit, []))
    return found


def _fit(reported: Reported, candidate: Candidate) -> _Fit:
    evidence, cost = compare(reported, candidate)
    return _Fit(candidate, evidence, cost)


def _no_match(finding: str, reported: Reported, fits: list[_Fit]) -> Grounding:
    if not fits:
        return Grounding(finding, "abstained", reason="there is no outlined lesion to choose from")
    if not any(fit.failed for fit in fits):
        reason = f"nothing to compare: the finding says {', '.join(reported.cues) or 'no cue'}"
    else:
        reason = f"none of {len(fits)} lesions fits: the nearest fails by {_why(fits[0])}"
    near = tuple(Alternative(fit.candidate.target, 0.0, _why(fit)) for fit in fits[:_SHOWN])
    return Grounding(
        finding, "abstained", evidence=fits[0].evidence, alternatives=near, reason=reason
    )


def _group(finding: str, passed: list[_Fit], shares: list[float]) -> Grounding:
    """As many fit as the finding counts: it speaks of all of them."""
    count = Evidence("count", len(passed), len(passed), 0.0, True)
    first = passed[0]
    return Grounding(
        finding, "proposed", "measurement", "lesion", first.candidate.geometry,
        first.candidate.target, round(sum(shares), 4), (*first.evidence, count), (),
        f"the finding counts {len(passed)}, and so many fit",
        {"targets": [fit.candidate.target for fit in passed]},
    )  # fmt: skip


def _said(fit: _Fit) -> str:
    return ", ".join(one.cue for one in fit.evidence if one.passed) or "nothing"


def _why(fit: _Fit) -> str:
    return ", ".join(fit.failed) if fit.failed else f"cost {fit.cost:.2f}"
