"""What the report view shows of a report, as plain data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from explorer.address import Address
from explorer.derived import derived
from explorer.errors import AddressError
from graphs.finding import Finding
from graphs.findings import findings, written
from graphs.grounding.reviews import review_rows
from graphs.groundings import groundings
from graphs.text.sections import sections
from graphs.verdict import Verdict

if TYPE_CHECKING:
    from explorer.patient import Patient
    from explorer.report import Report
    from graphs.grounding.grounding import Grounding

Plain = dict[str, Any]

_SAID = {"not_assessed": "not assessed"}
# Longer texts are cut at their headers alone: the model reads each sentence, and nobody waits.
_INFER_UP_TO = 100_000


def report_choices(patient: Patient) -> list[Plain]:
    """The reports of a patient to choose from, the earliest first; those without a date last.

    Returns
    -------
    list of dict
        ``id``, ``name``, ``when``, ``language``, ``kind`` ('written' or 'made by a program').
    """
    found = list(patient.reports.values())
    found.sort(key=lambda one: (one.date is None, one.date or "", one.day is None, one.day or 0))
    return [
        {
            "id": one.id,
            "name": one.name or one.id,
            "when": when(one),
            "language": one.language or "language not known",
            "kind": "synthetic" if one.synthetic else "report",
        }
        for one in found
    ]


def when(report: Report) -> str:
    """A report's date, or its day from time zero, or why neither is known."""
    if report.date:
        return report.date
    return f"day {report.day}" if report.day is not None else "no date"


def report_content(patient: Patient, item: str) -> Plain:
    """A report with its sections, findings, groundings and verdicts.

    Parameters
    ----------
    patient : Patient
    item : str
        The report's id.

    Returns
    -------
    dict
        JSON-able. Places count Unicode code points of ``text``, half-open.

    Raises
    ------
    NotFoundError
        There is no such report.
    """
    report = patient.reports[item]
    said = _merged(one for one in findings(patient) if one.item == item)
    known = {one.id for one in said}
    verdicts = [Verdict.of_row(row) for row in derived(patient, "verdicts")]
    return {
        "id": report.id,
        "name": report.name or report.id,
        "when": when(report),
        "language": report.language,
        "source": report.source,
        "synthetic": report.synthetic,
        "text": report.text,
        "sections": _sections(report.text),
        "findings": [_finding(one, len(report.text)) for one in said],
        "groundings": _groundings(patient, known),
        "verdicts": [_verdict(patient, one, item) for one in verdicts if one.finding in known],
        "read": _read(patient, item),
    }


def _read(patient: Patient, item: str) -> list[str]:
    """The programs that have read the report as it reads now, and what came of it."""
    return [
        f"{row['producer']} {row['version']}"
        + ("" if row["state"] == "present" else f": {row['state']}")
        for row in derived(patient, "runs")
        if row["kind"] == "findings" and row["input"] == f"reports/{item}"
    ]


def _merged(found: Iterable[Finding]) -> list[Finding]:
    """Each mention once, though two extractors found it."""
    return list({one.id: one for one in reversed(list(found))}.values())[::-1]


@lru_cache(maxsize=32)
def _cut(text: str) -> tuple[tuple[Any, ...], ...]:
    found = sections(text, infer=len(text) <= _INFER_UP_TO)
    return tuple((s.name, s.start, s.end, s.body_start, s.header, s.score) for s in found)


def _sections(text: str) -> list[Plain]:
    names = ("name", "start", "end", "body", "header", "score")
    return [dict(zip(names, one, strict=True)) for one in _cut(text)]


def _finding(one: Finding, length: int) -> Plain:
    assertion = _SAID.get(one.assertion, one.assertion)
    return {
        "id": one.id,
        "start": max(0, min(one.start, length)),
        "end": max(0, min(one.end, length)),
        "text": one.text,
        "entity": one.entity,
        "code": one.code,
        "assertion": assertion,
        "side": one.laterality,
        "place": one.location or ", ".join(name.replace("_", " ") for name in one.anatomy) or None,
        "measured": "; ".join(map(written, one.measurements)) or None,
        "change": one.change,
        "section": one.section or "unknown",
        "parts": _parts(one, length),
    }


