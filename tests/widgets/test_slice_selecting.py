"""A SliceView and a selection, in Python; the browser's side is in js/test_slices.py."""

from __future__ import annotations

import pytest
import traitlets

from explorer.patient import Patient
from widgets.selection import Selection
from widgets.slices import SliceView
from widgets.view import View


@pytest.fixture
def views(sarcoma: Patient) -> tuple[SliceView, SliceView, Selection]:
    selection = Selection()
    ct = sarcoma.images["CT"]
    segs = [s for s in sarcoma.segmentations.values() if s.image == ct.id]
    a = SliceView(ct, segs, selection=selection)
    return a, SliceView(sarcoma.images["PT"], selection=selection), selection


def test_a_click_picks_the_voxel_and_moves_the_other_view(
    views: tuple[SliceView, SliceView, Selection],
) -> None:
    ct, pet, selection = views
    assert isinstance(ct, View)
    ct.crosshair = [20, 70, 80]
    ct.clicked = {"voxel": [20, 70, 80], "point": None, "pane": "axial", "n": 1}
    assert selection.picked == (f"onco:{ct.image.patient.key}/images/{ct.image.id}#voxel=20,70,80",)
    assert selection.by == "SliceView"
    assert ct.crosshair == [20, 70, 80]
    gap = [abs(a - b) for a, b in zip(ct.point_lps, pet.point_lps, strict=True)]
    assert max(gap) <= 5.47 / 2


def test_a_lit_box_is_drawn_and_gone_to(views: tuple[SliceView, SliceView, Selection]) -> None:
    ct, _, selection = views
    plain = f"onco:{ct.image.patient.key}/images/{ct.image.id}"
    selection.pick(f"{plain}#box=10:14,20:40,30:50", by="ReportView")
    assert ct.crosshair == [12, 30, 40]
    assert [one["box"] for one in ct._lit["boxes"]] == [[[10, 14], [20, 40], [30, 50]]]
    grounding = f"onco:{ct.image.patient.key}/groundings/g1"
    ct.boxes = [{"box": [[2, 4], [0, 8], [0, 8]], "address": grounding}]
    selection.pick(grounding, by="GraphView")
    assert ct.crosshair == [3, 4, 4]
    assert ct._lit["boxes"] == []
    selection.pick(f"{plain}#box=900:914,20:40,30:50", by="ReportView")
    assert ct.crosshair == [3, 4, 4], "a box that is not on the image leads nowhere"


def test_a_lit_segment_stands_out(views: tuple[SliceView, SliceView, Selection]) -> None:
    ct, _, selection = views
    segment = ct._server.overlay.segments[0]
    middle = list(ct.crosshair)
    ct.crosshair = [0, 0, 0]
    selection.pick(
        f"onco:{ct.image.patient.key}/segmentations/{segment.item}#label={segment.name}", by="x"
    )
    assert ct._lit["segments"] == [segment.key]
    assert ct.crosshair == middle


def test_a_closed_view_is_left_alone(views: tuple[SliceView, SliceView, Selection]) -> None:
    ct, pet, selection = views
    pet.close()
    ct.clicked = {"voxel": [1, 2, 3], "point": None, "pane": "axial", "n": 1}
    assert selection.picked
    assert pet.crosshair != [1, 2, 3]


def test_wrong_layers_are_refused(views: tuple[SliceView, SliceView, Selection]) -> None:
    ct = views[0]
    with pytest.raises(traitlets.TraitError, match="outside"):
        ct.boxes = [{"box": [[90, 99], [0, 8], [0, 8]]}]
    with pytest.raises(traitlets.TraitError, match="GTV_Mass_CT"):
        ct.emphasis = ["liver"]
    assert ct.boxes == []
