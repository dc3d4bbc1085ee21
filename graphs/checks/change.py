"""Whether 'increased', 'stable', ... in a report agrees with what was measured."""

from __future__ import annotations

from graphs.finding import Finding
from graphs.tracked_lesion import TrackedLesion
from graphs.verdict import Answer, Verdict

# What two readers' diameters of one lesion may differ by; the order of what Erasmus et al.,
# J Clin Oncol 21 (2003), report for lung lesions.
READER_VARIABILITY = 0.2


def change_verdict(
    finding: Finding,
    words: str,
    track: TrackedLesion | None,
    visit: str | None,
    *,
    modalities: dict[str, str],
    variability: float = READER_VARIABILITY,
    least_mm: float = 1.0,
    complete: bool = False,
) -> Verdict | None:
    """Check a finding's change against the lesion that it is grounded in.

    Growth and shrinkage count from `variability` of the earlier longest diameter, and from
    `least_mm` at least; below that 'stable' agrees, and of 'increased' and 'decreased' it cannot
    be told: two readers differ by as much.

    Parameters
    ----------
    finding : Finding
    words : str
        Address of the finding's words, without key and version.
    track : TrackedLesion or None
        The lesion over time; None where it is not known which.
    visit : str or None
        Of the report.
    modalities : dict
        Image id to modality.
    variability, least_mm : float
    complete : bool
        Whether the outlines of every visit are all lesions that there are.

    Returns
    -------
    Verdict or None
        None where the finding speaks of no change.
    """
    said = finding.change
    if said is None or finding.assertion == "absent":
        return None

    def give(answer: Answer, value: str | None, reason: str, *targets: str) -> Verdict:
        return Verdict(finding.id, "change", answer, said, value, (words, *targets), reason)

    if track is None or visit is None:
        return give("cannot tell", None, "needs the lesion that it speaks of, outlined")
    earlier = [name for name in sorted(track.at) if name < visit]
    now = track.at.get(visit)
    if now is None:
        if said == "resolved" and complete and earlier:
            last = track.at[earlier[-1]]
            value = f"{last.measures.longest_mm:.1f} mm on {earlier[-1]}, not there on {visit}"
            return give("agrees", value, "every lesion of the visit is outlined", last.target)
        return give("cannot tell", None, f"needs an outline, or a look, of the lesion on {visit}")
    size = f"{now.measures.longest_mm:.1f} mm"
    if said == "resolved":
        return give("contradicts", f"{size} on {visit}", "it is outlined", now.target)
    if not earlier:
        if said == "new" and complete and track.matches[0].by == "first":
            why = "nothing was outlined there before, and every lesion of each visit is"
            return give("agrees", f"{size}, first seen {visit}", why, now.target)
        missing = "needs an earlier outline of it"
        return give("cannot tell", f"{size} on {visit}", missing, now.target)
    before = track.at[earlier[-1]]
    value = f"{before.measures.longest_mm:.1f} mm on {earlier[-1]}, {size} on {visit}"
    targets = (before.target, now.target)
    if said == "new":
        return give("contradicts", value, "it was outlined before", *targets)
    kinds = [modalities.get(one.image or "", "unknown") for one in (before, now)]
    if kinds[0] != kinds[1]:
        why = f"needs two outlines on one modality: {kinds[0]} before, {kinds[1]} now"
        return give("cannot tell", value, why, *targets)
    grown = now.measures.longest_mm - before.measures.longest_mm
    limit = max(variability * before.measures.longest_mm, least_mm)
    measured = "increased" if grown >= limit else "decreased" if grown <= -limit else "stable"
    rule = f"a change counts from {limit:.1f} mm ({variability:.0%} between readers)"
    if measured == said:
        return give("agrees", value, rule, *targets)
    if measured == "stable":
        return give("cannot tell", value, f"{grown:+.1f} mm; {rule}", *targets)
    return give("contradicts", value, f"{grown:+.1f} mm; {rule}", *targets)
