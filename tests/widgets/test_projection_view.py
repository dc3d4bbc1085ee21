"""ProjectionView without a browser: rays, what is carried over, and X-rays without a CT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import traitlets as t

from explorer.errors import NotFoundError
from explorer.space import make_affine
from graphs.errors import ProjectionError
from graphs.project import project
from widgets.projection_view import ProjectionView
from widgets.quick_projection import QuickProjection
from widgets.view import View

SHAPE = (16, 24, 32)
AFFINE = make_affine([-32.0, -24, -32], np.diag([2.0, 2, 4]))


@pytest.fixture
def patient(
    made: Callable[..., Any], image_draft: Callable[..., Any], seg_draft: Callable[..., Any]
) -> Any:
    values = np.full(SHAPE, -1000, np.int16)
    values[4:12, 4:20, 4:28] = 0
    front, back = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    front[6:10, 5:9, 8:14] = True
    back[6:10, 14:19, 8:20] = True
    return made(
        image_draft("ct", values, AFFINE),
        seg_draft("seg", {"front": front, "back": back}, AFFINE, "ct"),
    )


def test_a_ray_meets_the_structures_in_their_order(patient: Any) -> None:
    view = ProjectionView(patient)
    assert isinstance(view, View)
    assert view.reason == ""
    made = view.projection
    pixel = tuple(made.frame.pixels(np.array([-12.0, -10, 0])))
    rows = view.structures_at(pixel)
    # from behind to the front: the source of a PA view is behind the patient
    assert [row["name"] for row in rows] == ["back", "front"]
    assert [row["path"] for row in rows] == pytest.approx([10, 8])
    base = f"onco:{patient.key}/segmentations/seg#label="
    assert view.selection.picked == (f"{base}back", f"{base}front")
    assert view.selection.by == "ProjectionView"
    only = tuple(made.frame.pixels(np.array([4.0, 10, 0])))
    assert [row["name"] for row in view.structures_at(only)] == ["back"]
    with pytest.raises(ProjectionError):
        view.structures_at((-9, 0))
    view.azimuth = 90.0
    side = tuple(view.projection.frame.pixels(np.array([-12.0, -10, 0])))
    assert [row["name"] for row in view.structures_at(side)] == ["front"]


def test_a_full_turn_ends_where_it_began(patient: Any) -> None:
    view = ProjectionView(patient)
    first = view.projection.values
    view.azimuth = 360.0
    assert np.abs(view.projection.values - first).max() < 1e-6
    view.azimuth = 180.0
    assert np.allclose(view.projection.values, first[:, ::-1], atol=1e-5)


def test_what_the_browser_gets_has_square_pixels(patient: Any) -> None:
    view = ProjectionView(patient)
    request = {"kind": "plane", "seq": 3, "azimuth": 0, "elevation": 0, "segments": [0, 1],
               "places": True}  # fmt: skip
    message, buffers = view.server.reply(request)
    assert (message["rows"], message["cols"], message["step"]) == (32, 32, 2.0)
    assert message["pixel"] == [4.0, 2.0]
    assert message["by"] == [2.0, 1.0]
    assert len(buffers) == 3
    front = next(one for one in message["outlines"] if one["name"] == "front")
    assert front["box"] == [12, 20, 8, 14]
    wrong, _ = view.server.reply({"kind": "plane", "azimuth": "x", "elevation": 0})
    assert wrong["kind"] == "error"


@pytest.mark.parametrize("view", [(0.0, 0.0), (90.0, 0.0), (33.0, 12.0)])
def test_the_preview_is_near_the_exact_picture(patient: Any, view: Any) -> None:
    image = patient.images["ct"]
    values, frame = QuickProjection(image).picture(view)
    exact = project(image, view, pixel_mm=3.0)
    assert values.shape == exact.values.shape
    assert frame.spacing == exact.frame.spacing
    assert values.max() == pytest.approx(exact.values.max(), rel=0.2)
    assert np.corrcoef(values.ravel(), exact.values.ravel())[0, 1] > 0.95


def test_an_x_ray_alone_says_what_is_needed(
    made: Callable[..., Any], image_draft: Callable[..., Any]
) -> None:
    values = np.arange(12 * 20, dtype=np.uint16).reshape(12, 20)
    patient = made(
        image_draft("dx", values, np.diag([0.5, 0.5, 1, 1]), modality="DX", units="1",
                    meta={"view_position": "PA", "photometric": "MONOCHROME1"})
    )  # fmt: skip
    view = ProjectionView(patient)
    assert "cannot be rotated" in view.reason
    assert "no CT" in view.reason
    assert view._image["view"] == "PA (ViewPosition)"
    message, buffers = view._radiograph({"seq": 1})
    assert (message["rows"], message["cols"]) == (12, 20)
    assert message["marks"] == ["", "", "", ""]
    assert np.frombuffer(buffers[0], "<f4")[5] == 5
    assert view.invert
    for ask in (lambda: view.projection, lambda: view.structures_at((1, 1))):
        with pytest.raises(ProjectionError):
            ask()
    assert view.figure().axes


def test_who_has_no_picture_is_told(
    made: Callable[..., Any], image_draft: Callable[..., Any]
) -> None:
    values = np.zeros((4, 8, 8), np.int16)
    patient = made(image_draft("mr", values, np.eye(4), modality="MR", units="1"))
    with pytest.raises(NotFoundError):
        ProjectionView(patient)
    assert "Expected: a CT in HU" in ProjectionView(patient.images["mr"]).reason


def test_a_ct_without_a_unit_turns_where_a_person_says_that_it_is_in_hu(
    made: Callable[..., Any], image_draft: Callable[..., Any]
) -> None:
    values = np.full((4, 8, 8), -1000, np.int16)
    values[1:3, 2:6, 2:6] = 0
    patient = made(
        image_draft("scan", values, np.eye(4), modality="unknown", units="1"),
        image_draft("nifti", values, np.eye(4), modality="CT", units="1"),
    )
    with pytest.raises(NotFoundError, match='unit="HU"'):
        ProjectionView(patient)
    assert 'unit="HU"' in ProjectionView(patient.images["nifti"]).reason
    view = ProjectionView(patient, unit="HU")
    assert (view.reason, view.image.id) == ("", "nifti")
    assert view.projection.producer.settings["declared_unit"] == "HU"


def test_traits_are_checked_and_the_figure_is_drawn(patient: Any) -> None:
    view = ProjectionView(patient, visible=["front"])
    for name, value in (("azimuth", np.nan), ("visible", ["none"])):
        with pytest.raises(t.TraitError):
            setattr(view, name, value)
    figure = view.figure()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["front"]
