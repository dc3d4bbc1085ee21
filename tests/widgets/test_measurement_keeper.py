"""What is measured on a page is kept in the store, and drawn again by the next one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import widgets
from explorer.patient import Patient

AFFINE = np.diag([0.8, 0.8, 3.0, 1.0])
DRAWN = [
    ("distance", [[2, 3.5, 4], [2, 20, 30.25]], "axial"),
    ("box", [[2, 4, 5], [2, 20, 30]], "axial"),
    ("ellipse", [[1, 9, 4], [4, 9, 30]], "coronal"),
]


@pytest.fixture
def patient(made: Callable[..., Patient], image_draft: Callable[..., Any]) -> Patient:
    values = np.random.default_rng(1).integers(-50, 90, (6, 30, 40)).astype(np.int16)
    return made(image_draft("ct", values, AFFINE), image_draft("other", values, AFFINE))


def _say(page: Any, **content: Any) -> None:
    page.slices._on_message(page.slices, content, [])


def test_what_is_kept_is_drawn_again(patient: Patient) -> None:
    page = widgets.explore(patient, image="ct")
    drawn = [page.slices.measure(*one) for one in DRAWN]
    _say(page, kind="keep", id="m1", by="")
    assert page.slices.measurements[0]["kept"] == ""  # nobody is named
    for one in drawn:
        _say(page, kind="keep", id=one["id"], by=" A. Reader ")
    assert [one["kept"] for one in page.slices.measurements] == ["by A. Reader"] * 3
    assert page.patient.version == patient.version + 3  # the page shows what it wrote
    again = widgets.explore(patient.store["made-up"], image="ct")
    there = {one["kind"]: one for one in again.slices.measurements}
    for one in drawn:
        found = there[one["kind"]]
        assert found["plane"] == one["plane"]
        assert found["kept"].startswith("by A. Reader, 20")
        np.testing.assert_allclose(found["voxel"], one["voxel"], atol=1e-3)
        for name, value in one["values"].items():
            assert found["values"][name] == pytest.approx(value, rel=1e-6)
    again.images.images.value = "other"
    assert again.slices.measurements == []
    again.images.images.value = "ct"
    assert len(again.slices.measurements) == 3


def test_nothing_is_kept_where_nothing_may_be_written(patient: Patient) -> None:
    assert widgets.explore(patient).slices._keeps
    patient.store.read_only = True
    assert not widgets.explore(patient).slices._keeps