def _parts(one: Finding, length: int) -> list[Plain]:
    """Where the words for side, place, size, change and assertion stand."""
    detail = one.detail
    spans: list[tuple[str, Any]] = [
        ("side", detail.get("laterality")),
        ("change", detail.get("change")),
        ("assertion", detail.get("cue")),
    ]
    places = detail.get("places")
    spans += [("place", span) for span in (places if isinstance(places, list) else [])]
    spans += [
        ("previous " + value.kind if value.prior else value.kind, [value.start, value.end])
        for value in one.measurements
    ]
    spans += [("image", [ref.start, ref.end]) for ref in one.refers]
    return [
        {"kind": kind, "start": span[0], "end": span[1]}
        for kind, span in spans
        if _is_span(span, length)
    ]


def _is_span(span: Any, length: int) -> bool:
    # what a plugin or an imported file put there is not to be relied on
    if not isinstance(span, list | tuple) or len(span) != 2:
        return False
    if not all(isinstance(at, int) and not isinstance(at, bool) for at in span):
        return False
    return bool(0 <= span[0] < span[1] <= length)


def _groundings(patient: Patient, known: set[str]) -> list[Plain]:
    history: dict[str, list[Plain]] = {}
    for row in review_rows(patient, every=True):
        said = {name: row[name] for name in ("status", "reviewer", "reviewed", "reason")}
        history.setdefault(row["grounding"], []).append(said)
    return [
        _grounding(patient, one, history.get(one.id, []))
        for one in groundings(patient)
        if one.finding in known
    ]


def _grounding(patient: Patient, one: Grounding, history: list[Plain]) -> Plain:
    return {
        "id": one.id,
        "finding": one.finding,
        "status": one.status,
        "method": one.method,
        "score": one.score,
        "region": one.region,
        "target": one.target,
        "place": place_words(patient, one.target),
        "reason": one.reason,
        "evidence": [
            {"cue": e.cue, "said": _words(e.report_value), "seen": _words(e.image_value),
             "passed": e.passed} for e in one.evidence
        ],
        "alternatives": [
            {"target": a.target, "place": place_words(patient, a.target), "score": a.score,
             "reason": a.reason} for a in one.alternatives
        ],
        "reviewer": one.detail.get("reviewer"),
        "reviewed": one.detail.get("reviewed"),
        "history": history,
    }  # fmt: skip


def place_words(patient: Patient, target: str | None) -> str:
    """A target for people: 'Nodule, reader 3', 'CT, slices 9 to 11'; hostile text.

    Parameters
    ----------
    patient : Patient
    target : str or None
        Address without key and version.
    """
    if target is None:
        return ""
    try:
        address = Address.parse(f"onco:{patient.key}/{target}")
    except AddressError:
        return unquote(target)
    label, box = address.fragment.get("label"), address.fragment.get("box")
    if isinstance(label, str):
        return label
    if address.kind == "images" and address.item in patient.images:
        image = patient.images[address.item]
        if isinstance(box, tuple) and len(box) == 3:
            (first, last), *_ = box  # type: ignore[misc]
            slices = f"slice {first}" if last - first == 1 else f"slices {first} to {last - 1}"
            whole = all(
                tuple(span) == (0, size)  # type: ignore[arg-type]
                for span, size in zip(box[1:], image.shape[-2:], strict=True)
            )
            return f"{image.modality}, {slices}" + ("" if whole else ", box")
        return f"{image.modality} {image.name}".strip()
    return unquote(target)


def _words(value: Any) -> str | None:
    """A cue's value for people."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        shown = {name: one for name, one in value.items() if name not in ("start", "end")}
        said = {name: _words(one) for name, one in shown.items() if one is not None}
        return ", ".join(f"{name} {one}" for name, one in said.items())
    if isinstance(value, list | tuple):
        return "; ".join(str(_words(one)) for one in value)
    return json.dumps(value, default=str)


def _verdict(patient: Patient, one: Verdict, item: str) -> Plain:
    spans: list[list[int]] = []
    for target in one.evidence:
        try:
            address = Address.parse(f"onco:{patient.key}/{target}")
        except AddressError:
            continue
        chars = address.fragment.get("chars")
        if address.kind == "reports" and address.item == item and isinstance(chars, tuple):
            spans.append([int(chars[0]), int(chars[1])])  # type: ignore[arg-type]
    return {
        "finding": one.finding,
        "cue": one.cue,
        "verdict": one.verdict,
        "said": one.report_value,
        "seen": one.image_value,
        "reason": one.reason,
        "against": str(one.detail.get("against", "image")),
        "evidence": list(one.evidence),
        "spans": spans,
    }
