"""A projected mask is 'any along the ray', and a ray lists what it passes through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import explorer
from explorer.draft import Code, ImageDraft, SegmentationDraft, SegmentDraft
from explorer.errors import NotFoundError
from graphs.errors import ProjectionError
from graphs.project import project
from graphs.project_masks import project_masks
from graphs.projected_segmentation import projected_segmentation
from graphs.structures import Structures
from graphs.structures_along import structures_along

SHAPE = (8, 10, 12)
AFFINE = np.array([[1, 0, 0, -6], [0, 1.5, 0, -7], [0, 0, 2, 30], [0, 0, 0, 1]], float)
# x grows to the patient's left, y to the back
MASKS = {
    "lung_left": (slice(1, 6), slice(2, 7), slice(7, 11)),
    "lung_right": (slice(1, 6), slice(2, 7), slice(1, 5)),
    "heart": (slice(2, 4), slice(4, 9), slice(4, 8)),  # overlaps both
    "spleen": (slice(0, 1), slice(3, 4), slice(3, 4)),
}


def _mask(label: str) -> NDArray[np.bool_]:
    found = np.zeros(SHAPE, bool)
    found[MASKS[label]] = True
    return found


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> explorer.Patient:
    folder = tmp_path_factory.mktemp("masks")
    store = explorer.open(folder / "patients.onco", create=True)
    hu = np.random.default_rng(1).integers(-1000, 1000, SHAPE).astype(np.int16)
    labels = list(MASKS)
    shared: dict[str, Any] = {"affine": AFFINE, "sources": [], "synthetic": True,
                              "frame_of_reference": "1.2"}  # fmt: skip
    image = ImageDraft(
        item="ct-1", modality="CT", name="phantom", dims=("z", "y", "x"), shape=SHAPE,
        dtype=hu.dtype, load=lambda: hu, units="HU", **shared,
    )  # fmt: skip
    seg = SegmentationDraft(
        item="seg-1", modality="SEG", name="phantom", shape=SHAPE, image="ct-1",
        segments=[SegmentDraft(n, name, Code(str(n), "99X", name))
                  for n, name in enumerate(labels, 1)],
        load=lambda i: _mask(labels[i]), **shared,
    )  # fmt: skip
    with store.transaction("phantom") as t:
        key = t.patient("phantom")
        t.put(key, image)
        t.put(key, seg)
    return store[key]


def test_along_an_axis_it_is_exactly_any(patient: explorer.Patient) -> None:
    of = Structures.of(patient.segmentations["seg-1"])
    assert len(of.maps) == 2  # the heart overlaps the lungs
    expected = {
        "AP": lambda m: m.any(axis=1)[::-1],
        "LL": lambda m: m.any(axis=2)[::-1],
        "RL": lambda m: m.any(axis=2)[::-1, ::-1],
        "back": lambda m: m.any(axis=1)[::-1, ::-1],
    }
    for view, any_along in expected.items():
        made = project(patient.images["ct-1"], 180.0 if view == "back" else view)
        masks = project_masks(made, of)
        assert masks.dims == ("label", "y", "x")
        for label in MASKS:
            np.testing.assert_array_equal(masks.sel(label=label), any_along(_mask(label)), view)


def test_the_left_lung_lies_left_in_the_patient_and_right_in_the_picture(
    patient: explorer.Patient,
) -> None:
    for geometry in ("parallel", "cone"):
        made = project(patient.images["ct-1"], "frontal", geometry, source_mm=200, detector_mm=250)  # type: ignore[arg-type]
        masks = project_masks(made, patient.segmentations["seg-1"])
        left, right = (float(masks.x.where(masks.sel(label=f"lung_{side}")).mean())
                       for side in ("left", "right"))  # fmt: skip
        assert left > 0 > right
        assert made.frame.points([0, left])[0] > made.frame.points([0, right])[0]  # LPS: +x is left


def test_elsewhere_it_is_where_the_picture_of_the_mask_is_not_empty(
    patient: explorer.Patient,
) -> None:
    """The same rays as those of the picture: a mask of water in a vacuum gives its shadow."""
    from graphs.line_integrals import line_integrals

    ct = patient.images["ct-1"]
    for view, geometry in (((33.0, 12.0), "parallel"), ("PA", "cone"), (70.0, "cone")):
        made = project(ct, view, geometry, source_mm=100, detector_mm=140, pixel_mm=0.7)  # type: ignore[arg-type]
        masks = project_masks(made, patient.segmentations["seg-1"])
        for label in MASKS:
            water = np.where(_mask(label), 0, -1000).astype(np.int16)
            shadow = line_integrals(water, made.grid, made.frame)
            np.testing.assert_array_equal(masks.sel(label=label), shadow > 1e-6)


def test_a_pixel_lists_its_structures_in_the_order_of_the_ray(patient: explorer.Patient) -> None:
    seg = patient.segmentations["seg-1"]
    ct = patient.images["ct-1"]
    # z = 2 is row 5 from the top; x = 7 is in the left lung and in the heart
    ap = structures_along(project(ct, "AP"), seg, (5, 7))
    assert ap["label"].tolist() == ["lung_left", "heart"]
    np.testing.assert_allclose(ap["path_mm"], [5 * 1.5, 5 * 1.5])
    middle = -7 + 1.5 * 4.5
    np.testing.assert_allclose(ap["enter_mm"] + middle, [-7 + 1.5 * 1.5, -7 + 1.5 * 3.5])
    pa = structures_along(project(ct, "PA"), seg, (5, 7))
    assert pa["label"].tolist() == ["heart", "lung_left"]
    np.testing.assert_allclose(pa["enter_mm"], -ap["leave_mm"][::-1])
    # a left lateral comes in from the right
    assert structures_along(project(ct, "LL"), seg, (5, 5))["label"].tolist() == [
        "lung_right", "heart", "lung_left",
    ]  # fmt: skip
    assert structures_along(project(ct, "AP"), seg, (0, 0)).empty
    with pytest.raises(ProjectionError, match="outside"):
        structures_along(project(ct, "AP"), seg, (8, 0))


def test_paths_along_an_oblique_ray_add_up_to_the_line_integral(patient: explorer.Patient) -> None:
    from graphs.attenuation import MU_WATER
    from graphs.line_integrals import line_integrals

    ct = patient.images["ct-1"]
    for geometry in ("parallel", "cone"):
        made = project(ct, (25.0, 10.0), geometry, source_mm=100, detector_mm=140)  # type: ignore[arg-type]
        water = np.where(_mask("heart"), 0, -1000).astype(np.int16)
        shadow = line_integrals(water, made.grid, made.frame) / MU_WATER
        y, x = np.unravel_index(shadow.argmax(), shadow.shape)
        found = structures_along(made, patient.segmentations["seg-1"], (int(y), int(x)))
        paths = found.loc[found["label"] == "heart", "path_mm"]
        np.testing.assert_allclose(paths.sum(), shadow[y, x], rtol=1e-5)
        assert found["enter_mm"].is_monotonic_increasing


def test_masks_on_the_picture_are_kept_with_what_they_were_made_from(
    patient: explorer.Patient,
) -> None:
    made = project(patient.images["ct-1"], "frontal")
    seg = patient.segmentations["seg-1"]
    with patient.store.transaction("DRR") as t:
        t.put(patient.key, made.draft())
        t.put(patient.key, projected_segmentation(made, seg))
    newer = patient.store[patient.key]
    kept = next(one for one in newer.segmentations.values() if one.image == made.item)
    assert kept.labels == list(MASKS)
    assert kept.synthetic
    assert kept.codes["heart"] == seg.codes["heart"]
    assert kept.meta["made_from"] == str(seg.address)
    np.testing.assert_array_equal(kept.mask("heart")[0], _mask("heart").any(axis=1)[::-1])
    with pytest.raises(NotFoundError):
        projected_segmentation(made, seg, ["liver"])


def test_the_figure_has_mm_letters_masks_and_boxes(patient: explorer.Patient) -> None:
    made = project(patient.images["ct-1"], "LL")
    masks = project_masks(made, patient.segmentations["seg-1"])
    figure = made.figure(masks=masks, boxes={"$box$ <b>": (1.0, 4.0, 2.0, 6.0)})
    axes = figure.axes[0]
    assert axes.get_xlabel() == "mm"
    assert {text.get_text() for text in axes.texts} == {"A", "P", "H", "F"}
    figure.canvas.draw()
