"""Two reports of a patient beside each other, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphs.finding import Finding
from graphs.findings import findings, written
from graphs.follow_findings import FindingGroup, follow_findings
from graphs.report_diff import report_diff
from widgets.report_content import when

if TYPE_CHECKING:
    from explorer.patient import Patient

Plain = dict[str, Any]


def compared_reports(patient: Patient, before: str, after: str) -> Plain:
    """What a report says other than an earlier one.

    Parameters
    ----------
    patient : Patient
    before, after : str
        Ids of reports.

    Returns
    -------
    dict
        ``before`` and ``after`` (id, name, when), ``rows`` (of `graphs.report_diff`), and
        ``findings``: what came, went or changed, by the rules of `follow_findings`.

    Raises
    ------
    NotFoundError
        There is no such report.
    """
    reports = [patient.reports[before], patient.reports[after]]
    every = {one.id: one for one in findings(patient)}.values()
    visits = [(one.id, [f for f in every if f.item == one.id]) for one in reports]
    rows = report_diff(reports[0].text, reports[1].text)
    changes = [_change(group, before, after) for group in follow_findings(visits)]
    order = ("came", "went", "changed", "said of one only", "same")
    return {
        "before": {"id": before, "name": reports[0].name or before, "when": when(reports[0])},
        "after": {"id": after, "name": reports[1].name or after, "when": when(reports[1])},
        "rows": [
            {"kind": row.kind, "before": row.before, "after": row.after, "section": row.section}
            for row in rows
        ],
        "findings": sorted(changes, key=lambda one: order.index(one["kind"])),
    }


def _change(group: FindingGroup, before: str, after: str) -> Plain:
    old, new = group.of(before), group.of(after)
    kind = "same"
    if not old or not new:
        only = (old or new)[0]
        kind = ("went" if old else "came") if only.assertion == "present" else "said of one only"
    else:
        there = [any(one.assertion == "present" for one in side) for side in (old, new)]
        if there[0] != there[1]:
            kind = "came" if there[1] else "went"
        elif _told(old) != _told(new):
            kind = "changed"
    sample = (new or old)[0]
    return {
        "kind": kind,
        "entity": sample.entity,
        "before": _words(old),
        "after": _words(new),
        "before_id": old[0].id if old else None,
        "after_id": new[0].id if new else None,
        "doubt": bool(group.alternatives),
    }


def _told(side: list[Finding]) -> set[tuple[Any, ...]]:
    """What is compared: assertion, side, sizes that are not of an earlier time, change."""
    return {
        (one.assertion, one.laterality, one.change,
         tuple(v.mm or v.value for v in one.measurements if not v.prior))
        for one in side[:1]
    }  # fmt: skip


def _words(side: list[Finding]) -> str | None:
    if not side:
        return None
    said = []
    for one in side:
        parts = [one.assertion.replace("_", " "), one.laterality or "", one.location or ""]
        parts += [written(v) for v in one.measurements] + [one.change or ""]
        said.append(", ".join(dict.fromkeys(part for part in parts if part)))
    return "; ".join(dict.fromkeys(said))
