from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import traitlets

from explorer.errors import NotFoundError
from explorer.patient import Patient
from widgets.slices import SliceView


@pytest.fixture
def view(sarcoma: Patient) -> SliceView:
    image = sarcoma.images["CT"]
    return SliceView(image, [s for s in sarcoma.segmentations.values() if s.image == image.id])


def test_it_begins_inside_the_first_segment(view: SliceView, sarcoma: Patient) -> None:
    mask = sarcoma.segmentations["RTstruct_CT"].mask("GTV_Mass_CT").values
    assert mask[tuple(view.crosshair)]
    assert view.visible == ["GTV_Mass_CT"] == view.segment_keys
    assert (view.window, view.level, view.invert) == (400, 40, False)


def test_crosshair_and_point_are_one_place(view: SliceView) -> None:
    view.crosshair = [0, 0, 0]
    # the first slice's ImagePositionPatient
    assert view.point_lps == pytest.approx((1.95, 59.57, -629.04), abs=0.01)
    x, y, z = view.point_lps
    view.point_lps = (x + 2 * 0.9765625 + 0.2, y, z + 3.27)
    assert view.crosshair == [1, 0, 2]
    assert view.point_lps[0] == pytest.approx(x + 2 * 0.9765625 + 0.2), "stays as it was set"


def test_two_views_can_be_linked_by_the_point(sarcoma: Patient, view: SliceView) -> None:
    pet = SliceView(sarcoma.images["PT"])
    traitlets.link((view, "point_lps"), (pet, "point_lps"))
    view.crosshair = [20, 70, 80]
    there = pet.image.affine @ np.array([*pet.crosshair[::-1], 1])
    assert np.abs(there[:3] - view.point_lps).max() <= 5.47 / 2
    assert view.crosshair == [20, 70, 80]


def test_value_is_the_image_at_the_crosshair(view: SliceView) -> None:
    view.crosshair = [10, 20, 30]
    assert view.value == float(view.image.data[10, 20, 30])


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("crosshair", [48, 0, 0], "outside of the image"),
        ("crosshair", [-1, 0, 0], "outside of the image"),
        ("crosshair", [0, 0], "length"),
        ("time", 1, "time points 0 to 0"),
        ("window", 0.0, "more than 0"),
        ("visible", ["GTV"], "GTV_Mass_CT"),
        ("point_lps", (1.0, 2.0), "mm LPS"),
    ],
)
def test_values_that_cannot_be_are_refused(
    view: SliceView, name: str, value: Any, told: str
) -> None:
    before = getattr(view, name)
    with pytest.raises(traitlets.TraitError, match=told):
        setattr(view, name, value)
    assert getattr(view, name) == before


def test_presets_by_name(view: SliceView) -> None:
    view.use_preset("lung")
    assert (view.window, view.level) == (1500, -600)
    with pytest.raises(NotFoundError, match="Soft tissue"):
        view.use_preset("PET")


def test_another_image_in_the_same_view_keeps_the_place(view: SliceView, sarcoma: Patient) -> None:
    view.crosshair = [20, 70, 80]
    before = np.array(view.point_lps)
    revision = view._revision
    view.show(sarcoma.images["PT"], sarcoma.segmentations["RTstruct_PET"])
    assert view._revision == revision + 1
    assert np.abs(before - view.point_lps).max() <= 5.47 / 2
    assert view.invert
    assert view.visible == ["GTV_Mass_PET"]


def test_go_to_a_segment(view: SliceView) -> None:
    at = list(view.crosshair)
    view.crosshair = [0, 0, 0]
    view.go_to("GTV_Mass_CT")
    assert view.crosshair == at
    with pytest.raises(NotFoundError, match="GTV_Mass_CT"):
        view.go_to("liver")


def test_an_empty_segment_cannot_be_gone_to(
    made: Callable[..., Patient],
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
) -> None:
    shape = (3, 4, 5)
    patient = made(
        image_draft("ct", np.zeros(shape, np.int16), np.eye(4)),
        seg_draft("seg", {"nothing": np.zeros(shape, bool)}, np.eye(4), "ct"),
    )
    view = SliceView(patient.images["ct"], patient.segmentations["seg"])
    assert view.crosshair == [1, 2, 2]
    with pytest.raises(NotFoundError, match="empty"):
        view.go_to("nothing")
    assert view._image["remark"].startswith("Synthetic")


def test_requests_of_an_older_image_get_no_reply(view: SliceView) -> None:
    sent: list[Any] = []
    view.send = lambda message, buffers=None: sent.append((message, buffers))
    request = {"kind": "plane", "seq": 1, "pane": 0, "index": 0, "time": 0, "segments": []}
    view._on_message(view, {**request, "revision": view._revision - 1}, [])
    assert sent == []
    view._on_message(view, {**request, "revision": view._revision}, [])
    assert sent[0][0]["kind"] == "plane"
    view._on_message(view, {"kind": "go", "segment": "GTV_Mass_CT"}, [])
    view._on_message(view, {"kind": "nonsense"}, [])
    assert len(sent) == 1


def test_a_radiograph_without_a_place_in_the_patient(
    made: Callable[..., Patient], image_draft: Callable[..., Any]
) -> None:
    draft = image_draft(
        "dx", np.zeros((8, 9), np.uint16), np.eye(4), modality="DX", units="1",
        frame_of_reference=None, meta={"photometric": "MONOCHROME1"},
    )  # fmt: skip
    view = SliceView(made(draft).images["dx"])
    assert view.crosshair == [0, 4, 4]
    assert view.point_lps == ()
    assert view.invert
    assert view.value == 0


def test_unknown_options_are_refused(sarcoma: Patient) -> None:
    with pytest.raises(TypeError, match="colour"):
        SliceView(sarcoma.images["CT"], colour="red")
