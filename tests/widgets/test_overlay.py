from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.patient import Patient
from explorer.space import resample_nearest
from widgets.chunk_cache import ChunkCache
from widgets.overlay import Overlay


def _ball(shape: tuple[int, int, int], centre: tuple[float, ...], radius: float) -> np.ndarray:
    grid = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), -1)
    return np.linalg.norm(grid - np.array(centre), axis=-1) <= radius


SHAPE = (12, 70, 80)


def test_overlapping_segments_stay_apart(
    made: Callable[..., Patient],
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
) -> None:
    masks = {"one": _ball(SHAPE, (5, 30, 30), 10), "two": _ball(SHAPE, (6, 34, 30), 8)}
    assert (masks["one"] & masks["two"]).any()
    ct = image_draft("ct", np.zeros(SHAPE, np.int16), np.eye(4))
    patient = made(ct, seg_draft("seg", masks, np.eye(4), "ct"))
    overlay = Overlay(patient.images["ct"], [patient.segmentations["seg"]], ChunkCache())
    assert [s.key for s in overlay.segments] == ["one", "two"]
    for k, mask in enumerate(masks.values()):
        for axis, index in ((0, 5), (1, 33), (2, 30)):
            found = overlay.plane(k, axis, index)
            np.testing.assert_array_equal(found, np.take(mask, index, axis=axis))
    assert overlay.plane(0, 2, 79) is None


def test_the_same_name_in_two_segmentations(
    made: Callable[..., Patient],
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
) -> None:
    mask = _ball(SHAPE, (5, 30, 30), 4)
    patient = made(
        image_draft("ct", np.zeros(SHAPE, np.int16), np.eye(4)),
        seg_draft("seg-a", {"GTV": mask}, np.eye(4), "ct"),
        seg_draft("seg-b", {"GTV": mask}, np.eye(4), "ct"),
    )
    overlay = Overlay(patient.images["ct"], list(patient.segmentations.values()), ChunkCache())
    first, second = overlay.segments
    assert (first.key, second.key) == ("GTV [seg-a]", "GTV [seg-b]")
    assert np.linalg.norm(np.subtract(first.color, second.color)) >= 60, "told apart by colour"


def test_a_fraction_of_one_half_is_in(
    made: Callable[..., Patient],
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
) -> None:
    fraction = np.zeros(SHAPE, np.uint8)
    fraction[5, 10, :3] = (99, 100, 200)
    patient = made(
        image_draft("ct", np.zeros(SHAPE, np.int16), np.eye(4)),
        seg_draft("seg", {"lung": fraction}, np.eye(4), "ct", fraction_max=200),
    )
    overlay = Overlay(patient.images["ct"], [patient.segmentations["seg"]], ChunkCache())
    found = overlay.plane(0, 0, 5)
    assert found is not None
    assert np.argwhere(found).tolist() == [[10, 1], [10, 2]]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_another_grid_is_looked_up_like_the_whole_volume(
    made: Callable[..., Patient],
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
    axis: int,
) -> None:
    angle = np.radians(25)
    c, s = np.cos(angle), np.sin(angle)
    own = np.array([[1.5 * c, -s, 0, 4], [1.5 * s, c, 0, -8], [0, 0, 2.0, -3], [0, 0, 0, 1]])
    mask = _ball((9, 60, 50), (4, 25, 22), 12)
    patient = made(
        image_draft("ct", np.zeros(SHAPE, np.int16), np.eye(4)),
        seg_draft("seg", {"GTV": mask}, own, None),
    )
    overlay = Overlay(patient.images["ct"], [patient.segmentations["seg"]], ChunkCache())
    whole = resample_nearest(mask, own, np.eye(4), SHAPE, False)
    assert whole.any()
    for k in range(SHAPE[axis]):
        found = overlay.plane(0, axis, k)
        expected = np.take(whole, k, axis=axis)
        assert (found is None) == (not expected.any())
        if found is not None:
            np.testing.assert_array_equal(found, expected)


def test_the_contour_of_the_ct_on_the_pet(sarcoma: Patient) -> None:
    """Both series share a frame of reference; the two GTVs are of one tumour."""
    pet = sarcoma.images["PT"]
    segs = sarcoma.segmentations
    on_ct = next(s for s in segs.values() if s.image == sarcoma.images["CT"].id)
    on_pet = next(s for s in segs.values() if s.image == pet.id)
    overlay = Overlay(pet, [on_ct, on_pet], ChunkCache())
    k = overlay.middle(1)
    assert k is not None
    a, b = (overlay.plane(n, 0, k[0]) for n in (0, 1))
    assert a is not None
    assert b is not None
    assert 2 * (a & b).sum() / (a.sum() + b.sum()) > 0.7


def test_middle_is_inside_of_the_segment(sarcoma: Patient) -> None:
    image = sarcoma.images["CT"]
    seg = next(s for s in sarcoma.segmentations.values() if s.image == image.id)
    overlay = Overlay(image, [seg], ChunkCache())
    middle = overlay.middle(0)
    assert middle is not None
    mask = seg.mask(seg.labels[0]).values
    assert mask[middle]
    assert mask[middle[0]].sum() == mask.sum(axis=(1, 2)).max()


def test_many_segments_of_one_colour_do_not_look_alike(
    made: Callable[..., Patient],
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
) -> None:
    shape = (2, 3, 4)
    masks = {f"s{k}": np.zeros(shape, bool) for k in range(60)}
    draft = seg_draft("seg", masks, np.eye(4), "ct")
    for segment in draft.segments:
        segment.color = (255, 0, 0)
    patient = made(image_draft("ct", np.zeros(shape, np.int16), np.eye(4)), draft)
    overlay = Overlay(patient.images["ct"], [patient.segmentations["seg"]], ChunkCache())
    colors = [s.color for s in overlay.segments]
    assert colors[0] == (255, 0, 0)
    assert len(set(colors)) == 60
    assert all(
        np.linalg.norm(np.subtract(a, b)) >= 60
        for a, b in zip(colors[1:], colors[:-1], strict=True)
    )
