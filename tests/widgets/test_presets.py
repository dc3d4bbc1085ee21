from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.patient import Patient
from widgets.presets import presets


def _never() -> np.ndarray:
    pytest.fail("nothing needs to be read for this one")


def _sample() -> np.ndarray:
    return np.arange(1001, dtype=float)


@pytest.fixture
def image(made: Callable[..., Patient], image_draft: Callable[..., Any]) -> Callable[..., Any]:
    def make(values: Any = None, **more: Any) -> Any:
        zeros = np.zeros((2, 3, 4), np.int16) if values is None else values
        return made(image_draft("item", zeros, np.eye(4), **more)).images["item"]

    return make


def test_ct_begins_with_soft_tissue(image: Callable[..., Any]) -> None:
    found = presets(image(modality="CT", units="HU"), _never)
    assert [p.name for p in found] == ["Soft tissue", "Lung", "Bone", "Brain", "Liver"]
    assert (found[0].window, found[0].level, found[0].invert) == (400, 40, False)


def test_pet_is_black_on_white(image: Callable[..., Any]) -> None:
    found = presets(image(modality="PT", units="SUVbw"), _never)
    assert (found[0].window, found[0].level, found[0].invert) == (5, 2.5, True)
    assert found[0].level - found[0].window / 2 == 0


def test_mr_follows_its_own_values(image: Callable[..., Any]) -> None:
    auto, own = presets(image(modality="MR", units="1", meta={"window": [[300, 600]]}), _sample)
    assert auto.level - auto.window / 2 == pytest.approx(10)
    assert auto.level + auto.window / 2 == pytest.approx(995)
    assert (own.name, own.window, own.level) == ("From the file", 600, 300)


def test_a_radiograph_of_monochrome1_is_inverted(image: Callable[..., Any]) -> None:
    meta = {"photometric": "MONOCHROME1", "window": [[2000, 4000]]}
    values = np.zeros((3, 4), np.uint16)
    found = presets(image(values, modality="DX", units="1", meta=meta), _sample)
    assert [(p.name, p.invert) for p in found] == [("From the file", True), ("Auto", True)]


def test_windows_of_files_that_cannot_be(image: Callable[..., Any]) -> None:
    meta = {"window": [[0, 0], [5, float("nan")]]}
    assert [p.name for p in presets(image(modality="MR", units="1", meta=meta), _sample)] == [
        "Auto"
    ]


def test_a_constant_image_has_a_window_all_the_same(image: Callable[..., Any]) -> None:
    found = presets(image(modality="MR", units="1"), lambda: np.full(9, 7.0))
    assert found[0].window > 0
