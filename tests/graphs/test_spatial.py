"""Spatial relations of hand-made masks, to the millimetre."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.errors import GeometryError
from graphs.edge import Edge
from graphs.spatial import opposite, spatial_relations

SHAPE = (12, 14, 16)
# 2 mm along z, 1.5 along y, 1 along x: x grows to the left, y to the back, z to the head
AFFINE = np.diag([1.0, 1.5, 2.0, 1.0])


def _block(z: slice, y: slice, x: slice) -> NDArray[np.bool_]:
    made = np.zeros(SHAPE, bool)
    made[z, y, x] = True
    return made


A = _block(slice(2, 5), slice(3, 6), slice(2, 5))


def _by_kind(masks: dict[str, NDArray[np.bool_]], affine: object = AFFINE) -> dict[str, Edge]:
    found = spatial_relations(masks, affine, within_mm=50)  # type: ignore[arg-type]
    assert len({edge.kind for edge in found}) == len(found)
    return {edge.kind: edge for edge in found}


def test_blocks_apart() -> None:
    b = _block(slice(2, 5), slice(3, 6), slice(9, 12))
    found = _by_kind({"a": A, "b": b})
    assert set(found) == {"right_of", "distance"}
    assert found["right_of"].number == 7.0  # centroids, 7 voxels of 1 mm
    assert found["right_of"].detail == {"probability": 1.0}
    assert found["distance"].number == 5.0  # voxel 4 to voxel 9
    other = _by_kind({"b": b, "a": A})
    assert set(other) == {"left_of", "distance"}


@pytest.mark.parametrize(
    ("z", "y", "x", "kind", "apart"),
    [
        (slice(8, 11), slice(3, 6), slice(2, 5), "below", 12.0),
        (slice(2, 5), slice(9, 12), slice(2, 5), "anterior_to", 9.0),
        (slice(2, 5), slice(3, 6), slice(8, 11), "right_of", 6.0),
    ],
)
def test_each_axis(z: slice, y: slice, x: slice, kind: str, apart: float) -> None:
    found = _by_kind({"a": A, "b": _block(z, y, x)})
    assert set(found) == {kind, "distance"}
    assert found[kind].number == apart
    assert opposite(opposite(kind) or "") == kind


def test_axes_are_the_patient_s_not_the_array_s() -> None:
    flipped = np.diag([-1.0, 1.5, 2.0, 1.0])  # x grows to the right
    b = _block(slice(2, 5), slice(3, 6), slice(9, 12))
    assert "left_of" in _by_kind({"a": A, "b": b}, flipped)
    turned = np.array([[0, 0, 2.0, 0], [1.0, 0, 0, 0], [0, 1.5, 0, 0], [0, 0, 0, 1]])
    assert "anterior_to" in _by_kind({"a": A, "b": b}, turned)


def test_contact_and_its_area() -> None:
    b = _block(slice(2, 5), slice(3, 6), slice(5, 8))
    found = _by_kind({"a": A, "b": b})
    assert set(found) == {"right_of", "adjacent", "distance"}
    assert found["adjacent"].number == 9 * 1.5 * 2.0
    assert found["distance"].number == 1.0
    corner = _block(slice(5, 8), slice(6, 8), slice(5, 8))
    found = _by_kind({"a": A, "b": corner})
    assert "adjacent" not in found  # corners touch, faces do not
    assert found["distance"].number == pytest.approx(np.sqrt(1 + 1.5**2 + 4))


def test_inside_and_overlap() -> None:
    small = _block(slice(3, 4), slice(4, 5), slice(3, 4))
    found = _by_kind({"small": small, "a": A})
    assert set(found) == {"inside", "distance"}
    assert found["inside"] == Edge("inside", "small", "a", 1.0)
    assert found["distance"].number == 0.0
    found = _by_kind({"a": A, "small": small})
    assert (found["inside"].tail, found["inside"].head) == ("small", "a")
    b = _block(slice(2, 5), slice(3, 6), slice(4, 7))
    found = _by_kind({"a": A, "b": b})
    assert found["overlaps"].number == pytest.approx(9 * 3.0)
    # nine of nine voxels to the right, or level with one another: 8 / 9 + 1 / 18
    assert found["right_of"].detail["probability"] == pytest.approx(8 / 9 + 1 / 18)
    same = spatial_relations({"a": A, "b": A}, AFFINE)
    assert sorted(edge.kind for edge in same) == ["distance", "inside", "inside"]


def test_uneven_slices_keep_their_positions() -> None:
    origins = np.stack([np.zeros(12), np.zeros(12), np.cumsum(np.arange(12.0))], axis=1)
    a, b = (
        _block(slice(1, 2), slice(0, 1), slice(0, 1)),
        _block(slice(4, 5), slice(0, 1), slice(0, 1)),
    )
    found = {
        edge.kind: edge for edge in spatial_relations({"a": a, "b": b}, AFFINE, origins=origins)
    }
    assert found["distance"].number == 9.0  # from 1 mm to 10 mm
    assert found["below"].number == 9.0


def test_far_masks_have_a_side_and_no_distance() -> None:
    b = _block(slice(2, 5), slice(3, 6), slice(13, 16))
    kinds = {edge.kind for edge in spatial_relations({"a": A, "b": b}, AFFINE, within_mm=5)}
    assert kinds == {"right_of"}


def test_random_masks_by_brute_force() -> None:
    random = np.random.default_rng(0)
    for _ in range(5):
        a = random.random((4, 5, 6)) < 0.1
        b = (random.random((4, 5, 6)) < 0.1) & ~a
        if not a.any() or not b.any():
            continue
        found = {e.kind: e for e in spatial_relations({"a": a, "b": b}, AFFINE, mostly=0.0)}
        step = np.array([2.0, 1.5, 1.0])
        p, q = np.argwhere(a) * step, np.argwhere(b) * step
        gaps = p[:, None] - q[None]
        assert found["distance"].number == pytest.approx(np.linalg.norm(gaps, axis=-1).min())
        more = ((gaps[..., 2] > 0) + (gaps[..., 2] == 0) / 2).mean()
        side = found.get("left_of") or found["right_of"]
        assert side.detail["probability"] == pytest.approx(max(more, 1 - more))


def test_masks_that_do_not_fit() -> None:
    with pytest.raises(GeometryError):
        spatial_relations({"a": A, "b": A[1:]}, AFFINE)
    assert spatial_relations({"a": A, "b": np.zeros(SHAPE, bool)}, AFFINE) == []
    assert spatial_relations({"a": A, "b": A}, AFFINE, pairs=[("a", "a"), ("a", "x")]) == []
