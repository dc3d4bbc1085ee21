"""case_key: the places that matter, each picture beside the words that it stands for."""

from __future__ import annotations

from explorer.privacy.risks import BURNED_IN
from graphs.finding import Finding
from graphs.findings import written
from graphs.grounding.grounding import Grounding
from graphs.lesion import Lesion
from widgets.case.case import Case
from widgets.case.key_picture import KeyPicture
from widgets.case.shown import shown


def case_key(case: Case) -> str:
    """HTML of all cards."""
    if not case.pictures:
        return '<p class="card">This case has no images.</p>'
    more = (
        f'<p class="legend">{case.left_out} more places are not pictured.</p>'
        if case.left_out
        else ""
    )
    found = [one for one in case.pictures if case.pointing(one.target)]
    others = "".join(_card(case, one) for one in case.pictures if one not in found)
    rest = f'<div class="others">{others}</div>' if others else ""
    return "".join(_card(case, one) for one in found) + rest + more


def _card(case: Case, one: KeyPicture) -> str:
    found = case.pointing(one.target)
    lesion = next((x for x in case.lesions if x.target == one.target), None)
    title = _title(case, one, found)
    words = "".join(_words(case, finding, place) for finding, place in found)
    if not found:
        words = "<p class='why'>No words of a report lie here.</p>"
    size = _size(lesion) if lesion else ""
    plain = "" if found else " plain"
    return (
        f'<article class="card"><h3 class="said">{title}</h3><div class="key{plain}">'
        f'<div class="pictures">{_pictures(case, one)}</div>'
        f"<div>{words}{size}</div></div></article>"
    )


def _title(case: Case, one: KeyPicture, found: list[tuple[Finding, Grounding]]) -> str:
    words = case.words
    parts = []
    if found:
        numbers = ", ".join(str(case.number(finding.id)) for finding, _ in found)
        parts.append(f"Finding{'s' if len(found) > 1 else ''} {numbers}")
    if one.label:
        parts.append(words.label(one.label) or "a segment")
    if one.image is not None:
        parts.append(one.image.modality)
        parts.append(words.label(one.image.name))
        when = words.when(one.image.day, one.image.acquired)
        parts.append(when or "")
    return shown(" · ".join(part for part in parts if part))


def _pictures(case: Case, one: KeyPicture) -> str:
    if one.image is not None and not case.words.identified and _burned(case, one):
        return f'<p class="none">Not shown: {BURNED_IN}.</p>'
    if not one.drawn:
        return f'<p class="none">No picture: {shown(one.why_not or "it is empty")}.</p>'
    return "".join(
        f'<figure><img src="{drawn.src}" width="{drawn.width}" height="{drawn.height}" '
        f'alt="{shown(drawn.about)}"><figcaption>{shown(drawn.about)}</figcaption></figure>'
        for drawn in one.drawn
    )


def _burned(case: Case, one: KeyPicture) -> bool:
    risks = [] if one.image is None else case.words.risks(one.image)
    return any(risk.startswith(BURNED_IN) for risk in risks)


def _words(case: Case, finding: Finding, place: Grounding) -> str:
    number = case.number(finding.id)
    report = case.patient.reports.get(finding.item)
    quote = "withheld"
    if report is not None and case.told(report):
        sentence = report.text[finding.sentence_start : finding.sentence_end] or finding.text
        quote = case.words.text(sentence.strip())
    score = "" if place.score is None else f", score {place.score:.2f}"
    return (
        f'<blockquote class="said">{shown(quote)}</blockquote>'
        f'<p><a class="number" href="#finding-{number}">{number}</a>{chips(finding)}'
        f'<span class="chip {place.status}">{place.status} by {shown(place.method)}{score}</span>'
        f"{verdicts(case, finding)}</p>"
    )


def chips(finding: Finding) -> str:
    """What a finding says, in short."""
    said = [finding.entity, finding.assertion.replace("_", " "), finding.laterality, finding.change]
    said += [written(value) for value in finding.measurements]
    return "".join(f'<span class="chip">{shown(one)}</span>' for one in said if one)


def verdicts(case: Case, finding: Finding) -> str:
    """What the checks say of a finding."""
    parts: dict[str, None] = {}
    for one in case.verdicts.get(finding.id, ()):
        kind = "cannot" if one.verdict == "cannot tell" else one.verdict
        against = ""
        if one.verdict == "contradicts":
            against = f": {one.report_value or '?'} against {one.image_value or '?'}"
        told = case.words.text(f"{one.cue} {one.verdict}{against}")
        parts[f'<span class="chip {kind}">{_SIGN[one.verdict]} {shown(told)}</span>'] = None
    return "".join(parts)


_UNITS = {"1": "(arbitrary units)", "SUVbw": "SUV"}
_SIGN = {"agrees": "✓", "contradicts": "✗", "cannot tell": "?"}


def _size(lesion: Lesion) -> str:
    m = lesion.measures
    parts = [f"{m.longest_mm:.1f} × {m.perpendicular_mm:.1f} mm", f"{m.volume_mm3 / 1000:.2f} ml"]  # noqa: RUF001
    if m.mean is not None:
        parts.append(f"mean {m.mean:.4g} {_UNITS.get(m.units or '1', m.units)}")
    return f'<p class="why">Measured on the outline: {shown(", ".join(parts))}</p>'
