from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, shift

from explorer.space import flip_ras_lps, spacing
from graphs.change_map import change_figure, change_map
from graphs.errors import FollowError
from graphs.register import Volume, even, register


def phantom(shape=(24, 40, 44), seed=3):
    rng = np.random.default_rng(seed)
    values = gaussian_filter(rng.normal(size=shape), 3) * 4000
    values[6:14, 10:24, 12:30] += 300
    return values.astype(np.float32)


def center(volume):
    middle = (np.array(volume.values.shape)[::-1] - 1) / 2
    return (volume.affine @ [*middle, 1])[:3]


def moved(values, affine, by, margin):
    """The same tissue moved by voxels ``(z, y, x)``, seen in a window that is cut at its edges."""
    cut = tuple(slice(n, -n) for n in margin)
    window = affine.copy()
    window[:3, 3] += affine[:3, :3] @ np.array(margin, float)[::-1]
    return Volume(shift(values, by, order=3, mode="nearest")[cut], window, name="moved")


@pytest.mark.parametrize("metric", ["mutual information", "correlation"])
def test_a_shift_is_recovered_on_an_oblique_grid(metric):
    turn = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]])
    affine = np.eye(4)
    affine[:3, :3] = turn * (1.5, 1.5, 3.0)
    affine[:3, 3] = (-30, 10, 100)
    fixed = Volume(phantom(), affine, name="fixed")
    by = (1.4, -2.3, 3.6)
    found = register(fixed, moved(fixed.values, affine, by, (3, 5, 5)), metric=metric)
    want = affine[:3, :3] @ np.array(by)[::-1]
    error = found.to_moving(center(fixed)) - center(fixed) - want
    assert np.linalg.norm(turn.T @ error / (1.5, 1.5, 3.0)) < 0.5
    assert found.trusted, found.reason
    assert found.after > found.before
    assert np.allclose(found.to_fixed(found.to_moving(center(fixed))), center(fixed))
    again = register(fixed, moved(fixed.values, affine, by, (3, 5, 5)), metric=metric)
    assert np.allclose(again.matrix, found.matrix, rtol=0, atol=1e-9)


@pytest.mark.slow
def test_shifted_ct_is_recovered_within_half_a_voxel(shared_data):
    import nibabel

    image = nibabel.load(shared_data / "totalsegmentator_ct" / "example_ct_sm.nii.gz")
    values = np.asarray(image.dataobj).T.astype(np.float32)
    affine = flip_ras_lps(image.affine)
    fixed, by = Volume(values, affine, name="ct"), (2.3, -3.6, 4.2)
    found = register(fixed, moved(values, affine, by, (5, 10, 10)))
    error = found.to_moving(center(fixed)) - center(fixed) - affine[:3, :3] @ np.array(by)[::-1]
    assert np.abs(error / np.array(spacing(affine))[::-1]).max() < 0.5
    assert found.trusted, found.reason


def test_what_does_not_fit_is_not_trusted():
    rng = np.random.default_rng(0)
    noise = [Volume(rng.normal(size=(16, 24, 24)), np.eye(4), name=str(n)) for n in range(2)]
    found = register(*noise)
    assert not found.trusted
    assert found.reason
    alone = register(*noise, check=False)
    assert not alone.trusted
    assert "other way round" in alone.reason


def test_uneven_slices_are_made_even():
    values = np.repeat(np.arange(10.0)[:, None, None], 9, 1).repeat(9, 2)
    heights = np.array([0, 1, 2, 3, 5, 7, 9, 10, 11, 12.0])
    origins = np.zeros((10, 3))
    origins[:, 2] = heights
    found = even(Volume(values, np.eye(4), origins))
    assert found.origins is None
    assert np.allclose(found.affine[:3, 2], (0, 0, 12 / 9))
    want = np.interp(np.arange(10) * 12 / 9, heights, np.arange(10.0))
    assert np.allclose(found.values[:, 4, 4], want, atol=1e-5)


def test_thin_flat_and_far_images_are_refused():
    good = Volume(phantom(), np.eye(4), name="good")
    with pytest.raises(FollowError, match="at least 8"):
        register(good, Volume(np.zeros((2, 40, 40)), np.eye(4)))
    far = np.eye(4)
    far[:3, 3] = 1e5
    with pytest.raises(FollowError, match="cannot be laid"):
        register(good, Volume(phantom(), far, name="far"))


@pytest.mark.slow
def test_change_map_shows_what_grew(visits, visit, ball_at):
    rng = np.random.default_rng(1)
    base = (gaussian_filter(rng.normal(size=(30, 80, 80)), 3) * 3000).astype(np.int16)
    grown = base.copy()
    grown[ball_at((15, 40, 52), 6)] += 400
    grown = shift(grown, (0, 2, -3), order=1, mode="nearest")
    patient = visits.patient("change", [
        visit("2020-01-01", values=base), visit("2020-03-01", values=grown),
    ])  # fmt: skip
    before, now = patient.images["img-0"], patient.images["img-1"]
    found = register(now, before, metric="correlation")
    assert found.trusted, found.reason
    change = change_map(now, before, found)
    assert change.dims == ("z", "y", "x")
    assert change.attrs["units"] == "HU"
    z, y, x = np.unravel_index(np.nanargmax(change.values), change.shape)
    assert np.linalg.norm(np.array((z, y, x)) - (15, 42, 49)) < 7
    assert np.nanmedian(np.abs(change.values)) < 15
    figure = change_figure(now, before, found)
    assert figure.axes[0].get_xlabel() == "x / mm"
    with pytest.raises(FollowError, match="The registration is of"):
        change_map(before, now, found)
