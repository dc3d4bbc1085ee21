"""What is drawn in a view is what stands in the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.patient import Patient
from widgets.keep_measurement import keep_measurement
from widgets.slices import SliceView

SHAPE = (6, 30, 40)


@pytest.mark.parametrize(
    ("kind", "ends", "plane"),
    [
        ("distance", [[2, 3.5, 4], [2, 20, 30.25]], "axial"),
        ("box", [[2, 3.6, 4.2], [2, 20.1, 30.7]], "axial"),
        ("ellipse", [[0.7, 9, 4], [4.2, 9, 30]], "coronal"),
    ],
)
def test_the_numbers_agree(
    made: Callable[..., Patient],
    image_draft: Callable[..., Any],
    kind: str,
    ends: list[list[float]],
    plane: str,
) -> None:
    values = np.random.default_rng(1).integers(-50, 90, SHAPE).astype(np.int16)
    patient = made(image_draft("ct", values, np.diag([0.8, 0.8, 3.0, 1.0])))
    image = patient.images["ct"]
    drawn = SliceView(image).measure(kind, ends, plane)
    address = keep_measurement(image, drawn, "A. Reader", label="drawn")
    rows = patient.store["made-up"].observations
    mine = rows[rows["item"] == address.item] if "item" in rows else rows
    kept = dict(zip(mine["name"], mine["number"], strict=True))
    if kind == "distance":
        assert kept["Length"] == pytest.approx(drawn["values"]["length_mm"])
    else:
        assert kept["Mean"] == pytest.approx(drawn["values"]["mean"])
        assert kept["Maximum"] == drawn["values"]["max"]
