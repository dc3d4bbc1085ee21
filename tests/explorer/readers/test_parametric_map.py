"""Parametric maps go through the reader of images (`explorer.readers.dicom`)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.sr.codedict import codes

import explorer
from explorer.ingest import ingest
from explorer.verify import verify

MAP = Path(__file__).parents[2] / "data" / "dicom" / "parametric_map_float.dcm"


def make(source: list[Any], pixels: Any, mappings: list[Any], **more: Any) -> Any:
    """A map made by highdicom on the real ADC series; its values are made up."""
    for image in source:
        image.PatientName = "PCAMPMRI-00001^"
        image.ImageOrientationPatient = source[0].ImageOrientationPatient
    return hd.pm.ParametricMap(
        source, pixels, hd.UID(), 1, hd.UID(), 1, "maker", "model", "1", "1",
        contains_recognizable_visual_features=False, real_world_value_mappings=mappings,
        voi_lut_transformations=[hd.VOILUTTransformation(0.5, 1.0)], **more,
    )  # fmt: skip


def mapping(label: str, unit: Any, slope: float = 1.0, whole: bool = False) -> Any:
    return hd.pm.RealWorldValueMapping(
        lut_label=label, lut_explanation=f"{label} made up", unit=unit,
        value_range=(0, 1000) if whole else (0.0, 1000.0),
        slope=slope, intercept=0.5,
    )  # fmt: skip


def test_a_real_float_map(dicom: Any) -> None:
    draft = dicom.image([MAP])
    expected = pydicom.dcmread(MAP).pixel_array
    assert (draft.modality, draft.shape, draft.dtype) == ("PM", (1, 128, 128), np.dtype("<f4"))
    assert draft.name == "feature_001"
    assert draft.meta["quantity"] == "feature_001"
    assert draft.units == "1"
    assert draft.units_reason is None
    assert np.array_equal(draft.load()[0], expected)
    assert draft.frames is not None
    assert draft.affine[0, 0] == pytest.approx(0.661468)
    assert draft.frame_of_reference == "1.3.6.1.4.1.5962.1.4.1.1.20040119072730.12322"


@pytest.mark.parametrize("copy", [False, True], ids=["by reference", "copied"])
def test_in_the_store(copy: bool, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(MAP, folder)
    ingest(folder, tmp_path / "s.onco", copy=copy)
    store = explorer.open(tmp_path / "s.onco")
    assert verify(store).ok
    image = store["1CT1"].images["PM"]
    assert image.value_dtype == np.float32
    assert np.array_equal(image.data.values[0], pydicom.dcmread(MAP).pixel_array)
    assert "data:image/png" in store["1CT1"]._repr_html_()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint16])
def test_values_are_mapped_and_have_the_unit(
    dicom: Any, adc_files: list[Any], tmp_path: Path, dtype: Any
) -> None:
    stored = np.random.default_rng(5).integers(0, 900, (len(adc_files), 256, 256)).astype(dtype)
    made = make(
        adc_files,
        stored,
        [mapping("ADC", codes.UCUM.SquareMillimeterPerSecond, 2.0, dtype == np.uint16)],
    )
    made.save_as(tmp_path / "map.dcm")
    draft = dicom.image([tmp_path / "map.dcm"])
    assert draft.units == "mm2/s"
    assert (draft.slope, draft.intercept) == (2.0, 0.5)
    assert draft.dtype == np.dtype(dtype)
    grid = dicom.image(_saved(adc_files, tmp_path)).grid
    assert np.allclose(draft.affine, grid.affine, atol=1e-3)
    assert np.array_equal(draft.load(), stored)


def test_two_quantities_are_two_images(dicom: Any, adc_files: list[Any], tmp_path: Path) -> None:
    values = np.random.default_rng(6).random((len(adc_files), 256, 256, 2)).astype(np.float32)
    maps = [[mapping("Ktrans", codes.UCUM.NoUnits)], [mapping("ve", codes.UCUM.NoUnits)]]
    make(adc_files, values, maps).save_as(tmp_path / "map.dcm")
    reading = dicom.read([tmp_path / "map.dcm"])
    found = {draft.meta["quantity"]: draft for draft in reading.drafts}
    assert set(found) == {"Ktrans made up", "ve made up"}
    for k, name in enumerate(("Ktrans made up", "ve made up")):
        assert found[name].shape == (len(adc_files), 256, 256)
        assert np.array_equal(found[name].load(), values[..., k])


def _saved(files: list[Any], folder: Path) -> Path:
    target = folder / "adc"
    target.mkdir()
    for index, image in enumerate(files):
        image.save_as(target / f"{index}.dcm")
    return target
