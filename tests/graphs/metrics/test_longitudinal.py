"""Our own score over visits: synthetic courses, edited one step at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphs.finding import Finding
from graphs.measured_value import MeasuredValue
from graphs.metrics.longitudinal import longitudinal


def _visit(size: float, change: str) -> list[Finding]:
    value = MeasuredValue((size,), "mm", "size", 0, 0)
    return [
        Finding(0, 0, "", "nodule", laterality="right", measurements=(value,), change=change),
        Finding(0, 0, "", "effusion", laterality="left", assertion="absent"),
    ]


COURSE = [_visit(8, "new"), _visit(10, "increased"), _visit(7, "decreased"), _visit(7, "stable")]


def test_itself_is_one() -> None:
    assert longitudinal(COURSE, COURSE).value == 1.0
    assert longitudinal([], []).value == 1.0


def test_it_falls_with_each_edit() -> None:
    edited = [list(visit) for visit in COURSE]
    values = [1.0]
    edits = [(0, 0, "assertion", "absent"), (1, 0, "laterality", "left"), (2, 1, "entity", "mass"),
             (3, 0, "change", "increased"), (3, 1, "assertion", "uncertain")]  # fmt: skip
    for visit, position, name, value in edits:
        edited[visit][position] = replace(edited[visit][position], **{name: value})
        values.append(longitudinal(edited, COURSE).value)
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == 6


def test_another_order_of_time_lowers_time_alone() -> None:
    swapped = [COURSE[1], COURSE[0], *COURSE[2:]]
    score = longitudinal(swapped, COURSE)
    assert score.parts["observation"] == score.parts["attribute"] == 1.0
    assert score.parts["time"] < 1.0


def test_units_do_not_matter() -> None:
    in_cm = [[replace(f, measurements=tuple(MeasuredValue((v.value[0] / 10,), "cm", v.kind, 0, 0)
              for v in f.measurements)) for f in visit] for visit in COURSE]  # fmt: skip
    assert longitudinal(in_cm, COURSE).value == pytest.approx(1.0)
