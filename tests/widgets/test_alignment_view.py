from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets

from explorer.errors import NotFoundError
from explorer.patient import Patient
from graphs.alignment import WHOLE, Alignment
from graphs.producer import Producer
from widgets.alignment_view import AlignmentView
from widgets.selection import Selection
from widgets.view import View

TEXT = "😀 left nodule $x$"


@pytest.fixture(scope="module")
def patient(
    make: Callable[..., Patient],
    image_draft: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Patient:
    values = np.arange(3 * 20 * 30, dtype=np.int16).reshape(3, 20, 30)
    return make(image_draft("ct", values, np.eye(4)), folder=tmp_path_factory.mktemp("aligned"))


def _alignment(**other: Any) -> Alignment:
    given: dict[str, Any] = {
        "image": "ct", "plane": 1, "shape": (20, 30), "side": 8, "text": TEXT, "report": "r-1",
        "offset": 100, "tokens": np.array([[2, 6], [7, 13], [15, 16]]),
        "patch": np.array([6, 11, 6, 0]), "token": np.array([1, 1, 0, WHOLE]),
        "weight": np.array([0.9, 0.5, 0.4, 0.3], np.float32),
        "producer": Producer("test", "1"), "trained_on": "nothing",
    }  # fmt: skip
    return Alignment(**{**given, **other})


def _patches(view: AlignmentView) -> list[int]:
    return [patch for patch, _ in view.lit_patches]


def test_a_word_lights_its_patches_and_a_patch_its_words(patient: Patient) -> None:
    view = AlignmentView(_alignment(), patient)
    assert isinstance(view, View)
    view._on_message(view, {"kind": "token", "k": 1}, None)
    assert (view.token, _patches(view), view.lit_tokens) == (1, [6, 11], [])
    assert view.lit_patches[0][1] == pytest.approx(0.9)
    key = patient.key
    assert view.selection.picked == (f"onco:{key}/reports/r-1#chars=107:113",)
    view._on_message(view, {"kind": "patch", "k": 6}, None)
    assert (view.token, _patches(view)) == (-2, [])
    assert [token for token, _ in view.lit_tokens] == [1, 0]
    assert view.selection.picked == (f"onco:{key}/images/ct#box=1:2,8:16,16:24",)
    assert view.selection.by == "AlignmentView"
    view.token = WHOLE
    assert (view.patch, _patches(view)) == (-1, [0])
    for message in ({"kind": "token", "k": 9}, {"kind": "patch", "k": -5}, {"kind": "patch"}):
        view._on_message(view, message, None)
    assert view.token == WHOLE
    with pytest.raises(traitlets.TraitError, match="3 words"):
        view.token = 3
    with pytest.raises(traitlets.TraitError, match="patches"):
        view.patch = 12


def test_it_follows_other_views(patient: Patient) -> None:
    selection = Selection()
    view = AlignmentView(_alignment(), patient, selection)
    key = patient.key
    selection.pick(f"onco:{key}/reports/r-1#chars=107:110", by="test")
    assert (view.token, _patches(view)) == (1, [6, 11])
    selection.pick(f"onco:{key}/images/ct#voxel=1,17,25", by="test")
    assert (view.patch, [token for token, _ in view.lit_tokens]) == (11, [1])
    selection.pick(f"onco:{key}/reports/r-1#chars=90:140", by="test")
    assert view.token == WHOLE
    before = view.token, view.patch
    for other in ("images/ct#voxel=0,17,25", "images/x#voxel=1,1,1", "reports/r-2#chars=107:110",
                  "images/ct#voxel=1,99,0"):  # fmt: skip
        selection.pick(f"onco:{key}/{other}", by="test")
    selection.pick("onco:other/reports/r-1#chars=107:110", by="test")
    assert (view.token, view.patch) == before


def test_an_alignment_that_was_read_back_shows_the_same(patient: Patient, tmp_path: Path) -> None:
    made = _alignment()
    view = AlignmentView(Alignment.read(made.write(tmp_path / "a.zarr")), patient, token=1)
    assert _patches(view) == [6, 11]


def test_it_must_fit_the_image(patient: Patient) -> None:
    for faulty in (_alignment(plane=7), _alignment(shape=(21, 30)), _alignment(image="mr")):
        with pytest.raises(NotFoundError):
            AlignmentView(faulty, patient)


def test_figure(patient: Patient) -> None:
    view = AlignmentView(_alignment(), patient, token=2)
    figure = view.figure()
    title = figure.axes[0].title
    assert title.get_text() == "x"
    view.token = 1
    assert len(view.figure().axes[0].patches) == 2
    assert figure._repr_png_()[:4] == b"\x89PNG"
