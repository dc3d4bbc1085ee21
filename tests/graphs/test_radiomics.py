"""Against pyradiomics' published baseline of its test case brain1 (BSD-3, AIM-Harvard)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from explorer.store import Store
from graphs.errors import MeasureError
from graphs.measure import measure
from graphs.radiomics import first_order_features, shape_features

# data/baseline/baseline_shape.csv and baseline_firstorder.csv at 8ed57938, column brain1
SHAPE = {
    "MeshVolume": 16149.4954427, "VoxelVolume": 16412.658691406243, "SurfaceArea": 6433.7343171,
    "SurfaceVolumeRatio": 0.398386088279, "Sphericity": 0.480242186182,
    "Maximum3DDiameter": 69.6009903059, "Maximum2DDiameterSlice": 53.5939777692,
    "Maximum2DDiameterColumn": 49.4908549791, "Maximum2DDiameterRow": 65.8890595172,
    "MajorAxisLength": 61.99722046980879, "MinorAxisLength": 34.849701666854706,
    "LeastAxisLength": 28.584423185376522, "Elongation": 0.5621171627174109,
    "Flatness": 0.46105975346582634,
}  # fmt: skip
FIRST_ORDER = {
    "InterquartileRange": 253.0, "Skewness": 0.27565085908587594,
    "Uniformity": 0.045156963555862184, "Median": 812.0, "Energy": 33122817481.0,
    "RobustMeanAbsoluteDeviation": 103.00138343026681,
    "MeanAbsoluteDeviation": 133.44726195252767, "TotalEnergy": 131407662125.54922,
    "Maximum": 1266.0, "RootMeanSquared": 2829.5728210757125, "90Percentile": 1044.4,
    "Minimum": 468.0, "Entropy": 4.601935553903797, "Range": 798.0,
    "Variance": 24527.07920837261, "10Percentile": 632.0, "Kurtosis": 2.1807729393860265,
    "Mean": 825.2354363065023,
}  # fmt: skip


@pytest.fixture(scope="module")
def brain(bundled: Callable[[str], Store]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    (name,) = list(store := bundled("pyradiomics-brain1"))
    patient = store[name]
    (image,), (seg,) = patient.images.values(), patient.segmentations.values()
    return np.asarray(image.data), np.asarray(seg.mask("label 1")), image.affine


def test_shape(brain: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    _, mask, affine = brain
    found = shape_features(mask, affine)
    assert found.keys() == SHAPE.keys()
    assert found["VoxelVolume"] == pytest.approx(SHAPE["VoxelVolume"], rel=1e-9)
    # faces of the mesh that can be cut in two ways are cut otherwise than in pyradiomics
    meshed = ("MeshVolume", "SurfaceArea", "SurfaceVolumeRatio", "Sphericity")
    for name, value in SHAPE.items():
        assert found[name] == pytest.approx(value, rel=0.003 if name in meshed else 1e-6), name
    own = measure(mask, affine=affine)
    assert own.volume_mm3 == pytest.approx(SHAPE["VoxelVolume"], rel=1e-9)
    assert own.extent_3d_mm == pytest.approx(SHAPE["Maximum3DDiameter"], rel=1e-6)


def test_first_order(brain: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    values, mask, affine = brain
    found = first_order_features(values, mask, affine, shift=2000)
    assert found.keys() - FIRST_ORDER.keys() == {"StandardDeviation"}
    for name, value in FIRST_ORDER.items():
        assert found[name] == pytest.approx(value, rel=1e-6), name


def test_a_flat_region_and_one_voxel() -> None:
    mask = np.zeros((3, 3, 3), bool)
    mask[1, 1, 1] = True
    flat = first_order_features(np.full(mask.shape, 7), mask, np.eye(4))
    assert (flat["Kurtosis"], flat["Entropy"], flat["Uniformity"]) == (0, 0, 1)
    one = shape_features(mask, np.diag([1.0, 1.0, 2.0, 1.0]))
    assert one["Maximum3DDiameter"] == pytest.approx(2)
    assert one["Elongation"] == 0
    with pytest.raises(MeasureError, match="empty"):
        shape_features(~np.ones((2, 2, 2), bool), np.eye(4))
    with pytest.raises(MeasureError, match="finite"):
        first_order_features(np.full(mask.shape, np.nan), mask, np.eye(4))


def test_the_baseline_files(shared_data: Path) -> None:
    """The numbers above are those of the files, where they are here."""
    folder = shared_data / "pyradiomics_nrrd" / "baseline"
    for kind, mine in (("shape", SHAPE), ("firstorder", FIRST_ORDER)):
        with (folder / f"baseline_{kind}.csv").open(newline="") as file:
            rows = {row["featureName"]: row["brain1"] for row in csv.DictReader(file)}
        for name, value in mine.items():
            assert float(rows[f"original_{kind}_{name}"]) == value
