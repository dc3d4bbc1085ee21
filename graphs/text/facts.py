"""facts: what a report says, without the words that it says it with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphs.finding import Finding
from graphs.text.section import Section
from graphs.text.sections import sections

_ASKED = {"indication", "history"}
_LEFT_OUT = {"not_assessed"}


@dataclass(frozen=True)
class Fact:
    """One statement, in words of the lexicon.

    Attributes
    ----------
    text : str
        'present; nodule; lung_upper_lobe_right; right; 23 mm; increased'.
    start, end : int
        The mention in the report; Unicode code points, half-open.
    assertion, entity : str
    anatomy : tuple of str
    laterality, change : str or None
    """

    text: str
    start: int
    end: int
    assertion: str
    entity: str
    anatomy: tuple[str, ...] = ()
    laterality: str | None = None
    change: str | None = None


@dataclass(frozen=True)
class Facts:
    """A report as facts.

    Attributes
    ----------
    indication : str
        What was asked, as the report writes it; hostile. Apart, as it is no finding.
    facts : tuple of Fact
        Each once, in the order of the report.
    """

    indication: str
    facts: tuple[Fact, ...]

    def serialised(self) -> str:
        """One line a fact, the indication on a line of its own where there is one."""
        lines = [f"indication: {' '.join(self.indication.split())}"] if self.indication else []
        return "\n".join([*lines, *(one.text for one in self.facts)])

    def tokens(self) -> list[str]:
        """What two reports are compared by: what is there, where, on which side, how it changed.

        Denied findings are left out: which of them a report lists is a matter of style.
        """
        found = []
        for one in self.facts:
            if one.assertion == "absent":
                continue
            found.append(one.entity)
            found += [f"{one.entity}@{place}" for place in one.anatomy]
            found += [f"{one.entity}:{word}" for word in (one.laterality, one.change) if word]
            if one.assertion == "uncertain":
                found.append(f"{one.entity}?")
        return found or ["nothing"]


def facts(
    text: str,
    findings: Sequence[Finding] | None = None,
    *,
    parts: Sequence[Section] | None = None,
    language: str | None = None,
) -> Facts:
    """Reduce a report to its facts.

    Parameters
    ----------
    text : str
        Hostile.
    findings : sequence of Finding, optional
        What an extractor found in the same text; by default the rules are asked.
    parts : sequence of Section, optional
        Its sections, where they are known.
    language : str or None
        ISO 639-1, for the rules.

    Returns
    -------
    Facts
        A finding in the indication or the history is what was asked, and no fact.
    """
    if findings is None:
        from graphs.text.rules import RulesExtractor

        findings = RulesExtractor().extract(text, language=language)
    if parts is None:
        parts = sections(text)
    asked = [one for one in parts if one.name in _ASKED]
    found: dict[str, Fact] = {}
    for one in findings:
        if one.assertion in _LEFT_OUT or any(p.start <= one.start < p.end for p in asked):
            continue
        fact = _fact(one)
        found.setdefault(fact.text, fact)
    return Facts(" ".join(one.body(text).strip() for one in asked).strip(), tuple(found.values()))


def _fact(finding: Finding) -> Fact:
    words = [finding.assertion, finding.entity, *finding.anatomy]
    if finding.laterality:
        words.append(finding.laterality)
    for value in finding.measurements:
        mm = value.mm
        numbers = mm if mm is not None and value.kind == "size" else value.value
        unit = "mm" if numbers is mm else value.unit
        size = " x ".join(f"{one:g}" for one in numbers)
        words.append(f"{'earlier ' if value.prior else ''}{size} {unit}".strip())
    if finding.change:
        words.append(finding.change)
    return Fact(
        "; ".join(words),
        finding.start,
        finding.end,
        finding.assertion,
        finding.entity,
        finding.anatomy,
        finding.laterality,
        finding.change,
    )
