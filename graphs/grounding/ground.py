"""Ground one finding: ask the methods in order of trust, and keep what each of them said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from graphs.errors import GroundingError
from graphs.grounding.grounders import grounders
from graphs.grounding.grounding import Alternative, Evidence, Grounding
from graphs.grounding.made_from import made_from
from graphs.grounding.reviews import reviews
from graphs.grounding.search import Search
from graphs.lesions import lesions

if TYPE_CHECKING:
    from explorer.patient import Patient
    from graphs.finding import Finding
    from graphs.grounding.grounder import Grounder
    from graphs.lesion import Lesion

_SHOWN = 8


def ground(
    finding: Finding,
    patient: Patient,
    methods: Sequence[str | Grounder] | None = None,
    *,
    measured: Sequence[Lesion] | None = None,
) -> Grounding:
    """Find where in the images a finding lies, or say why that is not known.

    The methods are asked in order of trust: explicit, measurement, anatomy, similarity, then
    what others have registered. The first lesion ends it, and so does a tie of lesions: what is
    trusted less does not break it. A slice or an organ is kept until nobody knows a lesion. What
    a person has accepted is the answer; what a person has rejected is none.

    Parameters
    ----------
    finding : Finding
        Of the patient, with its id.
    patient : Patient
    methods : sequence of str or Grounder, optional
        Names of entry points, or grounders; all that are installed by default.
    measured : sequence of Lesion, optional
        The patient's lesions, unknown ones too, where they have been measured already
        (`graphs.lesions`).

    Returns
    -------
    Grounding
        An absent finding is grounded to the region that was examined, never to a lesion.
        ``detail['asked']`` has the answer of each method.

    Raises
    ------
    GroundingError
        A grounder answered with what the finding's text was made from, with a lesion of an
        absent finding, or for another finding.

    Examples
    --------
    >>> ground(finding, patient).target
    'segmentations/seg-1#label=lesion'
    """
    reviewed = reviews(patient).get(finding.id, [])
    accepted = [one for one in reviewed if one.status == "accepted"]
    if accepted:
        return accepted[-1]
    if finding.assertion == "not_assessed":
        return Grounding(finding.id, "abstained", reason="the report says that it was not assessed")
    try:
        excluded = made_from(patient, finding)
    except GroundingError as error:
        return Grounding(finding.id, "abstained", reason=error.message)
    search = Search(
        patient,
        patient.reports.get(finding.item),
        excluded=excluded,
        rejected=[one.target for one in reviewed if one.status == "rejected" and one.target],
        lesions=lesions(patient, unknown=True) if measured is None else measured,
    )
    return _asked(finding, search, _methods(methods))


def _methods(methods: Sequence[str | Grounder] | None) -> tuple[Grounder, ...]:
    if methods is None:
        return grounders()
    named = grounders([one for one in methods if isinstance(one, str)])
    given = [one for one in methods if not isinstance(one, str)]
    return tuple(sorted([*named, *given], key=lambda one: (one.trust, one.name)))


def _asked(finding: Finding, search: Search, methods: Sequence[Grounder]) -> Grounding:
    answers: list[tuple[Grounder, Grounding]] = []
    tie: Grounding | None = None
    for method in methods:
        if tie is not None and method.name != "anatomy":
            continue  # it may only add the organ to the choice
        answer = _checked(method.ground(finding, search), finding, search, method)
        answers.append((method, answer))
        if answer.status == "proposed" and _is_lesion(answer) and tie is None:
            return _with(answer, answers)
        # two maps of one organ are no tie of lesions
        if answer.status == "abstained" and answer.detail.get("tie") and method.name != "anatomy":
            tie = answer
    if tie is not None:
        return _with(tie, answers)
    proposed = [answer for _, answer in answers if answer.status == "proposed"]
    if proposed:
        return _with(proposed[0], answers)
    reasons = "; ".join(f"{method.name}: {answer.reason}" for method, answer in answers)
    nobody = Grounding(finding.id, "abstained", reason=reasons or "no method is installed")
    return _with(nobody, answers)


def _is_lesion(answer: Grounding) -> bool:
    return answer.region == "lesion" and answer.geometry != "slice"


def _checked(answer: Grounding, finding: Finding, search: Search, method: Grounder) -> Grounding:
    """Hold a grounder to the rules that no plugin may break."""
    where = f"grounder {method.name!r}, finding {finding.id}"
    if answer.finding != finding.id:
        raise GroundingError(f"An answer for finding {answer.finding!r}", where=where)
    if answer.status not in ("proposed", "abstained"):
        raise GroundingError(
            f"The status {answer.status!r}", expected="'proposed' or 'abstained'", where=where
        )
    targets = [answer.target, *answer.detail.get("targets", [])]
    for target in targets:
        if target is not None and not search.allows(target):
            raise GroundingError(
                f"{target} was rejected by a person, or the text was made from it", where=where
            )
    if answer.status == "proposed" and finding.assertion == "absent" and answer.region == "lesion":
        raise GroundingError("A lesion of an absent finding", where=where)
    allowed = tuple(one for one in answer.alternatives if search.allows(one.target))
    return answer if allowed == answer.alternatives else replace(answer, alternatives=allowed)


def _with(chosen: Grounding, answers: Sequence[tuple[Grounder, Grounding]]) -> Grounding:
    """The chosen answer, with the evidence and the alternatives of the others."""
    evidence: list[Evidence] = list(chosen.evidence)
    others: list[Alternative] = list(chosen.alternatives)
    for _, answer in answers:
        if answer is chosen:
            continue
        evidence += [one for one in answer.evidence if one not in evidence]
        if answer.status == "proposed" and answer.target is not None:
            reason = f"the {answer.region} that {answer.method} gives"
            others.append(Alternative(answer.target, answer.score or 0.0, reason))
        others += answer.alternatives
    kept: dict[str, Alternative] = {}
    for one in others:
        if one.target != chosen.target:
            kept.setdefault(one.target, one)
    asked = {
        method.name: f"{answer.status}: {answer.reason}" if answer.reason else answer.status
        for method, answer in answers
    }
    return replace(
        chosen,
        evidence=tuple(evidence),
        alternatives=tuple(kept.values())[:_SHOWN],
        detail={**chosen.detail, "asked": asked},
    )
