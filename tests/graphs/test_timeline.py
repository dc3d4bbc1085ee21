from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, shift

from explorer.run_draft import RunDraft
from graphs.finding import Finding
from graphs.grounding.grounding import Grounding
from graphs.growth import doubling_days
from graphs.timeline import follow

DATES = ("2020-01-01", "2020-03-01", "2020-05-01")


def by_id(found):
    return {track.id: track for track in found.lesions}


def test_a_scripted_course_is_followed(visits, visit, ball_at):
    """One grows, one shrinks, one appears; positions alone tell them."""
    grows = [ball_at((10, 20, 20), r) for r in (6, 7, 9)]
    shrinks = [ball_at((20, 60, 60), r) for r in (10, 6, 5)]
    new = ball_at((15, 60, 15), 6)
    patient = visits.patient("course", [
        visit(DATES[0], {"lesion a": grows[0], "lesion b": shrinks[0]}),
        visit(DATES[1], {"lesion x": shrinks[1], "lesion y": grows[1]}),
        visit(DATES[2], {"lesion b": grows[2], "lesion a": shrinks[2], "lesion c": new}),
    ])  # fmt: skip
    found = follow(patient, complete=True)
    tracks = by_id(found)
    assert [tracks["L1"].at[d].name for d in DATES] == ["lesion a", "lesion y", "lesion b"]
    assert [tracks["L2"].at[d].name for d in DATES] == ["lesion b", "lesion x", "lesion a"]
    assert list(tracks["L3"].at) == [DATES[2]]
    assert [m.by for m in tracks["L1"].matches] == ["first", *["position and size"] * 2]
    sizes = [tracks["L1"].at[d].measures.longest_mm for d in DATES]
    table = found.table.set_index(["lesion", "visit"])
    assert table.loc[("L1", DATES[1]), "days"] == 60
    assert table.loc[("L1", DATES[1]), "longest_change"] == pytest.approx(sizes[1] / sizes[0] - 1)
    assert table.loc[("L1", DATES[2]), "doubling_days"] > 0
    assert table.loc[("L2", DATES[1]), "doubling_days"] < 0
    assert [v.category for v in found.recist.visits] == ["baseline", "SD", "PD"]
    assert found.recist.visits[2].new == ("L3",)
    words = [e.detail["change"] for e in found.edges if e.kind == "compared_with"]
    # 20 % of the earlier diameter is what two readers differ by
    assert words == ["no change", "worsened", "improved", "no change"]
    assert found.synthetic
    assert "SYNTHETIC" in found._repr_html_()
    figure = found.figure()
    assert figure.axes[0].get_ylabel() == "longest diameter / mm"
    kept = patient.store[patient.label]
    assert list(kept.derived("runs").query("kind == 'follow'")["producer"]) == ["oncograph.follow"]
    assert set(kept.derived("edges")["kind"]) == {"same_as", "compared_with"}


def test_without_complete_outlines_new_and_gone_are_unknown(visits, visit, ball_at):
    a, b, c = ball_at((10, 20, 20), 7), ball_at((20, 60, 60), 9), ball_at((15, 60, 15), 6)
    patient = visits.patient("incomplete", [
        visit(DATES[0], {"lesion a": a, "lesion b": b}),
        visit(DATES[1], {"lesion a": a, "lesion c": c}),
    ])  # fmt: skip
    last = follow(patient, keep=False).recist.visits[1]
    assert last.category == "cannot assess"
    assert last.needs[0] == "the size of L2"
    assert last.needs[1].startswith("whether L3")
    whole = follow(patient, complete=True, keep=False).recist.visits[1]
    assert (whole.category, whole.new) == ("PD", ("L3",))


def test_a_match_that_is_not_unique_stays_open(visits, visit, ball_at):
    near = {"lesion a": ball_at((15, 40, 30), 4), "lesion b": ball_at((15, 40, 39), 4)}
    patient = visits.patient("twins", [
        visit(DATES[0], near),
        visit(DATES[1], {"lesion": ball_at((15, 40, 34), 4)}),
    ])  # fmt: skip
    found = follow(patient, complete=True, keep=False)
    third = by_id(found)["L3"].matches[0]
    assert third.by == "unmatched"
    assert third.alternatives == ("L1", "L2")
    assert found.recist.visits[1].category == "cannot assess"
    assert "which of L1, L2 is L3" in found.recist.visits[1].needs[-1]


