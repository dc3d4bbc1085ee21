from __future__ import annotations

from collections import Counter

import numpy as np

from explorer.draft import Grid
from explorer.readers.contour_planes import (
    Slices,
    contours_fit,
    plan_contours,
    rasterise_contours,
)
from explorer.readers.place import slice_first_voxels
from explorer.space import FloatArray, make_affine

TURN = np.linalg.qr(np.random.default_rng(8).normal(size=(3, 3)))[0]
SQUARE = np.array([(2.5, 2.5), (2.5, 6.5), (6.5, 6.5), (6.5, 2.5)])


def grid(depths: list[float] | None = None) -> Grid:
    """Oblique; six slices of 2.5 mm, or at `depths` mm."""
    affine = make_affine((10, -20, 30), TURN @ np.diag([0.7, 0.9, 2.5]))
    origins = None
    if depths:
        origins = affine[:3, 3] + np.outer(depths, affine[:3, 2] / 2.5)
    return Grid("image", (6, 12, 14), affine, origins)


def outline(image: Grid, depth: float, pixels: FloatArray = SQUARE) -> FloatArray:
    """Points in mm of an outline ``(y, x)`` in pixels, `depth` mm from the first slice."""
    start = slice_first_voxels(image)[0] + depth * image.affine[:3, 2] / 2.5
    return np.asarray(start + pixels[:, ::-1] @ image.affine[:3, :2].T)


def test_points_become_pixels() -> None:
    slices = Slices.of(grid())
    assert np.allclose(slices.pixels(outline(grid(), 5.0), 2), SQUARE)


def test_a_mask_of_two_slices() -> None:
    contours = [outline(grid(), 0), outline(grid(), 10)]
    contours.append(outline(grid(), 10, np.add(SQUARE, (0, 6))))
    mask, left_out = rasterise_contours(contours, Slices.of(grid()))
    assert mask.sum(axis=(1, 2)).tolist() == [16, 0, 0, 0, 32, 0]
    assert mask[0, 3:7, 3:7].all()
    assert not left_out


def test_half_a_spacing_is_the_limit() -> None:
    slices = Slices.of(grid())
    for depth, fate in ((-1.2, "in"), (-1.3, "out"), (13.7, "in"), (13.8, "out")):
        planes, left_out = plan_contours([outline(grid(), depth)], slices)
        assert bool(planes) == (fate == "in")
        assert left_out == (Counter() if fate == "in" else Counter({"on no slice": 1}))


def test_uneven_slices() -> None:
    uneven = grid([0, 2.5, 5, 7.5, 17.5, 20])
    contours = [outline(uneven, 17.5), outline(uneven, 12.5)]  # the second in the gap of 10 mm
    planes, left_out = plan_contours(contours, Slices.of(uneven))
    assert planes == {4: [0]}
    assert left_out == {"on no slice": 1}


def test_contours_finer_than_the_slices_do_not_cut_each_other() -> None:
    contours = [outline(grid(), depth) for depth in (4.2, 5.0, 5.8)]
    mask, left_out = rasterise_contours(contours, Slices.of(grid()))
    assert mask[2].sum() == 16
    assert left_out == {"between the slices, whose slice has a nearer one": 2}


def test_a_tilted_contour_is_left_out() -> None:
    tilted = np.vstack([outline(grid(), 0)[:2], outline(grid(), 10)[2:]])
    planes, left_out = plan_contours([tilted], Slices.of(grid()))
    assert not planes
    assert left_out == {"not parallel to the slices": 1}


def test_which_images_contours_fit() -> None:
    slices = Slices.of(grid())
    inside = [outline(grid(), depth) for depth in np.arange(6) * 2.5]
    assert contours_fit(inside, slices)
    assert not contours_fit([], slices)
    assert not contours_fit([*inside, outline(grid(), 40)], slices)
    assert not contours_fit([outline(grid(), 5, SQUARE + 100)], slices)
