"""CompareView without a browser: which places belong together, and when nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.errors import GeometryError
from explorer.space import make_affine
from explorer.store import Store
from graphs.registration import Registration
from widgets.compare_view import CompareView
from widgets.view import View

ONE = make_affine([0.0, 0, 0], np.diag([1.0, 1, 2]))
OTHER = make_affine([10.0, -5, 8], np.diag([1.0, 1, 2]))
SHAPE = (16, 20, 24)


@pytest.fixture
def patient(made: Callable[..., Any], image_draft: Callable[..., Any]) -> Any:
    values = np.random.default_rng(2).integers(0, 100, SHAPE).astype(np.int16)
    return made(
        image_draft("a", values, ONE, acquired="2000-01-02"),
        image_draft("b", values, OTHER, acquired="2000-03-04"),
        image_draft("c", values, OTHER, acquired="2000-02-03", frame_of_reference="9.9"),
        image_draft("flat", values[0], ONE),
    )


def _moved(left: str, right: str, trusted: bool = True) -> Registration:
    matrix = np.eye(4)
    matrix[:3, 3] = 10, -5, 8
    return Registration(
        f"images/{left}", f"images/{right}", matrix, "correlation", 0.1, 0.9, 1.0, 0.1, trusted,
        "made up",
    )  # fmt: skip


def test_one_frame_of_reference_is_one_crosshair_in_mm(patient: Any) -> None:
    view = CompareView(patient)
    assert isinstance(view, View)
    assert (view.left.image.id, view.right.image.id) == ("a", "b")
    assert view.bar.said == "one frame of reference"
    view.left.point_lps = (14, 3, 12)
    assert view.right.point_lps == (14, 3, 12)
    assert view.right.crosshair == [2, 8, 4]
    view.right.crosshair = [3, 9, 5]
    assert view.left.point_lps == (15, 4, 14)
    view.left.crosshair = [0, 0, 0]
    assert view.bar.outside == "right"
    view.left.window = 77.0
    assert view.right.window != 77.0


def test_unregistered_ones_are_linked_only_by_position_and_only_if_asked(patient: Any) -> None:
    view = CompareView(patient, "a", "c")
    assert view.bar.link == "off"
    assert "not registered" in view.bar.said
    before = view.right.crosshair
    view.left.crosshair = [1, 2, 3]
    assert view.right.crosshair == before
    view.bar.link = "place"
    assert view.bar.link == "off"
    view.bar.mode = "flicker"
    assert view.bar.mode == "side by side"
    view.bar.link = "relative"
    assert view.right.crosshair == [1, 2, 3]
    view.right.crosshair = [15, 19, 23]
    assert view.left.crosshair == [15, 19, 23]


def test_a_registration_moves_the_crosshair_either_way(patient: Any) -> None:
    for registration in (_moved("a", "c"), None):
        moved = registration or Registration(
            **{**vars(_moved("c", "a")), "matrix": np.linalg.inv(_moved("a", "c").matrix)}
        )
        view = CompareView(patient, "a", "c", moved)
        assert view.bar.link == "place"
        view.left.crosshair = [4, 5, 6]
        assert view.right.crosshair == [4, 5, 6]  # the arrays are alike
        view.right.crosshair = [1, 2, 3]
        assert view.left.crosshair == [1, 2, 3]
    doubtful = CompareView(patient, "a", "c", _moved("a", "c", trusted=False))
    assert not doubtful.bar.trusted
    assert "not to be trusted" in doubtful.bar.said
    with pytest.raises(GeometryError):
        CompareView(patient, "a", "b", _moved("a", "c"))
    with pytest.raises(GeometryError):
        CompareView(patient, "a", "flat")


def test_swapping_takes_windows_and_places_along(patient: Any) -> None:
    view = CompareView(patient, "a", "c", _moved("a", "c"))
    view.left.window, view.left.crosshair = 33.0, [4, 5, 6]
    view.bar.swaps += 1
    assert (view.left.image.id, view.right.image.id) == ("c", "a")
    assert view.right.window == 33.0
    assert view.left.crosshair == view.right.crosshair == [4, 5, 6]
    view.left.crosshair = [7, 7, 7]
    assert view.right.crosshair == [7, 7, 7]
    assert "2000-02-03" in view.bar.left


def test_the_second_image_is_laid_on_the_first_ones_plane(patient: Any) -> None:
    view = CompareView(patient, "a", "c", _moved("a", "c"))
    view.left.crosshair = [4, 5, 6]
    view.bar.mode = "checkerboard"
    assert view.blend in view.children
    made, other = view.blend.planes()
    both = np.isfinite(made.values) & np.isfinite(other)
    assert both.sum() >= 20 * 24 * 0.9
    assert np.allclose(made.values[both], other[both], atol=1e-3)
    view.bar.mode = "side by side"
    assert view.blend not in view.children


def test_a_click_picks_once_for_both(patient: Any) -> None:
    view = CompareView(patient)
    view.left.clicked = {"voxel": [9, 5, 12], "point": None, "pane": "axial", "n": 1}
    assert view.selection.picks == 1
    assert view.left.selection is view.right.selection is view.selection


def test_two_dates_of_a_real_patient(demo: Store) -> None:
    """Two MR studies, four months apart, that no file relates to each other."""
    view = CompareView(demo["CMB-CRC-MSB-06489"])
    assert view.left.image.acquired < view.right.image.acquired
    assert view.bar.link == "off"
    assert view.bar.left != view.bar.right
    figure = view.figure()
    assert view.left.image.acquired in figure.axes[0].get_title()
    assert "not registered" in figure.texts[0].get_text()
