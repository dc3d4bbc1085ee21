"""findings: what the reports of a patient state, as the store keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from explorer.derived import derived
from explorer.patient import Patient
from explorer.shown_list import ShownList
from graphs.finding import Finding
from graphs.measured_value import MeasuredValue

HEAD = (
    "report", "section", "finding", "assertion", "side", "anatomy", "measured", "change", "text",
)  # fmt: skip


def findings(patient: Patient, *, producer: str | None = None) -> ShownList[Finding]:
    """The findings of a patient that are in the store.

    Parameters
    ----------
    patient : Patient
    producer : str, optional
        Of one extractor alone: 'oncograph.rules'; of all by default, so that two extractors that
        found the same mention give two findings with one id.

    Returns
    -------
    ShownList of Finding
        By report and place; those of the newest version of each extractor, of reports that still
        read the same.
    """
    runs = {row["run"]: row["producer"] for row in derived(patient, "runs")}
    rows = [
        row for row in derived(patient, "findings")
        if producer is None or runs.get(row["run"]) == producer
    ]  # fmt: skip
    order = {name: place for place, name in enumerate(patient.reports)}
    found = [Finding.of_row(row) for row in rows]
    found.sort(key=lambda one: (order.get(one.item, len(order)), one.item, one.start, one.end))
    return shown(found)


def shown(found: Iterable[Finding]) -> ShownList[Finding]:
    """Findings as a list with a table."""
    return ShownList(found, HEAD, cells, "findings")


def cells(one: Finding) -> list[Any]:
    """A finding as a row of `HEAD`."""
    return [
        one.item, one.section, one.entity, one.assertion, one.laterality, ", ".join(one.anatomy),
        "; ".join(map(written, one.measurements)), one.change, one.text,
    ]  # fmt: skip


def written(value: MeasuredValue) -> str:
    """A measurement for people: '2.3 x 1.8 cm', 'previously 1.8 cm'."""
    between = "-" if value.kind in ("range", "hu") else " x "
    number = between.join(f"{one:g}" for one in value.value)
    kind = "" if value.kind in ("size", "range", "hu", "volume") else f"{value.kind} "
    unit = "" if value.unit == "SUV" else f" {value.unit}"
    return f"{'previously ' if value.prior else ''}{kind}{number}{unit}".strip()
