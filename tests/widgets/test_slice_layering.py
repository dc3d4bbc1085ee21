"""Layers of a SliceView; the browser's side is in js/test_slice_layers.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import traitlets

from explorer.errors import GeometryError
from explorer.patient import Patient
from widgets.slices import SliceView


@pytest.fixture
def view(sarcoma: Patient) -> SliceView:
    image = sarcoma.images["CT"]
    return SliceView(image, [s for s in sarcoma.segmentations.values() if s.image == image.id])


def _ask(view: SliceView, pane: int, index: int, *keys: str) -> tuple[dict[str, Any], list[bytes]]:
    request = {"seq": 1, "revision": view._revision, "pane": pane, "index": index, "time": 0,
               "image": False, "segments": [], "layers": list(keys)}  # fmt: skip
    return view._server.reply(request)


def test_pet_on_ct_has_its_own_window_and_units(view: SliceView, sarcoma: Patient) -> None:
    assert view.fused_value is None
    view.fuse(sarcoma.images["PT"], fused_opacity=0.4)
    about = view._layers["fused"]
    assert (about["units"], view.fused_window, view.fused_level) == ("SUVbw", 5, 2.5)
    assert list(view._luts) == ["inferno"]
    message, buffers = _ask(view, 0, view.crosshair[0], about["key"])
    plane = np.frombuffer(buffers[0], "<f4").reshape(message["rows"], message["cols"])
    _, y, x = view.crosshair
    assert plane[y, x] == pytest.approx(view.fused_value)
    assert (view.window, view.level) == (400, 40)
    with pytest.raises(TypeError, match="colour"):
        view.fuse(sarcoma.images["PT"], colour="red")


def test_layers_stay_with_their_image_and_go_with_it(view: SliceView, sarcoma: Patient) -> None:
    view.fused = sarcoma.images["PT"]
    key = view._layers["fused"]["key"]
    view.show(view.image, ())
    assert key in view._server.layers
    view.lay_heat(np.zeros(view.image.shape, np.float32))
    view.contours = [{"voxels": [[1, 2, 3], [1, 5, 3]], "label": "GTV"}]
    assert set(view._layers) == {"fused", "heat", "contours"}
    assert view._layers["contours"]["styles"][0]["label"] == "GTV"
    view.show(sarcoma.images["PT"])
    assert (view._layers, view.fused, view.heat, view.contours) == ({}, None, None, [])


def test_an_old_key_has_nothing(view: SliceView, sarcoma: Patient) -> None:
    view.fused = sarcoma.images["PT"]
    old = view._layers["fused"]["key"]
    view.fused = None
    message, buffers = _ask(view, 0, 3, old)
    assert message["layers"] == [{"key": old, "nothing": True}]
    assert buffers == [b""]


def test_what_has_no_place_is_refused(
    view: SliceView, made: Callable[..., Patient], image_draft: Callable[..., Any]
) -> None:
    draft = image_draft("b", np.zeros((3, 4, 5), np.int16), np.eye(4), frame_of_reference="9.9")
    other = made(draft).images["b"]
    with pytest.raises(GeometryError):
        view.fused = other
    assert view._layers == {}
    view.fuse(other, np.eye(4))
    assert view._layers["fused"]["moved"]


def test_wrong_layers(view: SliceView) -> None:
    with pytest.raises(GeometryError, match="0 to 1"):
        view.heat = np.full(view.image.shape, 7.0)
    with pytest.raises(traitlets.TraitError, match="contour"):
        view.contours = [{"voxels": [1, 2]}]
    with pytest.raises(traitlets.TraitError):
        view.fused_lut = "jet"
    with pytest.raises(traitlets.TraitError, match="more than 0"):
        view.fused_window = 0.0
