"""case_records: measurements, clinical values and where everything comes from, as tables."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from explorer.derived import derived
from graphs.lesion import Lesion
from widgets.case.case import Case
from widgets.case.case_table import case_table
from widgets.case.case_words import CaseWords

_SOFTWARE = ("oncograph", "numpy", "scikit-image", "SimpleITK", "pydicom")
_TECHNICAL = ("study_instance_uid", "series_instance_uid", "sop_instance_uid")


def lesion_table(case: Case) -> str:
    """Outlined lesions, measured."""
    if not case.lesions:
        return '<p class="card">No lesion is outlined.</p>'
    head = ["lesion", "on", "when", "organ", "side", "longest / mm", "perpendicular / mm",
            "volume / ml", "mean", "maximum", "unit", "remarks"]  # fmt: skip
    rows = [_lesion(case, one) for one in case.lesions]
    caption = "Outlined lesions: longest diameter in an axial plane, and at a right angle to it"
    return f'<div class="card">{case_table(head, rows, caption, head[5:10])}</div>'


def _lesion(case: Case, one: Lesion) -> list[Any]:
    words, m = case.words, one.measures
    image = case.patient.images.get(one.image) if one.image else None
    return [
        words.label(one.name) or "a segment",
        None if image is None else image.modality,
        words.when(one.day, one.acquired),
        one.organ,
        one.laterality,
        f"{m.longest_mm:.1f}",
        f"{m.perpendicular_mm:.1f}",
        f"{m.volume_mm3 / 1000:.2f}",
        m.mean,
        m.maximum,
        _unit(m.units),
        "; ".join([*m.problems, *(["synthetic"] if one.synthetic else [])]),
    ]


def _unit(unit: str | None) -> str | None:
    return "arbitrary" if unit == "1" else unit


def measurement_table(case: Case) -> str:
    """Numbers that files brought, such as a structured report's; empty where there are none."""
    words, rows = case.words, []
    measured = {run["run"] for run in derived(case.patient, "runs") if run["kind"] == "measure"}
    for row in case.patient.observations.to_dict("records"):
        told = None if row.get("origin") in measured else words.row(_plain(row))
        if told is None or (told["number"] is None and not told["value"]):
            continue
        value = told["number"] if told["number"] is not None else told["value"]
        rows.append([told["name"], value, told["unit"], told["finding"], told["site"],
                     words.when(told["day"], row["date"]), told["state"]])  # fmt: skip
    if not rows:
        return ""
    head = ["measurement", "value", "unit", "of", "site", "when", "state"]
    return f'<div class="card">{case_table(head, rows, "Measurements that files brought")}</div>'


def fact_table(case: Case) -> str:
    """Clinical values; what is not there says why."""
    rows = [found for row in case.patient.rows("facts") if (found := _fact(case.words, row))]
    if not rows:
        return '<p class="card">There are no clinical values.</p>'
    head = ["name", "value", "unit", "when", "state"]
    caption = "Clinical values as the sources have them; a value that is not there says why"
    return f'<div class="card">{case_table(head, rows, caption)}</div>'


def _fact(words: CaseWords, row: dict[str, Any]) -> list[Any] | None:
    told = None if row["name"] in _TECHNICAL and not words.identified else words.row(row)
    if told is None:
        return None
    value = told["value"] if told["value"] not in (None, "") else told["number"]
    state = told["state"] or "unknown"
    absent = value is None or state != "present"
    return [told["name"], value if value is not None else None, told["unit"],
            words.when(told["day"], row["date"]), state if absent else None]  # fmt: skip


def image_table(case: Case) -> str:
    """The images of the case."""
    words = case.words
    rows = [
        [
            image.modality,
            words.label(image.name),
            words.when(image.day, image.acquired),
            " × ".join(map(str, image.shape)),  # noqa: RUF001
            " × ".join(f"{v:.3g}" for v in image.spacing_mm) + " mm",  # noqa: RUF001
            _unit(image.units),
            "; ".join(filter(None, [
                "synthetic" if image.synthetic else "",
                *(words.text(one) for one in image.problems),
                *(words.risks(image) if not words.identified else ()),
            ])),
        ]
        for image in case.patient.images.values()
    ]  # fmt: skip
    head = ["image", "name", "when", "voxels ([t,] z, y, x)", "spacing", "units", "remarks"]
    return f'<div class="card">{case_table(head, rows, "Images")}</div>' if rows else ""


def run_table(case: Case) -> str:
    """Which program said what, and in which version."""
    counted: dict[tuple[Any, ...], int] = {}
    for row in derived(case.patient, "runs"):
        check = (row["checkpoint"] or "")[:12] or None
        who = row["producer"]
        if row["kind"] == "review" and not case.words.identified:
            who, row = "a person", {**row, "version": None}
        name = (row["kind"], who, row["version"], check, row["state"])
        counted[name] = counted.get(name, 0) + 1
    if not counted:
        return '<p class="card">No program was run on this case.</p>'
    head = ["what", "by", "version", "checkpoint", "state", "runs"]
    rows = [[*name, count] for name, count in counted.items()]
    return f'<div class="card">{case_table(head, rows, "Programs and people", ["runs"])}</div>'


def software() -> str:
    """Versions of what made the page."""
    said = [f"Python {platform.python_version()}"]
    for name in _SOFTWARE:
        try:
            said.insert(0 if name == "oncograph" else len(said), f"{name} {version(name)}")
        except PackageNotFoundError:  # pragma: no cover
            continue
    return ", ".join(said)


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Without pandas' NaN."""
    return {name: None if value != value else value for name, value in row.items()}
