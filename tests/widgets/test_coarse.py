"""Block means and where they lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.errors import GeometryError
from explorer.patient import Patient
from explorer.space import index_to_lps
from widgets.coarse import coarse


@pytest.fixture
def oblique() -> np.ndarray:
    turn = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1.0]])
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.diag([1.0, 1.0, 3.0])
    affine[:3, 3] = [-20, 30, 5]
    return affine


def test_a_plane_of_values_stays_one(
    made: Callable[..., Patient], image_draft: Any, oblique: np.ndarray
) -> None:
    index = np.stack(np.mgrid[:9, :20, :24], -1)
    values = np.rint(index_to_lps(oblique, index) @ [2.0, 4.0, 10.0]).astype(np.int16)
    image = made(image_draft("ct-1", values, oblique)).images["ct-1"]
    found = coarse(image, 600)
    assert found.values.size <= 600
    assert found.factor[0] == 1, "the axis with the widest step is halved last"
    centres = np.stack(np.mgrid[tuple(slice(0, n) for n in found.values.shape)], -1)
    expected = index_to_lps(found.affine, centres) @ [2.0, 4.0, 10.0]
    np.testing.assert_allclose(found.values, expected, atol=1.1)


def test_small_ones_are_left_as_they_are(
    made: Callable[..., Patient], image_draft: Any, oblique: np.ndarray
) -> None:
    values = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    image = made(image_draft("ct-1", values, oblique)).images["ct-1"]
    found = coarse(image)
    np.testing.assert_array_equal(found.values, values)
    np.testing.assert_allclose(found.affine, oblique)
    assert found.even


def test_no_volume(made: Callable[..., Patient], image_draft: Any) -> None:
    image = made(image_draft("dx-1", np.zeros((8, 9), np.int16), np.eye(4))).images["dx-1"]
    with pytest.raises(GeometryError, match="dims"):
        coarse(image)


def test_real_uneven_pet(sarcoma: Patient) -> None:
    image = sarcoma.images["CT"]
    found = coarse(image, 50_000)
    whole = np.asarray(image.data, float)
    assert found.values.size <= 50_000
    assert found.values.mean() == pytest.approx(whole.mean(), abs=25)
