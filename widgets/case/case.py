"""Case: what a page tells of a patient, read once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from explorer.derived import derived
from explorer.patient import Patient
from explorer.report import Report
from graphs.finding import Finding
from graphs.findings import findings
from graphs.grounding.grounding import Grounding
from graphs.groundings import groundings
from graphs.lesion import Lesion
from graphs.lesions import lesions
from graphs.verdict import Verdict
from widgets.case.case_words import CaseWords
from widgets.case.key_picture import KeyPicture, key_picture
from widgets.palette import GROUNDINGS


@dataclass
class Case:
    """A patient's statements, places and measurements.

    Attributes
    ----------
    patient : Patient
    words : CaseWords
    findings : list of Finding
        By report and place; the first is number 1.
    groundings, verdicts : dict
        Of each finding's id.
    lesions : list of Lesion
    generated : set of str
        Ids of the reports that a program wrote.
    pictures : list of KeyPicture
    left_out : int
        Places that have no picture because there are too many.
    """

    patient: Patient
    words: CaseWords
    findings: list[Finding] = field(default_factory=list)
    groundings: dict[str, list[Grounding]] = field(default_factory=dict)
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    lesions: list[Lesion] = field(default_factory=list)
    generated: set[str] = field(default_factory=set)
    pictures: list[KeyPicture] = field(default_factory=list)
    left_out: int = 0

    @classmethod
    def of(cls, patient: Patient, words: CaseWords) -> Case:
        """Read what the store has; nothing is written."""
        places: dict[str, list[Grounding]] = defaultdict(list)
        for grounding in groundings(patient):
            places[grounding.finding].append(grounding)
        said: dict[str, list[Verdict]] = defaultdict(list)
        for row in derived(patient, "verdicts"):
            one = Verdict.of_row(row)
            if one not in said[one.finding]:
                said[one.finding].append(one)
        # two extractors that found the same mention say one thing
        unique = {one.id: one for one in findings(patient)}
        return cls(
            patient, words, list(unique.values()), dict(places), dict(said),
            lesions(patient, keep=False), _generated(patient),
        )  # fmt: skip

    def number(self, finding: str) -> int:
        """The number of a finding on the page."""
        return next(k for k, one in enumerate(self.findings, 1) if one.id == finding)

    def of_report(self, report: Report) -> list[Finding]:
        """The findings of a report."""
        return [one for one in self.findings if one.item == report.id]

    def told(self, report: Report) -> bool:
        """Whether the text of a report may be shown."""
        return report.id in self.generated or self.words.withheld is None

    def pointing(self, target: str) -> list[tuple[Finding, Grounding]]:
        """The findings that lie at a place."""
        return [
            (one, place)
            for one in self.findings
            for place in self.groundings.get(one.id, ())
            if place.target == target and place.status != "rejected"
        ]

    def draw(self, most: int) -> None:
        """Make the pictures: places of findings first, then lesions, else an overview."""
        wanted: dict[str, str] = {}
        for one in self.findings:
            for place in self.groundings.get(one.id, ()):
                pictured = place.status in ("proposed", "accepted") and place.region != "examined"
                if place.target and pictured:
                    wanted.setdefault(place.target, GROUNDINGS[place.status])
        for lesion in self.lesions:
            wanted.setdefault(lesion.target, GROUNDINGS["accepted"])
        if not wanted:
            wanted = {f"images/{name}": GROUNDINGS["proposed"] for name in self.patient.images}
        self.left_out = max(0, len(wanted) - most)
        self.pictures = [
            key_picture(self.patient, target, color)
            for target, color in list(wanted.items())[:most]
        ]


def _generated(patient: Patient) -> set[str]:
    """Texts that come from a run of a program that describes outlines."""
    runs = {row["run"] for row in patient.rows("runs") if row["kind"] == "describe"}
    return {row["item"] for row in patient.rows("texts") if row.get("origin") in runs}
