from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.draw import polygon2mask

from explorer.readers.rasterise import rasterise

SQUARE = np.array([(1, 1), (1, 4), (4, 4), (4, 1)], float)


def test_edges_and_corners_are_inside() -> None:
    assert rasterise([SQUARE], (6, 6)).sum() == 16


def test_a_polygon_inside_of_another_is_a_hole() -> None:
    hole = SQUARE * 0.25 + 1.9  # (2.15 to 2.9) holds no pixel centre
    assert rasterise([SQUARE, hole], (6, 6)).sum() == 16
    hole = np.array([(1.5, 1.5), (1.5, 3.5), (3.5, 3.5), (3.5, 1.5)])
    mask = rasterise([SQUARE, hole], (6, 6))
    assert mask.sum() == 12
    assert not mask[2:4, 2:4].any()


def test_two_polygons_apart_are_both_filled() -> None:
    assert rasterise([SQUARE, SQUARE + 10], (20, 20)).sum() == 32


def test_a_crossing_outline_follows_the_even_odd_rule() -> None:
    # A pentagram: its middle is surrounded twice, and so is out.
    turns = np.arange(5) * 2 * 2 * np.pi / 5
    star = np.stack([20 - 18 * np.cos(turns), 20 + 18 * np.sin(turns)], axis=1)
    mask = rasterise([star], (41, 41))
    assert not mask[20, 20]
    assert mask[5, 20]


def test_no_polygon_and_no_points() -> None:
    assert not rasterise([], (3, 4)).any()
    assert not rasterise([np.zeros((0, 2))], (3, 4)).any()


def test_outside_of_the_picture() -> None:
    assert not rasterise([SQUARE + 100], (6, 6)).any()
    assert not rasterise([SQUARE - 100], (6, 6)).any()
    assert rasterise([SQUARE * 1e5 - 2e5], (6, 6)).all()


@pytest.mark.parametrize("step", [0.0, 1.0, 0.5, 1 / 3])
def test_equal_to_scikit_image(step: float) -> None:
    random = np.random.default_rng(20)
    for _ in range(400):
        shape = (int(random.integers(1, 25)), int(random.integers(1, 25)))
        polygon = random.uniform(-6, 30, (int(random.integers(1, 14)), 2))
        if step:
            polygon = np.rint(polygon / step) * step
        assert np.array_equal(rasterise([polygon], shape), polygon2mask(shape, polygon))


# Whole and half numbers put vertices and edges on pixel centres; tiny shifts test the tolerance.
COORDINATES = st.one_of(
    st.floats(-5, 20, allow_nan=False),
    st.integers(-10, 40).map(lambda n: n / 2),
    st.integers(-5, 20).map(lambda n: n + 1e-13),
    st.integers(-5, 20).map(lambda n: n - 3e-12),
)


@settings(max_examples=300, deadline=None)
@given(
    st.integers(1, 12).flatmap(lambda n: arrays(float, (n, 2), elements=COORDINATES)),
    st.tuples(st.integers(1, 18), st.integers(1, 18)),
)
def test_equal_to_scikit_image_on_any_polygon(polygon: np.ndarray, shape: tuple[int, int]) -> None:
    assert np.array_equal(rasterise([polygon], shape), polygon2mask(shape, polygon))
