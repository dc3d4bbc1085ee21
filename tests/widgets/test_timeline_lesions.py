from __future__ import annotations

import pytest

from explorer.patient import Patient
from graphs.timeline import follow
from widgets.timeline_lesions import timeline_lesions


def test_diameters_and_responses(course: Patient) -> None:
    found = follow(course, register=False, complete=True, keep=False)
    made = timeline_lesions(course.key, found, "2020-01-01")
    assert made.lanes == ["longest diameter, mm", "response (RECIST 1.1)"]
    sizes = [one for one in made.items if one.kind == "lesion"]
    assert [one.day for one in sizes] == [0, 60, 121, 411] * 2
    assert {one.name for one in made.series} == {"L1", "L2"}
    for one in sizes:
        track = next(t for t in found.lesions if t.id == one.label.split()[0])
        assert one.value in {lesion.measures.longest_mm for lesion in track.at.values()}
        assert one.addresses[0].startswith(f"onco:{course.key}/segmentations/seg-")
    assert "since the visit before" in sizes[1].detail
    responses = [one for one in made.items if one.kind == "response"]
    assert [one.label.split(",")[0] for one in responses] == [
        one.category for one in found.recist.visits
    ]  # fmt: skip
    assert responses[-1].label.startswith("PD")
    assert "RECIST 1.1" in responses[-1].detail
    assert "no diagnosis" in responses[-1].detail
    assert all(one.synthetic for one in made.items)


def test_without_a_date_of_time_zero(course: Patient) -> None:
    found = follow(course, register=False, keep=False)
    made = timeline_lesions(course.key, found, None)
    responses = [one for one in made.items if one.kind == "response"]
    assert {one.reason for one in responses} == {"a date, and time zero has none"}


def test_two_modalities_are_not_compared(sarcoma: Patient) -> None:
    made = timeline_lesions(
        sarcoma.key, follow(sarcoma, register=False, keep=False), "2006-01-03"
    )  # fmt: skip
    sizes = [one for one in made.items if one.kind == "lesion"]
    assert [one.day for one in sizes] == [0, 25]
    assert sizes[0].value == pytest.approx(56.2, abs=0.1)
    assert "since the visit before" not in sizes[1].detail
    assert made.items[-1].label == "cannot assess"
