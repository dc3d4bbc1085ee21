"""'Three nodules' against the number of outlined lesions."""

from __future__ import annotations

from graphs.checks.absence import lies_there
from graphs.checks.image_cues import cue_words
from graphs.finding import Finding
from graphs.grounding.cues import family
from graphs.grounding.search import Search
from graphs.lesion_identity import same_visit
from graphs.verdict import Answer, Verdict


def count_verdict(finding: Finding, search: Search, complete: bool) -> list[Verdict]:
    """Check how many a finding says that there are.

    Outlines of one lesion by several readers count once. More outlines than are said contradict;
    fewer only where every lesion is outlined.

    Parameters
    ----------
    finding : Finding
    search : Search
    complete : bool

    Returns
    -------
    list of Verdict
        One, or none where it says no number.
    """
    said = next((v for v in finding.measurements if v.kind == "count" and not v.prior), None)
    kind = family(finding.entity)
    if said is None or kind is None:
        return []
    alike = [one for one in search.lesions if one.role == "lesion" and family(one.name) == kind]
    placed = [(one, lies_there(finding, one)) for one in alike]
    groups = same_visit([one for one, inside in placed if inside])
    unsure = [one for one, inside in placed if inside is None]
    number, value = len(groups), int(said.value[0])
    targets = tuple(group[0].target for group in groups)

    def give(answer: Answer, reason: str) -> list[Verdict]:
        evidence = (cue_words(finding, "count"), *targets)
        seen = f"{number} outlined"
        return [
            Verdict(finding.id, "count", answer, str(value), seen, evidence, reason,
                    {"against": "image"})
        ]  # fmt: skip

    if unsure:
        return give("cannot tell", f"needs the place of {len(unsure)} outlines")
    if number == value:
        return give("agrees", "as many are outlined there")
    if number > value:
        return give("contradicts", "more are outlined there than the report counts")
    if complete:
        return give("contradicts", "every lesion is outlined, and there are fewer")
    return give("cannot tell", "needs all lesions outlined: fewer are")
