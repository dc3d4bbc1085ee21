from __future__ import annotations

import numpy as np
import pytest

from explorer.readers.place import Planes
from explorer.readers.seg_frames import SegFrames, own_grid
from explorer.space import index_to_lps

TURN = np.linalg.qr(np.random.default_rng(6).normal(size=(3, 3)))[0]
STEPS = TURN[:, :2] @ np.diag([0.7, 0.8])
ACROSS = np.cross(TURN[:, 0], TURN[:, 1])
START = np.array([5.0, -30, 200])


def frames(depths: list[float], between: float | None, shear: float = 0.0) -> SegFrames:
    along = np.asarray(depths)[:, None] * (ACROSS + shear * TURN[:, 1])
    planes = Planes((4, 5), START + along, STEPS)
    return SegFrames(np.ones(len(depths), int), planes, between)


def check(found: SegFrames, slices: int, even: bool = True) -> list[int]:
    """Every frame lies on the slice that it was given; returns the slices."""
    shape, affine, origins, of_frame = own_grid(found)
    assert shape == (slices, 4, 5)
    assert (origins is None) == even
    if origins is None:
        origins = index_to_lps(affine, [(k, 0, 0) for k in range(slices)])
    assert np.abs(origins[of_frame] - found.planes.positions).max() < 0.01
    assert np.linalg.det(affine[:3, :3]) > 0
    return list(of_frame)


def test_order_and_repeats() -> None:
    assert check(frames([6, 0, 3, 3], 3), 3) == [2, 0, 1, 1]


@pytest.mark.parametrize("between", [3.0, None, 5.0])
def test_missing_slices_are_filled(between: float | None) -> None:
    assert check(frames([0, 3, 12], between), 5) == [0, 1, 4]


def test_a_header_that_is_a_little_off_is_fitted() -> None:
    assert check(frames([0, 3.002, 300.2], 2.99), 101) == [0, 1, 100]


def test_sheared_slices() -> None:
    assert check(frames([0, 2, 6], 2, shear=0.3), 4) == [0, 1, 3]


def test_uneven_slices_keep_their_places() -> None:
    assert check(frames([0, 2, 5.1, 11], 2.5), 4, even=False) == [0, 1, 2, 3]


def test_one_slice() -> None:
    shape, affine, origins, _ = own_grid(frames([4, 4], 2.5))
    assert (shape, origins) == ((1, 4, 5), None)
    assert np.allclose(affine[:3, 2], ACROSS * 2.5)
    assert np.allclose(own_grid(frames([4], None))[1][:3, 2], ACROSS)


def test_far_frames_are_not_filled_in() -> None:
    assert check(frames([0, 0.02, 9e5], None), 3, even=False) == [0, 1, 2]
