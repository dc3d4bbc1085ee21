"""Check what reports say against what is outlined, and each report against itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from explorer.run_draft import RunDraft
from explorer.shown_list import ShownList
from graphs.checks.absence import absence_verdict
from graphs.checks.change import change_verdict
from graphs.checks.count import count_verdict
from graphs.checks.image_cues import IMAGE_CUES, Judged, Tolerances, cue_words, image_cue
from graphs.checks.self_check import self_check
from graphs.errors import GroundingError
from graphs.extract import extract
from graphs.finding import Finding
from graphs.grounding.ground import ground
from graphs.grounding.grounding import Grounding
from graphs.grounding.made_from import made_from
from graphs.grounding.reported import Reported
from graphs.grounding.search import Search
from graphs.grounding.slices import slices
from graphs.lesion import Lesion
from graphs.lesions import lesions
from graphs.prior import priors
from graphs.producer import Producer
from graphs.timeline import follow
from graphs.tracked_lesion import TrackedLesion
from graphs.verdict import Verdict

if TYPE_CHECKING:
    from explorer.patient import Patient

PRODUCER = Producer("oncograph.check", "2")
_HEAD = ("finding", "cue", "verdict", "report", "image", "why")
# a region is grown no further than the size that is said: that it fits proves nothing
_GROWN = (
    "needs an outline: the region was grown from its SUV maximum with the report's size as a bound"
)
_OWN = "the text was made from this outline"


def check(
    patient: Patient,
    keep: bool = True,
    *,
    tolerances: Tolerances | None = None,
    complete: bool = False,
) -> ShownList[Verdict]:
    """Hold every statement of a patient's reports against the images.

    The cues of a finding agree where the lesion that it is grounded in has them all within the
    tolerances. Else each cue is held against the one lesion that the other cues point to without
    it: a lesion that was chosen by its size cannot speak against that size. Of a finding with two
    cues both may contradict so, and it is one of them that is wrong. Where the others do not
    point to one lesion, the answer is 'cannot tell', with what is missing. A text that was made
    from an outline never agrees with it.

    Parameters
    ----------
    patient : Patient
        Reports that nobody has read yet are read by the rules.
    keep : bool
        Commit the verdicts (run of kind 'check').
    tolerances : Tolerances, optional
    complete : bool
        Whether the outlines are all lesions that there are; only then can a count be too high, or
        'no nodule' agree.

    Returns
    -------
    ShownList of Verdict
        Cues 'size', 'side', 'slice', 'suvmax', 'count', 'presence', 'change'; of a report against
        itself 'side', 'negation' and 'size', with ``detail['against'] = 'itself'``.
    """
    found, findings, draft = checked(patient, keep, tolerances=tolerances, complete=complete)
    if draft is not None:
        with patient.store.transaction("reports checked") as t:
            t.put_run(patient.key, draft)
    said = {one.id: f"{one.text} ({one.section})" if one.section else one.text for one in findings}
    return ShownList(found, _HEAD, lambda one: _cells(one, said), f"verdicts of {patient.label}")


def checked(
    patient: Patient,
    keep: bool = True,
    *,
    tolerances: Tolerances | None = None,
    complete: bool = False,
) -> tuple[list[Verdict], list[Finding], RunDraft | None]:
    """Check without a commit of the verdicts; parameters as in `check`.

    Returns
    -------
    verdicts : list of Verdict
    findings : list of Finding
        That were checked.
    draft : RunDraft or None
        To be kept; None where nothing is to be.
    """
    findings = list({one.id: one for one in extract(patient, keep=keep)}.values())
    job = _Check(patient, tolerances or Tolerances(), complete, keep)
    found = [verdict for one in findings for verdict in job.verdicts(one)]
    for item, report in patient.reports.items():
        own = [one for one in findings if one.item == item]
        found += self_check(own, report.text)
    if not keep or not findings:
        return found, findings, None
    draft = RunDraft(
        "check", PRODUCER.name, PRODUCER.version,
        settings={"complete": complete, **vars(job.tolerances)},
        synthetic=any(one.synthetic for one in patient.reports.values())
        or any(one.synthetic for one in job.lesions),
        verdicts=[one.row() for one in found], detail={"findings": len(findings)},
    )  # fmt: skip
    return found, findings, draft


def _cells(one: Verdict, said: Mapping[str, str]) -> list[Any]:
    finding = said.get(one.finding, one.finding)
    return [finding, one.cue, one.verdict, one.report_value, one.image_value, one.reason]


class _Check:
    """What all findings of a patient are held against; measured once."""

    def __init__(
        self, patient: Patient, tolerances: Tolerances, complete: bool, keep: bool
    ) -> None:
        self.patient = patient
        self.tolerances = tolerances
        self.complete = complete
        self.lesions = lesions(patient, keep=keep, unknown=True)
        self.by_target = {one.target: one for one in self.lesions}
        self.modalities = {one.id: one.modality for one in patient.images.values()}

    @cached_property
    def tracks(self) -> list[TrackedLesion]:
        """Lesions over time; only asked for where a report speaks of change."""
        return follow(self.patient, complete=self.complete, keep=False).lesions

    def verdicts(self, finding: Finding) -> list[Verdict]:
        """Of one finding; nothing where it says nothing that an image could tell."""
        if finding.assertion == "not_assessed":
            return []
        search, reason = self._search(finding)
        if finding.assertion == "absent":
            return absence_verdict(finding, search, self.complete)
        text = search.report.text if search.report else ""
        reported = Reported.of(finding, slices(finding.refers, search.images), text)
        cues = [cue for cue in IMAGE_CUES if cue in reported.cues]
        if not cues and reported.count is None and finding.change is None:
            return []
        whole = self._ground(finding)
        found = [self._cue(cue, finding, reported, whole, search, reason) for cue in cues]
        found += count_verdict(finding, search, self.complete)
        change = self._change(finding, whole, reason)
        return [*found, *([change] if change else [])]

    def _search(self, finding: Finding) -> tuple[Search, str]:
        """What the finding may be held against, and why it may be less than there is."""
        report = self.patient.reports.get(finding.item)
        try:
            own = made_from(self.patient, finding)
        except GroundingError as error:
            every = [one.target for one in self.lesions]
            return Search(self.patient, report, excluded=every, lesions=self.lesions), error.message
        search = Search(self.patient, report, excluded=own, lesions=self.lesions)
        return search, _OWN if own else ""

    def _ground(self, finding: Finding) -> Grounding:
        return ground(finding, self.patient, measured=self.lesions)

    def _lesion(self, place: Grounding) -> Lesion | None:
        if place.status not in ("proposed", "accepted") or place.region != "lesion":
            return None
        return self.by_target.get(place.target or "")

    def _cue(
        self,
        cue: str,
        finding: Finding,
        reported: Reported,
        whole: Grounding,
        search: Search,
        own: str,
    ) -> Verdict:
        lesion = self._lesion(whole)
        fits = lesion is not None and all(
            self._judge(one, reported, lesion).answer != "contradicts"
            for one in IMAGE_CUES
            if one in reported.cues
        )
        named = whole.method in ("explicit", "manual") or whole.status == "accepted"
        if lesion is not None and (fits or named):
            judged = self._judge(cue, reported, lesion)
            return _verdict(finding, cue, judged, lesion, _chosen(whole, cue))
        # some cue is wrong: each is held against the lesion that the others point to
        alone = self._ground(_without(finding, cue))
        other = self._lesion(alone)
        if other is not None:
            how = "the one lesion that its other cues point to"
            return _verdict(finding, cue, self._judge(cue, reported, other), other, how)
        evidence = next((e for e in whole.evidence if e.cue == cue and e.passed), None)
        if evidence is not None and lesion is None and whole.region == "lesion" and whole.target:
            said, seen = f"{evidence.report_value}", f"{evidence.image_value}"
            given = Judged("agrees", said, seen, whole.reason)
            if cue == "size" and "grown_above" in whole.detail:
                given = Judged("cannot tell", said, seen, _GROWN)
            return _place(finding, cue, given, whole.target)
        why = f"needs one lesion that it can be held against: {alone.reason or whole.reason}"
        if own and search.lesions:
            why += f"; {own.replace('this outline', 'others')}, and they are left out"
        elif own:
            why = own
        told = Judged("cannot tell", _said(cue, reported), None, why)
        return _place(finding, cue, told, *(sorted(search.excluded) if why == own else ()))

    def _judge(self, cue: str, reported: Reported, lesion: Lesion) -> Judged:
        p = self.patient
        return image_cue(cue, reported, lesion, p.images, p.segmentations, self.tolerances)

    def _change(self, finding: Finding, whole: Grounding, own: str) -> Verdict | None:
        if finding.change is None:
            return None
        lesion, report = self._lesion(whole), self.patient.reports.get(finding.item)
        track = visit = None
        if lesion is not None:
            track = next(
                (t for t in self.tracks for group in t.outlines.values()
                 if any(one.target == lesion.target for one in group)), None,
            )  # fmt: skip
            visit = lesion.acquired or (report.date if report else None)
        made = change_verdict(
            finding, cue_words(finding, "change"), track, visit, modalities=self.modalities,
            variability=self.tolerances.readers, complete=self.complete,
        )  # fmt: skip
        if made is None or made.verdict != "cannot tell":
            return made
        if lesion is None and own:
            return replace(made, reason=own)
        return replace(made, reason=f"{made.reason}{self._absent_prior(lesion)}")

    def _absent_prior(self, lesion: Lesion | None) -> str:
        if lesion is None:
            return ""
        mine = [one for one in priors(self.patient) if one.current == f"images/{lesion.image}"]
        return f"; prior image {mine[0].state}" if mine and mine[0].prior is None else ""


def _without(finding: Finding, cue: str) -> Finding:
    """The finding as if it did not say the cue."""
    if cue == "side":
        return replace(finding, laterality=None, anatomy=(), location=None)
    if cue == "slice":
        return replace(finding, refers=())
    kept = tuple(one for one in finding.measurements if one.kind != cue)
    return replace(finding, measurements=kept)


def _chosen(place: Grounding, cue: str) -> str:
    if place.status == "accepted":
        return "the lesion that a person has accepted"
    if place.method == "measurement":
        return f"the one lesion that fits all that is said, its {cue} among it"
    return f"the lesion that is named ({place.method})"


def _said(cue: str, reported: Reported) -> str:
    if cue == "size":
        return " x ".join(f"{mm:.1f}" for mm in reported.axes_mm) + " mm"
    if cue == "side":
        return str(reported.side)
    if cue == "suvmax":
        return f"SUVmax {reported.suvmax:g}"
    return "slice " + ", ".join(
        str(at) for at in sorted({a for s in reported.slices.values() for a in s})
    )


def _verdict(finding: Finding, cue: str, judged: Judged, lesion: Lesion, how: str) -> Verdict:
    return _place(finding, cue, replace(judged, reason=f"{how}; {judged.reason}"), lesion.target)


def _place(finding: Finding, cue: str, judged: Judged, *targets: str) -> Verdict:
    return Verdict(
        finding.id, cue, judged.answer, judged.said, judged.seen,
        (cue_words(finding, cue), *targets), judged.reason, {"against": "image"},
    )  # fmt: skip