def test_the_tracking_id_comes_first(visits, visit, ball_at):
    """Two lesions change places; the ids say which is which."""
    one, two = ball_at((15, 40, 20), 6), ball_at((15, 40, 60), 6)
    patient = visits.patient("tracked", [
        visit(DATES[0], {"lesion a": one, "lesion b": two},
              tracking={"lesion%20a": "1.1", "lesion%20b": "1.2"}),
        visit(DATES[1], {"lesion c": one, "lesion d": two},
              tracking={"lesion%20c": "1.2", "lesion%20d": "1.1"}),
    ])  # fmt: skip
    tracks = by_id(follow(patient, keep=False))
    assert [tracks["L1"].at[d].name for d in DATES[:2]] == ["lesion a", "lesion d"]
    assert [m.by for m in tracks["L2"].matches] == ["first", "tracking id"]


def test_other_frames_of_reference_are_registered(visits, visit, ball_at):
    rng = np.random.default_rng(5)
    base = gaussian_filter(rng.normal(size=(30, 80, 80)), 3) * 3000
    by = (2, -9, 12)
    moved = shift(base, by, order=1, mode="nearest").astype(np.int16)
    lesion, there = ball_at((14, 40, 30), 5), ball_at((16, 31, 42), 5)
    patient = visits.patient("moved", [
        visit(DATES[0], {"lesion": lesion}, values=base.astype(np.int16), frame="1.1"),
        visit(DATES[1], {"lesion": there}, values=moved, frame="1.2"),
    ])  # fmt: skip
    found = follow(patient, keep=False)
    match = by_id(found)["L1"].matches[1]
    assert match.by == "position and size"
    assert match.distance_mm < 2
    assert found.registrations[("img-1", "img-0")].trusted
    alone = follow(patient, keep=False, register=False)
    assert by_id(alone)["L2"].matches[0].reason.startswith("the images have unlike frames")


def test_mr_and_ct_are_not_compared(visits, visit, ball_at):
    ball = ball_at((15, 40, 20), 8)
    patient = visits.patient("two kinds", [
        visit(DATES[0], {"lesion": ball}, modality="MR"),
        visit(DATES[1], {"lesion": ball}),
    ])  # fmt: skip
    found = follow(patient, keep=False)
    assert found.table["doubling_reason"][1] == "outlined on MR before, on CT now"
    assert found.recist.visits[1].needs == ("the size of L1 on MR, as at first",)
    assert [e.detail["change"] for e in found.edges if e.kind == "compared_with"] == ["unknown"]


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("increased", "agrees"), ("decreased", "contradicts"), ("stable", "contradicts"),
     ("new", "contradicts"), ("resolved", "contradicts")],
)  # fmt: skip
def test_words_of_change_are_checked(visits, visit, ball_at, said, verdict):
    patient = visits.patient(f"words {said}", [
        visit(DATES[0], {"lesion": ball_at((15, 40, 20), 6)}),
        visit(DATES[1], {"lesion": ball_at((15, 40, 20), 9)}, text="The nodule changed."),
    ])  # fmt: skip
    finding = Finding(4, 10, "nodule", "nodule", change=said, item="r-1", id="f-1")
    place = Grounding("f-1", "proposed", "measurement", "lesion", "mask",
                      "segmentations/seg-1#label=lesion")  # fmt: skip
    with patient.store.transaction("by hand") as t:
        t.put_run(patient.key, RunDraft("findings", "test", "1", "reports/r-1",
                                        findings=[finding.row()]))  # fmt: skip
        t.put_run(patient.key, RunDraft("grounding", "test", "1", groundings=[place.row()]))
    found = follow(patient.store[patient.label], keep=False)
    (one,) = found.verdicts
    assert one.verdict == verdict
    assert one.evidence[0] == "reports/r-1#chars=4:10"
    assert "mm on 2020-03-01" in one.image_value


def test_no_outlines(visits, visit):
    found = follow(visits.patient("nothing", [visit(DATES[0])]), keep=False)
    assert (found.lesions, found.recist) == ([], None)
    assert found.priors[0].state.startswith("absent: ")
    assert found._repr_html_()
    found.figure()


def test_doubling_time():
    assert doubling_days(30, 1.0, 2.0)[0] == pytest.approx(30)
    assert doubling_days(30, 1.0, 4.0)[0] == pytest.approx(15)
    assert doubling_days(30, 2.0, 1.0)[0] == pytest.approx(-30)
    assert doubling_days(None, 1.0, 2.0) == (None, "the visits have no dates")
    assert doubling_days(30, 1.0, 1.0)[0] is None
    assert math.isfinite(doubling_days(1, 1e-3, 1e3)[0])


def test_outlines_of_one_mass_on_three_images(bundled):
    store = bundled("STS_002")
    found = follow(store["STS_002"], keep=False)
    (mass,) = found.lesions
    assert {visit: len(group) for visit, group in mass.outlines.items()} == {
        "2006-01-03": 1,
        "2006-01-28": 2,
    }
    assert found.recist.visits[1].category == "cannot assess"
