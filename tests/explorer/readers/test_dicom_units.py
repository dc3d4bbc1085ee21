from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence


def ten(files: list[Any]) -> list[Any]:
    return files[:10]


@pytest.mark.parametrize(
    ("kind", "units", "said"),
    [("HU", "HU", None), ("US", "1", "RescaleType"), ("MGML", "1", "RescaleType")],
)
def test_rescale_type_of_ct(
    sts: Path, dicom: Any, tmp_path: Path, kind: str, units: str, said: str | None
) -> None:
    def change(index: int, file: Any) -> None:
        file.RescaleType = kind

    draft = dicom.image(dicom.edit(sts / "STS_002" / "CT" / "image", tmp_path, change, ten))
    assert draft.units == units
    assert draft.units_reason is None if said is None else said in str(draft.units_reason)


def test_a_ct_without_rescale_is_no_hu(sts: Path, dicom: Any, tmp_path: Path) -> None:
    def change(index: int, file: Any) -> None:
        del file.RescaleSlope

    draft = dicom.image(dicom.edit(sts / "STS_002" / "CT" / "image", tmp_path, change, ten))
    assert draft.units == "1"
    assert "missing" in str(draft.units_reason)


def test_a_slope_of_zero(sts: Path, dicom: Any, tmp_path: Path) -> None:
    def change(index: int, file: Any) -> None:
        file.RescaleSlope = 0

    draft = dicom.image(dicom.edit(sts / "STS_002" / "CT" / "image", tmp_path, change, ten))
    assert (draft.units, draft.slope) == ("1", 1.0)
    assert "RescaleSlope is 0 in 10 slice(s): taken as 1" in draft.problems


def test_an_adc_map_that_names_no_unit(shared_data: Path, dicom: Any) -> None:
    draft = dicom.image(shared_data / "cmb_crc_msb06489_two_timepoints" / "SCAN_001")
    assert draft.units == "1"
    assert "ADC" in str(draft.units_reason)


def real_world(file: Any, unit: str, slope: float) -> None:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = unit, "UCUM", unit
    item = Dataset()
    item.RealWorldValueSlope, item.RealWorldValueIntercept = slope, 0.0
    item.add_new("RealWorldValueFirstValueMapped", "SS", 0)
    item.add_new("RealWorldValueLastValueMapped", "SS", 4095)
    item.LUTLabel, item.LUTExplanation = "x", "x"
    item.MeasurementUnitsCodeSequence = Sequence([code])
    file.RealWorldValueMappingSequence = Sequence([item])


def test_an_adc_map_with_a_real_world_mapping(
    shared_data: Path, dicom: Any, tmp_path: Path
) -> None:
    folder = shared_data / "qin_prostate_pcampmri00001_adc_seg" / "ADC"
    draft = dicom.image(
        dicom.edit(folder, tmp_path, lambda index, file: real_world(file, "mm2/s", 1e-6))
    )
    assert (draft.units, draft.units_reason) == ("mm2/s", None)
    assert draft.slope == pytest.approx(1e-6)
    plain = dicom.image(folder)
    assert (plain.units, plain.slope) == ("1", 1.0)
    np.testing.assert_allclose(draft.meta["window"], np.array(plain.meta["window"]) * 1e-6)


def test_a_mapping_to_no_units_changes_nothing(
    shared_data: Path, dicom: Any, tmp_path: Path
) -> None:
    folder = shared_data / "qin_prostate_pcampmri00001_adc_seg" / "ADC"
    draft = dicom.image(
        dicom.edit(folder, tmp_path, lambda index, file: real_world(file, "1", 7.0))
    )
    assert (draft.units, draft.slope) == ("1", 1.0)


def test_windows_follow_the_units(sts: Path, dicom: Any, tmp_path: Path) -> None:
    def change(index: int, file: Any) -> None:
        file.WindowCenter, file.WindowWidth = ["40", "300"], ["400", "1500"]

    draft = dicom.image(dicom.edit(sts / "STS_002" / "CT" / "image", tmp_path, change, ten))
    assert draft.meta["window"] == [[40.0, 400.0], [300.0, 1500.0]]
