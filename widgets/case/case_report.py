"""case_report: the reports with their findings marked, and what was found of each."""

from __future__ import annotations

from explorer.html import Raw
from explorer.report import Report
from graphs.finding import Finding
from graphs.grounding.grounding import Grounding
from widgets.case.case import Case
from widgets.case.case_key import chips, verdicts
from widgets.case.marked_text import Mark, marked_text, moved
from widgets.case.shown import shown

_LEGEND = (
    '<p class="legend"><mark class="present">said to be there</mark> '
    '<mark class="uncertain">uncertain</mark> <mark class="absent">said to be absent</mark> · '
    "numbers lead to what was found in the images</p>"
)


def case_report(case: Case) -> str:
    """HTML of all reports."""
    if not len(case.patient.reports):
        return '<p class="card">This case has no reports.</p>'
    return _LEGEND + "".join(_one(case, report) for report in case.patient.reports.values())


def _one(case: Case, report: Report) -> str:
    words, found = case.words, case.of_report(report)
    number = list(case.patient.reports).index(report.id) + 1
    name = words.label(report.name)
    # the known words of a sentence alone would say something else
    name = name if name and name == report.name.strip() else f"Report {number}"
    parts = [name, words.when(report.day, report.date) or ""]
    title = shown(" · ".join(part for part in parts if part))
    made = ""
    if report.id in case.generated:
        made = (
            '<div class="banner note"><p><strong>Generated text.</strong> A program wrote it from '
            "outlines in the images; no person did.</p></div>"
        )
    elif report.synthetic:
        made = '<div class="banner note"><p><strong>Synthetic text</strong>, made up.</p></div>'
    lost = ""
    if case.told(report):
        body, lost = _text(case, report, found)
    else:
        body = (
            f'<p class="none">{shown(words.withheld)}. Give the name when the page is made, and '
            "the text is cleaned of it.</p>"
        )
    listed = "".join(_finding(case, one, case.told(report)) for one in found)
    below = f'<ol class="findings">{listed}</ol>' if listed else (
        "<p class='why'>No findings were extracted from it.</p>"
    )  # fmt: skip
    return f'<article class="card"><h3 class="said">{title}</h3>{made}{body}{lost}{below}</article>'


def _text(case: Case, report: Report, found: list[Finding]) -> tuple[str, str]:
    marks = [
        Mark(one.start, one.end, case.number(one.id), one.assertion,
             f"{one.entity}, {one.assertion.replace('_', ' ')}")
        for one in found
    ]  # fmt: skip
    text = case.words.text(report.text)
    kept, lost = moved(marks, report.text, text)
    note = ""
    if lost:
        numbers = ", ".join(str(one.number) for one in lost)
        note = f'<p class="why">Not marked, since their words were taken out: {numbers}.</p>'
    lang = f' lang="{shown(report.language)}"' if report.language else ""
    return f'<p class="report"{lang} dir="auto">{marked_text(text, kept)}</p>', note


def _finding(case: Case, one: Finding, told: bool) -> str:
    number = case.number(one.id)
    words = case.words.text(one.text) if told else "withheld"
    places = case.groundings.get(one.id, [])
    said = "".join(_place(case, place) for place in places) or (
        '<p class="why">Not looked for in the images.</p>'
    )
    reasons = [
        f"{v.cue}: report {v.report_value or 'says nothing'}, "
        f"image {v.image_value or 'says nothing'}. {v.reason}"
        for v in case.verdicts.get(one.id, ())
        if v.verdict != "agrees"
    ]
    against = "".join(f'<p class="why said">{shown(case.words.text(r))}</p>' for r in reasons)
    return (
        f'<li id="finding-{number}"><span class="number">{number}</span>'
        f'<strong class="said">{shown(words)}</strong> {chips(one)}{verdicts(case, one)}'
        f"{said}{against}</li>"
    )


def _place(case: Case, place: Grounding) -> str:
    if place.status == "abstained":
        return (
            f'<p class="why"><span class="chip abstained">no place: abstained</span> '
            f"{shown(case.words.text(place.reason))}</p>"
        )
    by = place.detail.get("reviewer")
    who = Raw("")
    if by:
        who = Raw(f" by {shown(by)}" if case.words.identified else " by a person")
    return (
        f'<p class="why"><span class="chip {place.status}">{place.status}</span> {who} '
        f"{shown(case.words.text(place.reason))}</p>"
    )
