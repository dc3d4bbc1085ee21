from __future__ import annotations

import itertools

import numpy as np
import pytest

from explorer.draft import Grid
from explorer.errors import GeometryError
from explorer.readers.place import (
    Planes,
    place_planes,
    place_volume,
    slice_first_voxels,
    slice_spacing,
)
from explorer.space import index_to_lps, make_affine

OBLIQUE = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
SHAPE = (7, 6, 5)


def oblique_grid(origins: np.ndarray | None = None) -> Grid:
    affine = make_affine((3, -40, 100), OBLIQUE @ np.diag([0.7, 0.8, 3.0]))
    return Grid("image", SHAPE, affine, origins)


def test_every_turn_of_a_volume_comes_back() -> None:
    grid = oblique_grid()
    values = np.random.default_rng(4).integers(0, 99, SHAPE)
    for axes in itertools.permutations(range(3)):
        for flips in itertools.product((1, -1), repeat=3):
            turned = values.transpose(axes)[tuple(slice(None, None, f) for f in flips)]
            # Where the turned array's first voxel and its steps lie in the image.
            step = np.zeros((3, 3))
            start = np.zeros(3)
            for axis, (source, flip) in enumerate(zip(axes, flips, strict=True)):
                step[source, axis] = flip
                start[source] = SHAPE[source] - 1 if flip < 0 else 0
            index_affine = np.eye(4)
            index_affine[:3, :3] = step[::-1, ::-1]
            index_affine[:3, 3] = start[::-1]
            placement = place_volume(grid.affine @ index_affine, turned.shape, grid)
            assert np.array_equal(placement.orient(turned), values)
            assert placement.start == (0, 0, 0)


def test_a_part_of_a_volume_is_found() -> None:
    grid = oblique_grid()
    affine = np.array(grid.affine)
    affine[:3, 3] = index_to_lps(affine, (2, 1, 3))
    placement = place_volume(affine, (3, 4, 2), grid)
    assert placement.window((3, 4, 2)) == (slice(2, 5), slice(1, 5), slice(3, 5))


@pytest.mark.parametrize(
    ("turn", "found"),
    [
        (np.diag([1, 1, 0.5, 1]), "another size"),
        (np.diag([1, 1, 1.01, 1]), "between"),
        (make_affine((0.35, 0, 0), np.eye(3)), "between"),
        (make_affine((4, 0, 0), np.eye(3)), "beyond"),
        (make_affine((0, 0, 0), [[1, 1, 0], [-1, 1, 0], [0, 0, 1]]), "another size"),
    ],
)
def test_a_volume_that_does_not_fit_says_why(turn: np.ndarray, found: str) -> None:
    grid = oblique_grid()
    with pytest.raises(GeometryError, match=found):
        place_volume(grid.affine @ turn, SHAPE, grid)


def test_a_volume_is_not_placed_on_uneven_slices() -> None:
    grid = oblique_grid(slice_first_voxels(oblique_grid()))
    with pytest.raises(GeometryError, match="uneven"):
        place_volume(grid.affine, SHAPE, grid)


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("flips", list(itertools.product((1, -1), repeat=2)))
def test_frames_of_a_part_of_the_slices_in_any_order(swap: bool, flips: tuple[int, int]) -> None:
    grid = oblique_grid()
    wanted = np.random.default_rng(5).random((3, 4)) > 0.5
    y0, x0 = 2, 1
    frame = wanted[:: flips[0], :: flips[1]]
    first = (y0 + (2 if flips[0] < 0 else 0), x0 + (3 if flips[1] < 0 else 0))
    steps = np.column_stack([grid.affine[:3, 0] * flips[1], grid.affine[:3, 1] * flips[0]])
    if swap:
        frame, steps = frame.T, steps[:, ::-1]
    slices = [4, 0, 4, 6]
    positions = index_to_lps(grid.affine, [(k, *first) for k in slices])
    found, placement = place_planes(Planes(frame.shape, positions, steps), grid)
    assert found.tolist() == slices
    image = np.zeros(SHAPE[1:], bool)
    image[placement.window(frame.shape)] = placement.orient(frame)
    assert np.array_equal(image[y0 : y0 + 3, x0 : x0 + 4], wanted)
    assert image.sum() == wanted.sum()


def test_frames_on_uneven_and_sheared_slices() -> None:
    even = oblique_grid()
    shift = np.array([0, 1, 0, -1, 2, 0, 1])[:, None] * even.affine[:3, 2] * 0.2
    origins = slice_first_voxels(even) + shift + 0.3 * even.affine[:3, 0]
    grid = oblique_grid(origins)
    planes = Planes(SHAPE[1:], origins[[5, 1]], even.affine[:3, :2])
    assert place_planes(planes, grid)[0].tolist() == [5, 1]
    with pytest.raises(GeometryError, match=r"no slice|between"):
        place_planes(Planes(SHAPE[1:], origins[[5]], even.affine[:3, :2]), even)


@pytest.mark.parametrize(
    ("move", "found"),
    [
        ((0, 0, 0.4), "1 of 1 frames lie on no slice"),
        ((0.4, 0, 0), "between"),
        ((2, 0, 0), "beyond"),
    ],
)
def test_frames_that_do_not_fit_say_why(move: tuple[float, float, float], found: str) -> None:
    grid = oblique_grid()
    position = slice_first_voxels(grid)[[3]] + grid.affine[:3, :3] @ np.asarray(move)
    with pytest.raises(GeometryError, match=found):
        place_planes(Planes(SHAPE[1:], position, grid.affine[:3, :2]), grid)


def test_frames_of_another_pixel_size() -> None:
    grid = oblique_grid()
    planes = Planes((2, 2), slice_first_voxels(grid)[:1], grid.affine[:3, :2] * 2)
    with pytest.raises(GeometryError, match="another size"):
        place_planes(planes, grid)


def test_spacing_of_one_slice_and_of_many() -> None:
    assert slice_spacing(oblique_grid()) == pytest.approx(3)
    grid = Grid("one", (1, 4, 4), np.diag([1, 1, 2.5, 1]))
    assert slice_spacing(grid) == 2.5
