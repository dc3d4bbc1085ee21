from __future__ import annotations

import shutil
from pathlib import Path

import graphs
from explorer.patient import Patient
from explorer.store import Store, open_store
from widgets.palette import SELECTED
from widgets.patient_links import PatientLinks
from widgets.patient_view import PatientView
from widgets.selection import Selection
from widgets.slice_link import SliceLink


class _Linked:
    def __init__(self, patient: Patient, image: str | None = None) -> None:
        self.front = f"onco:{patient.key}/"
        self.links = PatientLinks(patient)
        self.selection = Selection(self.links)
        self.view = PatientView(patient, image, selection=self.selection)
        self.link = SliceLink(self.view, self.selection, self.links)

    def pick(self, target: str, by: str = "ReportView") -> None:
        self.selection.pick(self.front + target, by=by)


def test_a_phrase_moves_the_crosshair_and_draws_the_box(by_hand: Patient) -> None:
    one = _Linked(by_hand, "ct-1")
    one.pick("reports/r-1#chars=8:14")
    (box,) = one.view.slices.boxes
    assert box == {
        "address": "", "box": [[4, 7], [10, 16], [20, 26]], "label": "nodule (proposed)",
        "color": SELECTED, "dashed": True,
    }  # fmt: skip
    z, y, x = one.view.slices.crosshair
    assert (4 <= z < 7, 10 <= y < 16, 20 <= x < 26) == (True, True, True)
    one.pick("findings/f-mass")
    (box,) = one.view.slices.boxes
    assert box["box"] == [[3, 5], [8, 18], [19, 27]]
    assert one.view.slices.crosshair == [4, 13, 23]
    one.selection.clear()
    assert one.view.slices.boxes == []


def test_an_accepted_place_is_solid(by_hand: Patient, tmp_path: Path) -> None:
    store = open_store(shutil.copytree(by_hand.store.path, tmp_path / "copy.onco"))
    (grounding,) = (g for g in graphs.groundings(store["by hand"]) if g.finding == "f-nodule")
    graphs.review(store["by hand"], grounding.id, "accepted", reviewer="A. Nyone")
    one = _Linked(store["by hand"], "ct-1")
    one.pick("findings/f-nodule")
    assert [(box["label"], box["dashed"]) for box in one.view.slices.boxes] == [
        ("nodule (accepted)", False)
    ]


def test_a_place_on_another_image_brings_that_image(by_hand: Patient) -> None:
    one = _Linked(by_hand, "ct-2")
    one.pick("findings/f-nodule")
    assert one.view.image.id == one.view.images.value == "ct-1"
    z, y, x = one.view.slices.crosshair
    assert by_hand.segmentations["seg-1"].own_mask("Nodule 1").values[z, y, x]
    one.pick("images/ct-2#voxel=3,4,5", by="VolumeView")
    assert (one.view.image.id, one.view.slices.crosshair) == ("ct-2", [3, 4, 5])
    one.pick("findings/f-mass")
    assert (one.view.image.id, one.view.slices.crosshair) == ("ct-1", [4, 13, 23])
    one.pick("studies/1.2.2", by="TimelineView")
    assert one.view.image.id == "ct-2"
    one.pick("events/treatment%3Asurgery", by="TimelineView")
    assert one.view.image.id == "ct-1"
    one.pick("observations/table-1#row=3", by="FactsView")
    assert one.view.image.id == "ct-1"


def test_what_is_lit_is_laid_over(by_hand: Patient) -> None:
    one = _Linked(by_hand, "ct-1")
    for box in one.view.boxes.children:
        box.value = False
    assert one.view.slices.segment_keys == []
    one.pick("findings/f-nodule")
    assert "Nodule 1" in one.view.slices.segment_keys
    one.pick("segmentations/seg-1#label=lung_left")
    (box,) = one.view.slices.boxes
    assert (box["box"], box["label"]) == ([[2, 10], [5, 30], [15, 38]], "lung_left")
    one.pick("segmentations/seg-1#label=never%20seen")
    assert one.view.slices.boxes == []


def test_an_abstention_says_why_and_moves_nothing(by_hand: Patient) -> None:
    one = _Linked(by_hand, "ct-1")
    before = one.view.slices.crosshair
    one.pick("findings/f-pleural")
    assert one.link.notice == (
        "pleural effusion: no place in the images. An absent finding has no lesion."
    )
    assert (one.view.slices.crosshair, one.view.slices.boxes) == (before, [])
    one.pick("findings/f-nodule")
    assert one.link.notice == ""
    one.link.close()
    one.pick("findings/f-pleural")
    assert one.link.notice == ""


def test_a_click_in_the_image_stays_where_it_is(by_hand: Patient) -> None:
    one = _Linked(by_hand, "ct-1")
    one.view.slices.clicked = {"voxel": [4, 12, 22], "point": None, "pane": "axial", "n": 1}
    assert one.selection.picked == (f"{one.front}images/ct-1#voxel=4,12,22",)
    assert f"{one.front}reports/r-1#chars=8:14" in one.selection.lit
    assert one.view.image.id == "ct-1"
    assert {box["label"] for box in one.view.slices.boxes} >= {"nodule (proposed)"}


def test_a_real_phrase(told: Store) -> None:
    patient = told["LIDC-IDRI-0314"]
    one = _Linked(patient)
    (finding, *_) = (f for f in graphs.findings(patient) if f.measurements)
    one.selection.pick(finding.address(patient), by="ReportView")
    (grounding,) = (g for g in graphs.groundings(patient) if g.finding == finding.id)
    assert grounding.target is not None
    lesion = next(x for x in graphs.lesions(patient) if x.target == grounding.target)
    (box,) = one.view.slices.boxes
    assert tuple(map(tuple, box["box"])) == lesion.measures.box
    z, y, x = one.view.slices.crosshair
    mask = patient.segmentations[lesion.segmentation].own_mask(lesion.label).values
    assert mask[z, y, x]
    assert mask[z].sum() == mask.sum(axis=(1, 2)).max()
