from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from explorer.errors import GeometryError
from explorer.patient import Patient
from widgets.figures import slice_figure
from widgets.slices import SliceView


def _drawn(figure: Any) -> np.ndarray:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=100)
    return np.asarray(Pillow.open(out).convert("RGB")).astype(int)


def test_three_planes_with_a_mask(sarcoma: Patient) -> None:
    figure = slice_figure(sarcoma.images["CT"], sarcoma.segmentations["RTstruct_CT"])
    assert [axis.get_title().split(",")[0] for axis in figure.axes] == [
        "axial", "coronal", "sagittal",
    ]  # fmt: skip
    pixels = _drawn(figure)
    red, green, blue = sarcoma.segmentations["RTstruct_CT"].colors["GTV_Mass_CT"]
    assert (pixels == (red, green, blue)).all(axis=-1).sum() > 100, "the outline, and the legend"
    texts = [text.get_text() for axis in figure.axes for text in axis.texts]
    assert texts[:5] == ["R", "L", "A", "P", "20 mm"]


def test_the_picture_is_as_long_in_mm_as_the_volume(sarcoma: Patient) -> None:
    image = sarcoma.images["CT"]
    z, y, x = image.shape
    dz, dy, dx = image.spacing_mm
    axial, coronal, sagittal = (axis.images[0].get_extent() for axis in slice_figure(image).axes)
    np.testing.assert_allclose(axial, (0, x * dx, y * dy, 0))
    np.testing.assert_allclose(coronal, (0, x * dx, z * dz, 0))
    np.testing.assert_allclose(sagittal, (0, y * dy, z * dz, 0))


def test_a_thin_stack_has_room_for_its_letters(
    made: Callable[..., Patient], image_draft: Callable[..., Any]
) -> None:
    patient = made(image_draft("ct", np.zeros((3, 100, 100), np.int16), np.eye(4)))
    axial, coronal, _ = slice_figure(patient.images["ct"]).axes
    assert axial.get_ylim() == (100, 0)
    low, high = coronal.get_ylim()
    assert (low - high, (low + high) / 2) == pytest.approx((40, 1.5))


def test_names_with_mathematics_are_text(
    made: Callable[..., Patient],
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
) -> None:
    shape = (4, 5, 6)
    patient = made(
        image_draft("ct", np.zeros(shape, np.int16), np.eye(4)),
        seg_draft("seg", {r"$\frac{1}$": np.ones(shape, bool)}, np.eye(4), "ct"),
    )
    _drawn(slice_figure(patient.images["ct"], patient.segmentations["seg"]))


def test_a_place_outside(sarcoma: Patient) -> None:
    with pytest.raises(GeometryError):
        slice_figure(sarcoma.images["CT"], at=(99, 0, 0))


def test_a_radiograph(made: Callable[..., Patient], image_draft: Callable[..., Any]) -> None:
    values = np.arange(6000, dtype=np.uint16).reshape(60, 100)
    draft = image_draft("dx", values, np.eye(4), modality="DX", units="1")
    figure = slice_figure(made(draft).images["dx"])
    assert len(figure.axes) == 1
    pixels = _drawn(figure)
    assert pixels.max() == 255


def test_a_view_draws_what_lies_on_its_image(sarcoma: Patient) -> None:
    ct = sarcoma.images["CT"]
    view = SliceView(ct, [s for s in sarcoma.segmentations.values() if s.image == ct.id])
    view.fuse(sarcoma.images["PT"], fused_fade=False, fused_opacity=1.0)
    z, y, x = view.crosshair
    view.boxes = [{"box": [[z, z + 1], [y, y + 9], [x, x + 9]], "label": "$\\frac{a}{b}$ <b>"}]
    figure = view.figure()
    axial, coronal, _ = figure.axes
    assert [len(axis.patches) for axis in (axial, coronal)] == [1, 1]
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert said[0] == "GTV_Mass_CT"
    assert "SUVbw" in said[1]
    picture = np.asarray(axial.images[0].get_array())
    assert np.ptp(picture, axis=2).max() > 0.5, "the PET is in colour"
    figure.canvas.draw()
    view.visible = []
    assert len(view.figure(layers=[], boxes=[]).legends) == 0
