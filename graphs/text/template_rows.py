"""finding_rows: the rows of a template from findings."""

from __future__ import annotations

from collections.abc import Sequence

from graphs.finding import Finding
from graphs.measured_value import MeasuredValue
from graphs.text.filled_template import Slot, Value
from graphs.text.template_item import UNITS, TemplateItem
from graphs.text.template_schema import TemplateSchema


def finding_rows(
    schema: TemplateSchema, text: str, findings: Sequence[Finding]
) -> tuple[dict[str, Slot], ...]:
    """One row for each finding that the template asks for and the report does not deny.

    Parameters
    ----------
    schema : TemplateSchema
        With rows; the item of the rows says which entities count.
    text : str
        The report that the findings are of.
    findings : sequence of Finding

    Returns
    -------
    tuple of dict of str to Slot
    """
    key = schema.item(schema.rows or "")
    wanted = {
        name.lower(): value for value, words in key.choices.items() for name in (value, *words)
    }
    rows = []
    for one in findings:
        value = wanted.get(one.entity.lower())
        if value is None or one.assertion in ("absent", "not_assessed"):
            continue
        row = {item.name: _slot(item, one, text) for item in schema.items}
        row[key.name] = Slot(value, "present", one.start, one.end, text[one.start : one.end])
        rows.append(row)
    return tuple(rows)


def _slot(item: TemplateItem, finding: Finding, text: str) -> Slot:
    if item.source is None:
        return Slot()
    value: Value = None
    start, end = finding.start, finding.end
    if item.source in ("size", "prior_size", "suvmax"):
        measured = _measured(item.source, finding)
        if measured is not None:
            value = _converted(item, measured)
            start, end = measured.start, measured.end
    elif item.source in ("series", "image"):
        reference = next((r for r in finding.refers if getattr(r, item.source) is not None), None)
        if reference is not None:
            value = float(getattr(reference, item.source))
            start, end = reference.start, reference.end
    else:
        value = getattr(finding, item.source)
        place = finding.detail.get(item.source)
        if isinstance(place, list | tuple) and len(place) == 2:
            start, end = int(place[0]), int(place[1])
    if value is None:
        return Slot()
    return Slot(value, "present", start, end, text[start:end], item.fault(value))


def _measured(kind: str, finding: Finding) -> MeasuredValue | None:
    name = "size" if kind == "prior_size" else kind
    prior = kind == "prior_size"
    return next((m for m in finding.measurements if m.kind == name and m.prior == prior), None)


def _converted(item: TemplateItem, measured: MeasuredValue) -> Value:
    if item.kind == "number":
        return measured.value[0]
    if measured.mm is None:
        return None
    return tuple(round(one / UNITS[item.unit or "mm"], 6) for one in measured.mm)
