from __future__ import annotations

import json

import numpy as np
import pytest

from graphs.check import check
from graphs.checks.image_cues import Tolerances

DATES = ("2020-01-01", "2020-03-01")


def told(patient, **more):
    """Cue to verdict of what an image was asked for."""
    found = check(patient, **more)
    return {
        one.cue: one for one in found if one.detail.get("against") == "image" or one.cue == "change"
    }


CASES = [
    ("A 13 mm nodule in the left lung.", "size", "agrees"),
    ("A 13 mm nodule in the left lung.", "side", "agrees"),
    ("A 13 mm nodule in the right lung.", "side", "contradicts"),
    ("A 21 mm nodule in the left lung (image 16).", "side", "contradicts"),
    ("A nodule in the left lung.", "side", "agrees"),
    ("A 50 mm mass.", "size", "cannot tell"),
    ("A 13 mm nodule in the left lung (image 16).", "slice", "agrees"),
    ("No pulmonary nodule.", "presence", "cannot tell"),
    ("No lesion.", "presence", "contradicts"),
    ("No nodule.", "presence", "contradicts"),
    ("No malignancy.", "presence", "cannot tell"),  # nobody has outlined whether it is
    ("No large lesion.", "presence", None),
    ("Two nodules.", "count", "agrees"),
    ("Three nodules.", "count", "cannot tell"),
    ("A 13 mm nodule in the left lung, increased.", "change", "cannot tell"),
]


def outlined(visits, visit, ball_at, label, text):
    """Two nodules, 13 mm left in slices 9 to 21 and 21 mm right, and a report."""
    body = np.full((30, 80, 80), -1000, np.int16)
    body[:, 8:72, 4:76] = 40
    masks = {"nodule a": ball_at((15, 40, 60), 6), "nodule b": ball_at((15, 40, 20), 10)}
    return visits.patient(label, [visit(DATES[0], masks, text, values=body)])


@pytest.fixture
def chest(visits, visit, ball_at, request):
    """``chest(text)``: a patient of `outlined`."""
    return lambda text: outlined(visits, visit, ball_at, request.node.name, text)


@pytest.fixture(scope="module")
def verdicts(visits, visit, ball_at):
    """Verdicts of one patient with a report for each of `CASES`."""
    patient = outlined(visits, visit, ball_at, "cases", "FINDINGS: The heart is normal.")
    with patient.store.transaction("reports") as t:
        for n, case in enumerate(CASES):
            t.add_text(patient.key, f"case-{n}", f"FINDINGS: {case[0]}", date=DATES[0])
    patient = patient.store["cases"]
    found = check(patient)
    items = {row["finding"]: row["item"] for row in patient.store["cases"].rows("findings")}
    return {(items[one.finding], one.cue): one for one in found}


@pytest.mark.parametrize("n", range(len(CASES)))
def test_cues(verdicts, n):
    _, cue, verdict = CASES[n]
    one = verdicts.get((f"case-{n}", cue))
    if verdict is None:
        assert one is None
        return
    assert one.verdict == verdict, one
    assert one.reason
    if verdict != "cannot tell":
        assert one.report_value
        assert one.image_value
        assert one.evidence[0].startswith(f"reports/case-{n}#chars=")
        assert one.evidence[1].startswith("segmentations/seg-0#label=nodule")


def test_a_size_that_does_not_fit_contradicts_by_the_other_cues(visits, visit, ball_at):
    far = {"nodule a": ball_at((5, 40, 60), 4), "nodule b": ball_at((24, 40, 20), 5)}
    text = "FINDINGS: A 19 mm nodule (image 6 of 30)."
    patient = visits.patient("wrong size", [visit(DATES[0], far, text)])
    one = told(patient)["size"]
    if one.verdict == "cannot tell":  # the slice numbers may count from either end
        assert "tie" in one.reason or "needs one lesion" in one.reason
    else:
        assert one.verdict == "contradicts"
        assert "8" in one.image_value


def test_complete_outlines_let_counts_and_absence_be_told(chest, visits, visit):
    found = told(chest("FINDINGS: Three nodules."), complete=True)
    assert found["count"].verdict == "contradicts"
    found = told(chest("FINDINGS: A single nodule was seen. One nodule."), complete=True)
    empty = visits.patient("empty", [visit(DATES[0], {}, "FINDINGS: No nodule.")])
    assert told(empty)["presence"].verdict == "cannot tell"
    assert told(empty, complete=True)["presence"].verdict == "agrees"


def test_a_text_never_agrees_with_what_it_was_made_from(chest):
    patient = chest("FINDINGS: placeholder.")
    detail = {"made_from": [f"segmentations/seg-0#label=nodule%20{x}" for x in "ab"]}
    with patient.store.transaction("made") as t:
        t.add_text(patient.key, "r-0", "FINDINGS: A 13 mm nodule in the left lung.",
                   date=DATES[0], detail=json.dumps(detail), synthetic=True)  # fmt: skip
    found = told(patient.store[patient.label])
    assert {one.verdict for one in found.values()} == {"cannot tell"}
    assert found["size"].reason == "the text was made from this outline"
    assert "segmentations/seg-0#label=nodule%20a" in found["size"].evidence


def test_change_is_checked_over_two_visits(visits, visit, ball_at):
    def patient(word):
        return visits.patient(f"change {word}", [
            visit(DATES[0], {"nodule": ball_at((15, 40, 60), 5)}),
            visit(DATES[1], {"nodule": ball_at((15, 40, 60), 9)},
                  f"FINDINGS: A 19 mm nodule, {word}."),
        ])  # fmt: skip

    assert told(patient("increased"))["change"].verdict == "agrees"
    wrong = told(patient("decreased"))["change"]
    assert wrong.verdict == "contradicts"
    assert wrong.image_value.startswith("1")
    assert len(wrong.evidence) == 3


def test_verdicts_are_kept_and_replaced(chest):
    patient = chest("FINDINGS: A 13 mm nodule in the right lung.\n\nIMPRESSION: Left nodule.")
    found = check(patient)
    kept = patient.store[patient.label]
    assert len(kept.verdicts) == len(found)
    assert ("side", "contradicts") in set(
        zip(kept.verdicts["cue"], kept.verdicts["verdict"], strict=True)
    )
    assert any(one.detail == {"against": "itself"} for one in found)
    check(kept)
    assert len(patient.store[patient.label].verdicts) == len(found)
    strict = check(kept, tolerances=Tolerances(readers=0.0))
    assert len(patient.store[patient.label].verdicts) == len(strict)
    assert "right" in found._repr_html_()


def test_no_reports(visits, visit):
    assert check(visits.patient("silent", [visit(DATES[0])])) == []


def test_tolerances_are_parameters_and_told(chest):
    patient = chest("FINDINGS: A 15 mm nodule in the left lung.")
    one = told(patient)["size"]
    assert one.verdict == "agrees"
    assert "20% between readers" in one.reason
    assert told(patient, tolerances=Tolerances(readers=0.0))["size"].verdict != "agrees"


def test_a_side_is_not_asked_for_by_the_words_of_the_place(visits, visit):
    text = "FINDINGS: A nodule in the left upper lobe."
    patient = visits.patient("words", [visit(DATES[0], {}, text)])
    one = told(patient)["side"]
    assert one.verdict == "cannot tell"
    # without its side the finding names no structure; 'left upper lobe' is no way back to one
    assert "names no structure" in one.reason, one.reason
