"""Measurements and picked labels of a SliceView."""

from __future__ import annotations

from typing import Any

import pytest
import traitlets

from explorer.errors import NotFoundError, OncographError
from explorer.patient import Patient
from widgets.slices import SliceView


@pytest.fixture
def view(sarcoma: Patient) -> SliceView:
    image = sarcoma.images["CT"]
    made = SliceView(image, [s for s in sarcoma.segmentations.values() if s.image == image.id])
    made.sent = []
    made.send = lambda message, buffers=None: made.sent.append(message)
    return made


def _say(view: SliceView, **content: Any) -> None:
    view._on_message(view, content, [])


def test_what_the_browser_draws_is_measured(view: SliceView) -> None:
    drawn = {"shape": "distance", "plane": "axial", "time": 0, "ends": [[20, 60, 60], [20, 60, 90]]}
    _say(view, kind="measure", id=None, **drawn)
    (one,) = view.measurements
    assert one["values"]["length_mm"] == pytest.approx(30 * 0.9765625, abs=1e-3)
    assert (one["id"], one["index"], one["length"]) == ("m1", 20, "mm")
    assert len(one["lps"]) == 2
    _say(view, kind="measure", id="m1", **{**drawn, "ends": [[20, 60, 60], [20, 60, 70]]})
    (one,) = view.measurements
    assert one["values"]["length_mm"] == pytest.approx(10 * 0.9765625, abs=1e-3)
    _say(view, kind="probe", n=4, **{**drawn, "shape": "box", "ends": [[20, 60, 60], [20, 70, 70]]})
    assert view.sent[-1]["n"] == 4
    assert view.sent[-1]["values"]["pixels"] == 121
    part = view.image.data[20, 60:71, 60:71].values
    assert view.sent[-1]["values"]["mean"] == pytest.approx(part.mean())
    _say(view, kind="unmeasure", id="m1")
    assert view.measurements == []


def test_nonsense_from_the_browser_measures_nothing(view: SliceView) -> None:
    _say(view, kind="measure")
    _say(view, kind="measure", shape="circle", plane="axial", time=0, ends=[[1, 2, 3], [1, 2, 4]])
    assert "expected" in view.sent[-1]["message"].lower()
    _say(view, kind="keep", id="m9")
    assert view.measurements == []
    with pytest.raises(NotFoundError, match="axial"):
        view.measure("distance", [[1, 2, 3], [1, 2, 4]], "oblique")
    with pytest.raises(traitlets.TraitError, match="measure"):
        view.measurements = [{"kind": "distance"}]


def test_the_plane_that_both_ends_lie_in(view: SliceView) -> None:
    for ends, plane in (
        ([[20, 60, 60], [20, 70, 80]], "axial"),
        ([[18, 60, 60], [20, 60, 80]], "coronal"),
        ([[18, 60, 60], [20, 70, 60]], "sagittal"),
        ([[18, 60, 60], [20, 70, 80]], "axial"),
    ):
        assert view.measure("distance", ends, None)["plane"] == plane


def test_keep_calls_back(view: SliceView) -> None:
    view.measure("distance", [[1, 2, 3], [1, 2, 4]])
    assert not view._keeps
    view.on_keep(lambda one: f"kept {one['id']}")
    assert view._keeps
    _say(view, kind="keep", id="m1")
    assert view.measurements[0]["kept"] == "kept m1"
    view.measure("distance", [[1, 2, 3], [1, 2, 9]])

    def refuses(one: Any) -> None:
        raise OncographError("Nobody is named")

    view.on_keep(refuses)
    _say(view, kind="keep", id="m2")
    assert "Nobody is named" in view.sent[-1]["message"]
    view.on_keep(lambda one: 1 / 0)
    _say(view, kind="keep", id="m2")
    assert "ZeroDivisionError" in view.sent[-1]["message"]
    assert view.measurements[1]["kept"] == ""


def test_a_click_names_the_label(view: SliceView) -> None:
    at = list(view.crosshair)
    view.clicked = {"voxel": at, "point": None, "pane": "axial", "n": 1}
    found = view.picked_segment
    assert (found["name"], found["item"]) == ("GTV_Mass_CT", view._segmentations[0].id)
    assert found["volume_ml"] == pytest.approx(view._segmentations[0].volume_ml("GTV_Mass_CT"))
    assert found["address"].endswith("#label=GTV_Mass_CT")
    view.clicked = {"voxel": [0, 0, 0], "point": None, "pane": "axial", "n": 2}
    assert view.picked_segment == {}
    view.visible = []
    view.clicked = {"voxel": at, "point": None, "pane": "axial", "n": 3}
    assert view.picked_segment == {}
