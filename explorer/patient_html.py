"""A patient for people to look at: timeline, items with thumbnails, units and sources."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.derived import derived
from explorer.errors import OncographError
from explorer.html import Raw, cell, table_html, thumbnail

if TYPE_CHECKING:
    from explorer.image import Image
    from explorer.patient import Patient

_MOST_THUMBNAILS = 24
_MOST_ROWS = 20
_SHOWN = {
    "facts": ("name", "value", "unit", "state", "day", "source"),
    "events": ("kind", "name", "value", "number", "unit", "day", "source"),
    "observations": ("name", "value", "number", "unit", "finding", "site", "target", "source"),
}
_DERIVED = {
    "findings": ("entity", "assertion", "laterality", "location", "change", "text", "item"),
    "groundings": ("finding", "status", "method", "region", "target", "score", "reason"),
    "verdicts": ("finding", "cue", "verdict", "report_value", "image_value", "reason"),
}
_MOST_TICKS = 12
_LABEL = 46.0  # pixels that a tick's label takes


def patient_html(patient: Patient) -> str:
    """HTML of a patient.

    Parameters
    ----------
    patient : Patient

    Returns
    -------
    str
    """
    anchor = patient.anchor
    zero = "unknown" if anchor is None else f"{anchor.date or 'no date'} ({anchor.kind})"
    flag = " &middot; <b>contains synthetic data</b>" if patient.synthetic else ""
    parts = [
        f"<div><b>{cell(patient.label)}</b> &middot; version {patient.version} &middot; "
        f"time zero: {cell(zero)}{flag}</div>",
        _timeline(patient),
        _images(patient),
    ]
    if patient.segmentations:
        parts.append(_segmentations(patient))
    if patient.waveforms:
        parts.append(_waveforms(patient))
    if patient.slides:
        parts.append(_slides(patient))
    if patient.reports:
        rows = [[r.id, r.name, r.day, r.language, len(r.text)] for r in patient.reports.values()]
        parts.append(table_html(["report", "name", "day", "language", "characters"], rows))
    parts += [_records(patient.rows(table), table, names) for table, names in _SHOWN.items()]
    parts += [_records(derived(patient, name), name, names) for name, names in _DERIVED.items()]
    parts.append(_predictions(patient))
    parts.append(_vectors(patient))
    return '<div class="oncograph">' + "".join(parts) + "</div>"


def _slides(patient: Patient) -> str:
    rows: list[list[Any]] = []
    for position, slide in enumerate(patient.slides.values()):
        shown = position < _MOST_THUMBNAILS
        small = np.asarray(slide.stored[...]).transpose(2, 0, 1) if shown else None
        finest = slide.levels[0]
        rows.append(
            [
                thumbnail(small, 1.0) if small is not None else None,
                slide.id,
                slide.name,
                slide.day,
                slide.shape,
                len(slide.levels),
                f"{finest.mpp[0]:.3g} µm" if finest.mpp else "unknown",
                "; ".join(slide.problems) or None,
            ]
        )
    head = ["", "slide", "name", "day", "shape", "levels", "a pixel", "remarks"]
    return table_html(head, rows)


def _records(rows: list[dict[str, Any]], table: str, names: tuple[str, ...]) -> str:
    if not rows:
        return ""
    cells = [[row[name] for name in names] for row in rows[:_MOST_ROWS]]
    more = f" ({_MOST_ROWS} of {len(rows)} shown)" if len(rows) > _MOST_ROWS else ""
    return table_html(names, cells, caption=f"{table}{more}")


def _predictions(patient: Patient) -> str:
    """What models said, apart from what was measured."""
    runs = {
        row["run"]: row for row in derived(patient, "runs") if row["kind"] == "prediction"
    }  # fmt: skip
    rows = []
    for row in derived(patient, "nodes") if runs else ():
        if row["run"] in runs and row["kind"] == "prediction":
            run, said = runs[row["run"]], json.loads(row["detail"])
            chance = said["probability"]
            rows.append([
                row["name"], row["number"], row["unit"], said["what"],
                said["interval"] if said["lower"] is None
                else f"{said['lower']:.3g} to {said['upper']:.3g}",
                None if chance is None else f"{100 * chance:.1f} % ({said['probability_of']})",
                f"{run['producer']} {run['version']}", (run["checkpoint"] or "")[:12],
            ])  # fmt: skip
    head = ["task", "predicted", "unit", "means", "interval", "probability", "model", "checkpoint"]
    return table_html(head, rows[:_MOST_ROWS], "predicted, not measured") if rows else ""


def _vectors(patient: Patient) -> str:
    rows = [
        [row["name"], len(row["values"] or []), row["unit"], row["day"], row["source"]]
        for row in patient.rows("vectors")[:_MOST_ROWS]
    ]
    return table_html(["vector", "entries", "unit", "day", "source"], rows) if rows else ""


def _timeline(patient: Patient) -> str:
    """A strip with a tick for each day that has something; what cannot be told is counted."""
    named = {"items": "modality", "texts": "name", "events": "kind"}
    rows = [
        {"day": row["day"], "kind": row[column], "state": row["day_state"]}
        for table, column in named.items()
        for row in patient.rows(table)
    ]
    dated = [row for row in rows if row["day"] is not None]
    why = Counter(row["state"] or "absent: no date" for row in rows if row["day"] is None)
    note = "".join(
        f"<div>{n} without a day: {cell(reason)}</div>" for reason, n in why.most_common()
    )
    if not dated:
        return f"<div>Timeline: nothing that has a day.{note}</div>"
    first, last = min(row["day"] for row in dated), max(row["day"] for row in dated)
    width, span = 520, max(last - first, 1)
    marks, labelled = [], -_LABEL
    for day in _spread(sorted({row["day"] for row in dated})):
        kinds = sorted({str(row["kind"])[:24] for row in dated if row["day"] == day})
        x = 30 + (day - first) / span * (width - 120)
        marks.append(f'<line x1="{x:.0f}" y1="14" x2="{x:.0f}" y2="26" stroke="currentColor"/>')
        if x - labelled < _LABEL:
            continue  # it would lie on the one before
        labelled = x
        marks.append(
            f'<text x="{x:.0f}" y="10" font-size="10" fill="currentColor">{cell(", ".join(kinds))}'
            f'</text><text x="{x:.0f}" y="38" font-size="10" fill="currentColor">day {day}</text>'
        )
    return (
        f'<svg width="{width}" height="42" role="img" aria-label="timeline">'
        f'<line x1="20" y1="20" x2="{width - 20}" y2="20" stroke="currentColor"/>'
        f"{''.join(marks)}</svg><div>{note}</div>"
    )


def _spread(days: list[int]) -> list[int]:
    """As many days as have room on the strip, the first and the last among them."""
    if len(days) <= _MOST_TICKS:
        return days
    picked = np.linspace(0, len(days) - 1, _MOST_TICKS).round().astype(int)
    return [days[n] for n in picked]


def _images(patient: Patient) -> str:
    rows: list[list[Any]] = []
    for position, image in enumerate(patient.images.values()):
        picture = _picture(image) if position < _MOST_THUMBNAILS else None
        spacing = " x ".join(f"{v:.3g}" for v in image.spacing_mm)
        units = image.units if image.units_reason is None else f"{image.units} *"
        sources = image.sources()
        source = f"{len(sources)} files" if len(sources) != 1 else sources[0]["uri"]
        remarks = "; ".join(
            [*([f"* {image.units_reason}"] if image.units_reason else []), *image.problems]
        )
        rows.append(
            [
                picture,
                image.id,
                image.modality,
                image.name,
                image.day,
                image.shape,
                f"{spacing} mm",
                units,
                image.storage,
                source,
                remarks or None,
            ]
        )
    head = [
        "",
        "image",
        "modality",
        "name",
        "day",
        "shape",
        "spacing",
        "units",
        "storage",
        "source",
        "remarks",
    ]
    return table_html(head, rows) if rows else "<div>No images.</div>"


def _waveforms(patient: Patient) -> str:
    rows = [
        [
            one.id,
            one.modality,
            one.name,
            one.day,
            ", ".join(one.channels[:16]),
            f"{one.duration_s:.3g} s at {one.sampling_hz:g} Hz",
            one.units,
            "; ".join(one.problems) or None,
        ]
        for one in patient.waveforms.values()
    ]
    head = ["waveform", "modality", "name", "day", "channels", "length", "units", "remarks"]
    return table_html(head, rows)


def _picture(image: Image) -> Raw | None:
    middle = {n: s // 2 for n, s in zip(image.dims, image.shape, strict=True) if n in ("t", "z")}
    try:
        plane = image.read(tuple(middle.get(name, slice(None)) for name in image.dims))
    except (OncographError, OSError):
        return Raw("unreadable")
    spacing = image.spacing_mm
    inverted = image.modality == "PT" or image.meta.get("photometric") == "MONOCHROME1"
    aspect = spacing[-2] / spacing[-1] if len(spacing) >= 2 and spacing[-1] else 1.0
    return thumbnail(np.asarray(plane), aspect, inverted=inverted)


def _segmentations(patient: Patient) -> str:
    rows: list[list[Any]] = []
    for seg in patient.segmentations.values():
        colors = seg.colors
        names = Raw(
            "<br>".join(
                f'<span style="color:rgb{colors[row["name"]]}">&#9632;</span> {cell(row["name"])} '
                f"({row['volume_mm3'] / 1000:.3g} ml)"
                for row in seg.segments
            )
        )
        on = seg.image or f"unknown: {seg.image_reason}"
        rows.append(
            [seg.id, seg.modality, seg.name, seg.day, names, on, "; ".join(seg.problems) or None]
        )
    return table_html(
        ["segmentation", "kind", "name", "day", "segments", "lies on", "remarks"], rows
    )
