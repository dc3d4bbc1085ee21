from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.errors import NotFoundError
from explorer.patient import Patient
from widgets.patient_view import PatientView


def test_an_image_can_be_chosen_first(sarcoma: Patient) -> None:
    shown = PatientView(sarcoma, image="CT", height=300)
    assert shown.slices.height == 300
    assert shown.image.modality == "CT"


def test_segmentations_of_the_image_are_ticked_and_others_offered(sarcoma: Patient) -> None:
    shown = PatientView(sarcoma, image="CT")
    ticked = {box.description: box.value for box in shown.boxes.children}
    assert ticked == {
        "RTSTRUCT RTstruct_CT": True,
        "RTSTRUCT RTstruct_PET": False,
        "RTSTRUCT RTstruct_AlignedT1toPET": False,
    }
    assert shown.slices.segment_keys == ["GTV_Mass_CT"]
    next(b for b in shown.boxes.children if "PET" in b.description and "T1" not in b.description
         ).value = True  # fmt: skip
    assert set(shown.slices.segment_keys) == {"GTV_Mass_CT", "GTV_Mass_PET"}


def test_ticking_keeps_place_and_window(sarcoma: Patient) -> None:
    shown = PatientView(sarcoma, image="CT")
    shown.slices.crosshair = [3, 4, 5]
    shown.slices.use_preset("Bone")
    for box in shown.boxes.children:
        box.value = not box.value
    assert shown.slices.crosshair == [3, 4, 5]
    assert (shown.slices.window, shown.slices.level) == (1800, 400)


def test_laying_over_is_one_change(sarcoma: Patient) -> None:
    shown = PatientView(sarcoma, image="CT")
    before = shown.slices._revision
    shown.lay_over(*shown.offered, "seg-elsewhere")
    assert [one.id for one in shown.shown] == shown.offered
    assert shown.slices._revision == before + 1
    shown.lay_over(*shown.offered)
    assert shown.slices._revision == before + 1


def test_choosing_another_image(sarcoma: Patient) -> None:
    shown = PatientView(sarcoma, image="CT")
    shown.images.value = sarcoma.images["PT"].id
    assert shown.slices.image.modality == "PT"
    assert shown.slices.segment_keys == ["GTV_Mass_PET"]
    assert [b.value for b in shown.boxes.children].count(True) == 1


def test_names_of_files_are_text(
    made: Callable[..., Patient],
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    shape = (2, 3, 4)
    patient = made(
        image_draft("ct", np.zeros(shape, np.int16), np.eye(4), name=nasty),
        seg_draft("seg", {nasty: np.ones(shape, bool)}, np.eye(4), "ct", name=nasty),
    )
    shown = PatientView(patient)
    (box,) = shown.boxes.children
    assert nasty in box.description
    assert not box.description_allow_html
    assert nasty in shown.images.options[0][0]
    assert shown.slices.segment_keys == [nasty]


def test_a_patient_without_images(made: Callable[..., Patient]) -> None:
    with pytest.raises(NotFoundError, match="no image"):
        PatientView(made())


def test_a_cine_in_colour_is_shown_in_grey_with_its_times(
    made: Callable[..., Patient], image_draft: Callable[..., Any]
) -> None:
    values = np.zeros((5, 3, 4, 6), np.uint8)
    values[:, 0] = np.arange(5).reshape(5, 1, 1) * 50  # red, brighter from frame to frame
    cine = image_draft(
        "us-00000001", values, np.eye(4), dims=("t", "c", "y", "x"), modality="US", units="1",
        frame_of_reference=None, bits_stored=8,
    )  # fmt: skip
    still = image_draft(
        "us-00000002", values[4], np.eye(4), dims=("c", "y", "x"), modality="US", units="1",
        frame_of_reference=None, bits_stored=8,
    )  # fmt: skip
    patient = made(cine, still)
    shown = PatientView(patient, image="us-00000001")
    slices = shown.slices
    assert slices._image["times"] == 5
    assert [pane["name"] for pane in slices._image["panes"]] == ["plane"]
    assert slices.point_lps == ()
    assert ["Shown", "the brightness of its colours, in grey"] in slices._image["facts"]
    slices.crosshair = [0, 3, 5]
    slices.time = 3
    assert slices.value == round(0.299 * 150)
    message, (buffer,) = slices._server.reply({"pane": 0, "index": 0, "time": 4, "image": True})
    assert message["dtype"] == "int16"
    assert (np.frombuffer(buffer, "<i2") == round(0.299 * 200)).all()
    shown.images.value = "us-00000002"
    assert slices.value == round(0.299 * 200)
