"""What a report says of a CT, on a radiograph made from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import explorer
from explorer.draft import ImageDraft, SegmentationDraft, SegmentDraft
from explorer.run_draft import RunDraft
from graphs.carry_over import carry_over
from graphs.finding import Finding
from graphs.grounding.grounding import Grounding
from graphs.project import project
from graphs.projected_segmentation import projected_segmentation

SHAPE = (6, 8, 10)
AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])
TEXT = "A nodule in the left lung. No effusion. Small spot."


def _lesion() -> np.ndarray:
    found = np.zeros(SHAPE, bool)
    found[2:4, 3:6, 6:9] = True
    return found


@pytest.fixture
def patient(tmp_path: Path) -> explorer.Patient:
    store = explorer.open(tmp_path / "patients.onco", create=True)
    hu = np.zeros(SHAPE, np.int16)
    shared = {"affine": AFFINE, "sources": [], "synthetic": True, "name": "phantom"}
    with store.transaction("phantom") as t:
        key = t.patient("phantom")
        for item in ("ct-1", "ct-2"):
            t.put(key, ImageDraft(
                item=item, modality="CT", dims=("z", "y", "x"), shape=SHAPE, dtype=hu.dtype,
                load=lambda: hu, units="HU", **shared,  # type: ignore[arg-type]
            ))  # fmt: skip
        t.put(key, SegmentationDraft(
            item="seg-1", modality="SEG", shape=SHAPE, image="ct-1",
            segments=[SegmentDraft(1, "lesion <b>")], load=lambda _: _lesion(), **shared,  # type: ignore[arg-type]
        ))  # fmt: skip
        t.add_text(key, "r-1", TEXT)
    findings = [
        Finding(2, 8, "nodule", "nodule", item="r-1", id="f-1", labels=("chexpert:Lung Lesion",)),
        Finding(30, 38, "effusion", "effusion", assertion="absent", item="r-1", id="f-2"),
        Finding(46, 50, "spot", "spot", item="r-1", id="f-3"),
    ]
    target = "segmentations/seg-1#label=lesion%20%3Cb%3E"
    groundings = [
        Grounding("f-1", "accepted", "explicit", "lesion", "mask", target, 0.9),
        Grounding("f-2", "proposed", "anatomy", "examined", "box3d", "images/ct-1#box=0:6,2:4,0:5"),
        Grounding("f-3", "proposed", "explicit", "lesion", "point", "images/ct-1#point=7,2,4"),
        Grounding("f-3", "proposed", "explicit", "lesion", "box3d", "images/ct-2#box=0:1,0:1,0:1"),
        Grounding("f-3", "rejected", "explicit", "lesion", "box3d", "images/ct-1#box=0:1,0:1,0:1"),
        Grounding("f-3", "abstained", reason="no cue"),
    ]
    with store.transaction("said") as t:
        t.put_run(key, RunDraft("findings", "test", "1", findings=[f.row() for f in findings]))
        t.put_run(key, RunDraft("grounding", "test", "1", groundings=[g.row() for g in groundings]))
    return store[key]


def test_groundings_labels_and_edges_go_along(patient: explorer.Patient) -> None:
    made = project(patient.images["ct-1"], "frontal")
    run = carry_over(made, patient)
    found = {row["finding"]: Grounding.of_row(row) for row in run.groundings}
    assert set(found) == {"f-1", "f-2", "f-3"}
    lesion = found["f-1"]
    # rows count from the head: z 2 and 3 of 6 are rows 2 and 3
    assert lesion.target == f"{made.target}#box=2:4,6:9"
    assert (lesion.geometry, lesion.status, lesion.region) == ("box2d", "accepted", "lesion")
    assert lesion.score == 0.9
    source = f"onco:{patient.key}/segmentations/seg-1@{patient.version}#label=lesion%20%3Cb%3E"
    assert lesion.detail["made_from"] == [source]
    assert lesion.detail["pixels"] == 6
    assert found["f-2"].target == f"{made.target}#box=0:6,0:5"
    assert found["f-2"].region == "examined"
    assert (found["f-3"].geometry, found["f-3"].target) == ("point", f"{made.target}#voxel=3,7")
    assert [one["target"] for one in run.detail["left_out"]] == ["images/ct-2#box=0:1,0:1,0:1"]
    assert "space of the CT" in run.detail["left_out"][0]["reason"]
    label = run.observations[0]
    assert (label["name"], label["value"]) == ("chexpert:Lung Lesion", "present")
    assert label["target"] == made.target
    kinds = sorted(row["kind"] for row in run.edges)
    assert kinds == ["grounded_in"] * 3 + ["projected_from"] * 3
    nodes = {row["node"]: row for row in run.nodes}
    assert all(row["tail"] in nodes and row["head"] in nodes for row in run.edges)


def test_what_was_carried_over_can_be_looked_up(patient: explorer.Patient) -> None:
    made = project(patient.images["ct-1"], "frontal")
    run = carry_over(made, patient)
    with patient.store.transaction("DRR") as t:
        t.put(patient.key, made.draft())
        t.put(patient.key, projected_segmentation(made, patient.segmentations["seg-1"]))
        t.put_run(patient.key, run)
    newer = patient.store[patient.key]
    mine = newer.groundings[newer.groundings["run"] == run.run(patient.key)]
    assert len(mine) == 3
    assert mine["synthetic"].all()
    first = Grounding.of_row(mine.iloc[0].to_dict())
    lies = explorer.Address.parse(f"onco:{patient.key}/{first.target}").resolve(newer.store)
    assert lies.value.shape == (2, 3)
    mask = explorer.Address.parse(f"onco:{patient.key}/{first.detail['masks'][0]}")
    assert int(mask.resolve(newer.store).value.sum()) == first.detail["pixels"]
    before = explorer.Address.parse(first.detail["made_from"][0]).resolve(newer.store)
    np.testing.assert_array_equal(before.value.values, _lesion())
    assert (newer.observations["target"] == made.target).sum() == 1
    # the same again is no new version
    with newer.store.transaction("again") as t:
        t.put_run(patient.key, carry_over(made, patient))
    assert newer.store[patient.key].version == newer.version
