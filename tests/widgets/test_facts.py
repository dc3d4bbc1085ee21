from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from explorer.patient import Patient
from widgets.facts import facts


def test_what_is_known_of_an_image(
    made: Callable[..., Patient], image_draft: Callable[..., Any]
) -> None:
    draft = image_draft(
        "pt", np.zeros((2, 3, 4), np.int16), np.diag([2.0, 2, 3.27, 1]), modality="PT",
        name="PET <WB>", units="BQML", units_reason="the injection is after the scan",
        problems=["slices are uneven"], acquired="2006-01-28",
    )  # fmt: skip
    image = made(draft).images["pt"]
    assert facts(image) == [
        ("Name", "PET <WB>"),
        ("Modality", "PT"),
        ("Taken", "2006-01-28 (day 0)"),
        ("Voxels", "2 \N{MULTIPLICATION SIGN} 3 \N{MULTIPLICATION SIGN} 4 (z, y, x)"),
        ("Spacing", "3.27 \N{MULTIPLICATION SIGN} 2 \N{MULTIPLICATION SIGN} 2 mm"),
        ("Units", "BQML"),
        ("Why these units", "the injection is after the scan"),
        ("Remark", "slices are uneven"),
        ("Synthetic", "made up, not measured"),
        ("Storage", "copied"),
        ("Item", "pt"),
    ]
