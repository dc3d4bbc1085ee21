"""ObliqueView without a browser: what it sends, picks and follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import traitlets as t

from explorer.errors import GeometryError
from explorer.space import make_affine
from widgets.oblique_view import ObliqueView
from widgets.selection import Selection
from widgets.view import View

SHAPE = (20, 30, 40)
AFFINE = make_affine([-20.0, -15, 100], np.diag([1.0, 1, 2]))


@pytest.fixture
def patient(
    made: Callable[..., Any], image_draft: Callable[..., Any], seg_draft: Callable[..., Any]
) -> Any:
    values = np.zeros(SHAPE, np.int16)
    values[12, 8, 30] = 900
    mask = np.zeros(SHAPE, bool)
    mask[5:15, 10:20, 10:20] = True
    return made(
        image_draft("ct", values, AFFINE),
        seg_draft("seg", {"<b>one": mask}, AFFINE, "ct"),
        image_draft("flat", values[0], AFFINE),
    )


@pytest.fixture
def view(patient: Any) -> Any:
    return ObliqueView(patient.images["ct"], list(patient.segmentations.values()))


def _reply(view: Any, **request: Any) -> Any:
    asked = {"pane": "oblique", "angles": [0, 0, 0], "point": view.point, "mode": "plane"}
    message, buffers = view.server.reply({"kind": "plane", "seq": 1, **asked, **request})
    if message["kind"] == "error":
        return message, None
    values = np.frombuffer(buffers[0], "<f4").reshape(message["rows"], message["cols"])
    return message, values


def test_it_is_a_view_of_a_plane_and_three_plain_ones(view: Any) -> None:
    assert isinstance(view, View)
    message, values = _reply(view, pane="axial", segments=[0])
    assert values.shape == (30, 40)
    assert message["marks"] == ["R", "L", "A", "P"]
    (line,) = message["outlines"]
    assert line["name"] == "<b>one"
    assert line["box"] == [10, 20, 10, 20]
    sizes = {_reply(view, angles=[a, 0, 0])[1].shape for a in (0, 30, 90, 200)}
    assert len(sizes) == 1  # it does not jump while it turns


def test_a_coarse_picture_covers_the_same_ground(view: Any) -> None:
    fine, _ = _reply(view, angles=[30, 20, 0])
    coarse, values = _reply(view, angles=[30, 20, 0], coarse=True)
    assert values.size < 0.3 * fine["rows"] * fine["cols"]
    for axis in ("rows", "cols"):
        assert coarse[axis] * coarse["step"] == pytest.approx(fine[axis] * fine["step"], abs=2)


def test_a_click_on_a_projection_finds_the_bright_spot(view: Any) -> None:
    view.mode = "max"
    _, values = _reply(view, mode="max", thickness=None)
    row, col = np.unravel_index(np.nanargmax(values), values.shape)
    request = {"kind": "point", "pane": "oblique", "angles": [0, 0, 0], "mode": "max",
               "point": view.point, "thickness": None, "at": [float(row), float(col)],
               "pick": True}  # fmt: skip
    view._on_message(None, request, None)
    assert np.linalg.norm(np.array(view.point) - [10, -7, 124]) < 1.5
    assert view.value > 100
    (picked,) = view.selection.picked
    assert picked.startswith(str(view.image.address).split("@")[0] + "#point=")
    assert view.selection.by == "ObliqueView"


def test_others_picks_move_the_point_and_light_segments(patient: Any) -> None:
    selection = Selection()
    view = ObliqueView(
        patient.images["ct"], list(patient.segmentations.values()), selection=selection
    )
    base = f"onco:{patient.key}"
    selection.pick(f"{base}/images/ct#voxel=3,4,5", by="SliceView")
    assert view.point == pytest.approx([-15, -11, 106])
    selection.pick(f"{base}/images/ct#point=1.5,2.5,110.0", by="SliceView")
    assert view.point == pytest.approx([2, 2, 110], abs=1)
    segment = view._segments[0]["address"]
    view._on_message(None, {"kind": "pick", "address": segment}, None)
    assert selection.picked == (segment,)
    assert view._lit == [segment]
    view._on_message(None, {"kind": "pick", "address": f"{base}/facts/x"}, None)
    assert selection.picked == (segment,)
    view.close()
    selection.clear()
    assert view._lit == [segment]


def test_beside_the_image_nothing_is_picked(view: Any) -> None:
    request = {"kind": "point", "pane": "axial", "angles": [0, 0, 0], "point": [0, 0, 500],
               "at": [0, 0], "pick": True}  # fmt: skip
    view._on_message(None, request, None)
    assert view.selection.picked == ()


def test_what_cannot_be_is_told(view: Any, patient: Any) -> None:
    for wrong in ({"pane": "oblong"}, {"angles": [1, 2]}, {"mode": "median"}, {"segments": [7]},
                  {"time": 3}, {"mode": "max", "thickness": -1}):  # fmt: skip
        message, _ = _reply(view, **wrong)
        assert message["kind"] == "error"
    for name, value in [("thickness", 0.0), ("window", 0.0), ("time", 1), ("visible", ["x"]),
                        ("angles", [0.0, np.nan, 0.0]), ("lut", "jet")]:  # fmt: skip
        with pytest.raises(t.TraitError):
            setattr(view, name, value)
    with pytest.raises(TypeError):
        ObliqueView(patient.images["ct"], colour="red")
    with pytest.raises(GeometryError):
        ObliqueView(patient.images["flat"])


def test_its_figure_says_what_it_is(view: Any) -> None:
    view.angles, view.lut = [30, -50, 0], "magma"
    figure = view.figure()
    assert "azimuth 30" in figure.axes[0].get_title()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["<b>one"]
    view.mode, view.thickness = "mean", 10
    assert "mean of 10 mm" in view.figure().axes[0].get_title()
    assert len(view._table) == 768
