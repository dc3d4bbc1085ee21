from __future__ import annotations

from explorer.patient import Patient
from explorer.store import Store
from graphs.assemble import assemble
from graphs.prior import priors
from widgets.timeline_items import timeline_items


def test_lanes_series_and_spans(course: Patient) -> None:
    made = timeline_items(assemble(course), priors(course))
    by_lane = {
        lane: [one for one in made.items if one.lane == lane] for lane in made.lanes
    }  # fmt: skip
    assert list(by_lane)[:5] == ["CT", "outlines (SEG)", "reports", "treatments", "outcomes"]
    assert [one.day for one in by_lane["CT"]] == [0, 60, 121, 411]
    assert by_lane["CT"][1].detail.startswith("prior: 60 days earlier (same body part (chest)")
    assert by_lane["CT"][0].detail == (
        "no prior (absent: it is the first of its body part and modality)"
    )
    assert [(one.day, one.end) for one in by_lane["treatments"]] == [(19, 181), (195, None)]
    haemoglobin = by_lane["haemoglobin, g/dL"]
    assert [(one.day, one.value) for one in haemoglobin] == [
        (0, 13.1), (60, 11.2), (121, 9.8), (411, 12.4)
    ]  # fmt: skip
    assert {made.series[one.series or 0].unit for one in haemoglobin} == {"g/dL"}
    death = next(one for one in by_lane["outcomes"] if one.label.startswith("death"))
    assert death.day is None
    assert "diagnosis" in death.reason
    assert all(one.synthetic for one in made.items)


def test_every_address_is_a_node(demo: Store, course: Patient) -> None:
    for patient in (*(demo[name] for name in demo), course):
        graph = assemble(patient)
        made = timeline_items(graph)
        assert all(address in graph for one in made.items for address in one.addresses)
        assert all((one.day is None) == bool(one.reason) for one in made.items)
        assert {one.lane for one in made.items} == set(made.lanes)


def test_two_dates_of_one_patient(demo: Store) -> None:
    patient = demo["CMB-CRC-MSB-06489"]
    made = timeline_items(assemble(patient), priors(patient))
    assert [(one.lane, one.day) for one in made.items] == [("MR", 0), ("MR", 126)]
    assert "prior: 126 days earlier" in made.items[1].detail


def test_days_that_cannot_be_told_have_a_reason(demo: Store) -> None:
    made = timeline_items(assemble(demo["TCGA-34-2605"]))
    reasons = {one.label: one.reason for one in made.items if one.day is None}
    assert reasons["days_to_death: 881.0 days"] == (
        "cannot tell: days from diagnosis, time zero is the first study"
    )
    assert reasons["gender: male"] == "no date is known"
