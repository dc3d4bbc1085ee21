"""Dialogue: questions about a patient's findings, answered by rules from what is stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explorer.derived import derived
from graphs.finding import Finding
from graphs.grounding.answer import Answer
from graphs.grounding.answer_where import answer_where

if TYPE_CHECKING:
    from explorer.patient import Patient

_WHERE = re.compile(r"\bwhere\b|\blocat|\bwhich (?:side|lobe|slice|image)", re.I)
_SIZE = re.compile(r"\b(?:how (?:large|big|long)|size|measure|diameter|suv)", re.I)
_CHANGE = re.compile(r"\b(?:chang|grow|grew|increas|decreas|stable|new|compar|before|prior)", re.I)
_THERE = re.compile(r"\b(?:is|are|was|were|any|does|do|has|have)\b", re.I)
_IT = re.compile(r"\b(?:it|its|that|this|they|them|the (?:finding|lesion))\b", re.I)


class Dialogue:
    """Remembers what 'it' is; every answer names what it rests on, and nothing is made up.

    Parameters
    ----------
    patient : Patient

    Examples
    --------
    >>> talk = Dialogue(patient)
    >>> talk.ask("Is there a nodule?").text
    >>> talk.ask("Where is it?").box
    """

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self.spoken_of: Finding | None = None
        self._all = [Finding.of_row(row) for row in derived(patient, "findings")]

    def ask(self, question: str) -> Answer:
        """Answer one question.

        Parameters
        ----------
        question : str
            Whether there is something, where it is, how large, whether it has changed. English.

        Returns
        -------
        Answer
            What was not understood is said.
        """
        named = self._named(question)
        if named:
            self.spoken_of = named[0]
        elif not _IT.search(question):
            self.spoken_of = None
        here = self.spoken_of
        if here is None:
            return Answer("No finding of that name is in the reports, so there is no answer.")
        if _WHERE.search(question):
            return answer_where(self.patient, here)
        if _SIZE.search(question):
            return self._size(here)
        if _CHANGE.search(question):
            said = here.change or "not said"
            return Answer(f"Change of the {here.entity}: {said}.", findings=(here.id,))
        if _THERE.search(question):
            return self._there(here, len(named))
        return Answer("The question was not understood.", findings=(here.id,))

    def _named(self, question: str) -> list[Finding]:
        """Findings that the question names, those that are present first."""
        words = f" {_plain(question)} "
        found = [
            one
            for one in self._all
            if any(f" {name} " in words for name in _names(one))
            and (one.laterality is None or _side_fits(one.laterality, words))
        ]
        return sorted(found, key=lambda one: (one.assertion == "absent", one.item, one.start))

    def _there(self, here: Finding, count: int) -> Answer:
        said = {
            "present": "The report says so",
            "absent": "The report says that there is none",
            "uncertain": "The report is not certain",
        }.get(here.assertion, "The report says that it was not assessed")
        report = self.patient.reports.get(here.item)
        text = report.text[here.sentence_start : here.sentence_end].strip() if report else ""
        more = f" ({count} mentions)" if count > 1 else ""
        return Answer(f"{said}{more}: {text}", findings=(here.id,))

    def _size(self, here: Finding) -> Answer:
        where = answer_where(self.patient, here)
        values = [
            f"{one.kind} {' x '.join(f'{v:g}' for v in one.value)} {one.unit}".strip()
            for one in here.measurements
            if not one.prior
        ]
        said = ", ".join(values) or "no measurement"
        return Answer(
            f"The report gives for the {here.entity}: {said}.", where.box, where.address,
            (here.id,), where.groundings, where.nodes, where.targets,
        )  # fmt: skip


def _names(finding: Finding) -> set[str]:
    plain = {_plain(one) for one in (finding.entity, finding.text)} - {""}
    return plain | {f"{one}s" for one in plain}


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _side_fits(side: str, words: str) -> bool:
    asked = {one for one in ("left", "right") if f" {one} " in words}
    return not asked or side in asked or side == "bilateral"
