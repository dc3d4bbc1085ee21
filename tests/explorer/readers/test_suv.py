from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.readers.pet_tags import PetTags
from explorer.readers.suv import suv

# An FDG scan of 70 kg and 400 MBq, an hour after the injection. Made up.
TAGS = PetTags(
    units="BQML",
    decay_correction="START",
    corrected=("ATTN", "DECY", "SCAT"),
    series_date="20200102",
    series_time="110000",
    acquisition_date="20200102",
    acquisition_time="110000",
    weight_kg=70.0,
    weight_text="70",
    dose_bq=4e8,
    dose_text="400000000",
    half_life_s=6588.0,
    half_life_text="6588",
    injection_time="100000",
    nuclide=("C-111A1", "18F"),
    injections=1,
)


def hand_factor(weight_kg: float, dose: float, seconds: float, half_life: float) -> float:
    """SUVbw per Bq/ml, from its definition."""
    return weight_kg * 1000 / (dose * math.exp(-math.log(2) * seconds / half_life))


def test_start_decays_the_dose_to_the_scan() -> None:
    found = suv([TAGS, TAGS])
    assert found.units == "SUVbw"
    assert found.reason is None
    assert found.factor is not None
    np.testing.assert_allclose(found.factor, [hand_factor(70, 4e8, 3600, 6588)] * 2, rtol=1e-12)
    assert found.provenance["decay_s"] == 3600


def test_admin_takes_the_dose_as_it_was_given() -> None:
    found = suv([replace(TAGS, decay_correction="ADMIN")])
    assert found.factor is not None
    np.testing.assert_allclose(found.factor, [70_000 / 4e8])


def test_an_injection_before_midnight() -> None:
    late = replace(TAGS, series_time="003000", acquisition_time="003000", injection_time="233000")
    found = suv([late])
    assert found.factor is not None
    np.testing.assert_allclose(found.factor, [hand_factor(70, 4e8, 3600, 6588)])


def test_a_datetime_in_another_time_zone() -> None:
    zoned = replace(TAGS, injection_datetime="20200102090000.00+0000", timezone="+0100")
    found = suv([zoned])
    assert found.provenance["decay_s"] == 3600


def test_gml_passes_unchanged() -> None:
    found = suv([replace(TAGS, units="GML", weight_kg=None, dose_bq=None)])
    assert (found.factor, found.units, found.reason) == (None, "SUVbw", None)
    lean = suv([replace(TAGS, units="GML", suv_type="LBM")])
    assert (lean.factor, lean.units) == (None, "SUVlbm")
    assert "LBM" in str(lean.reason)


def test_philips_counts() -> None:
    counts = replace(TAGS, units="CNTS", philips_suv=0.0005)
    other = replace(counts, philips_suv=0.0007)
    found = suv([counts, other])
    assert found.factor is not None
    assert found.factor.tolist() == [0.0005, 0.0007]
    activity = suv([replace(TAGS, units="CNTS", philips_activity=2.0)])
    assert activity.factor is not None
    np.testing.assert_allclose(activity.factor, [2 * hand_factor(70, 4e8, 3600, 6588)])
    none = suv([replace(TAGS, units="CNTS", philips_suv=0.0)])
    assert (none.factor, none.units) == (None, "CNTS")
    assert "7053" in str(none.reason)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight_kg": None, "weight_text": None}, "PatientWeight (0010,1030) is missing"),
        ({"weight_kg": 0.0, "weight_text": "0"}, "PatientWeight (0010,1030) is 0."),
        ({"weight_kg": -3.0, "weight_text": "-3"}, "PatientWeight (0010,1030) is -3"),
        ({"weight_kg": 70_000.0, "weight_text": "70000"}, "up to 500 kg"),
        ({"dose_bq": 400.0, "dose_text": "400"}, "RadionuclideTotalDose (0018,1074) is 400."),
        ({"dose_bq": None, "dose_text": None}, "RadionuclideTotalDose (0018,1074) is missing"),
        ({"half_life_s": 109.8, "half_life_text": "109.8"}, "about 6586.2 s"),
        ({"half_life_s": 0.0, "half_life_text": "0"}, "RadionuclideHalfLife (0018,1075) is 0"),
        ({"injection_time": None}, "RadiopharmaceuticalStartTime (0018,1072) is missing"),
        ({"injection_time": "tea"}, "RadiopharmaceuticalStartTime (0018,1072) is tea"),
        ({"injection_time": "120000"}, "after the scan"),
        ({"injection_datetime": "20200103100000"}, "after the scan"),
        ({"injection_datetime": "20190102100000"}, "half-lives before"),
        ({"decay_correction": "NONE"}, "DecayCorrection (0054,1102) is NONE"),
        ({"decay_correction": None}, "DecayCorrection (0054,1102) is missing"),
        ({"corrected": ("DECY",)}, "CorrectedImage (0028,0051) is DECY"),
        ({"corrected": ()}, "CorrectedImage (0028,0051) is missing"),
        ({"units": "PROPCPS"}, "Units (0054,1001) is PROPCPS"),
        ({"units": None}, "Units (0054,1001) is missing"),
        ({"injections": 2}, "2 items"),
        (
            {"series_time": None, "acquisition_time": None},
            "AcquisitionTime (0008,0032) are missing",
        ),
    ],
)
def test_an_impossible_tag_leaves_the_units(change: dict[str, Any], said: str) -> None:
    found = suv([replace(TAGS, **change)])
    assert found.factor is None
    assert found.units == (change.get("units", "BQML") or "1")
    assert said in str(found.reason)


def test_slices_that_disagree() -> None:
    found = suv([TAGS, replace(TAGS, weight_kg=71.0)])
    assert found.factor is None
    assert "weight_kg" in str(found.reason)


def to_activity(file: Any, factor: float, units: str) -> None:
    """Make a slice that means SUVbw mean Bq/ml (or Philips' counts) instead. Synthetic."""
    file.Units = units
    del file.SUVType
    file.RescaleSlope = f"{float(file.RescaleSlope) / factor:.10g}"
    file.SyntheticData = "YES"
    if units == "CNTS":
        block = file.private_block(0x7053, "Philips PET Private Group", create=True)
        block.add_new(0x00, "DS", f"{factor:.12g}")


def seconds_between(file: Any) -> float:
    drug = file.RadiopharmaceuticalInformationSequence[0]

    def clock(time: str) -> datetime:
        return datetime.strptime(str(time).split(".")[0], "%H%M%S")

    gap = clock(file.SeriesTime) - clock(drug.RadiopharmaceuticalStartTime)
    return gap.total_seconds()


@pytest.mark.parametrize("patient", ["STS_002", "STS_003", "STS_008"])
@pytest.mark.parametrize("correction", ["ADMIN", "START"])
def test_activity_variants_of_real_patients(
    sts: Path, dicom: Any, tmp_path: Path, patient: str, correction: str
) -> None:
    """SUV -> Bq/ml by hand, and back by the reader: the same to 1e-4."""
    folder = sts / patient / "PET" / "image"
    original = dicom.image(folder)

    def change(index: int, file: Any) -> None:
        drug = file.RadiopharmaceuticalInformationSequence[0]
        if patient == "STS_002":  # its injection date lies after the scan
            del drug.RadiopharmaceuticalStartDateTime
        dose, half_life = float(drug.RadionuclideTotalDose), float(drug.RadionuclideHalfLife)
        seconds = seconds_between(file) if correction == "START" else 0.0
        factor = hand_factor(float(file.PatientWeight), dose, seconds, half_life)
        file.DecayCorrection = correction
        to_activity(file, factor, "BQML")

    draft = dicom.image(dicom.edit(folder, tmp_path, change))
    assert draft.units == "SUVbw", draft.units_reason
    assert draft.synthetic
    assert draft.meta["suv"]["converted"] is True
    np.testing.assert_array_equal(draft.load(), original.load())
    np.testing.assert_allclose(draft.slope, original.slope, rtol=1e-4)


@pytest.mark.parametrize("patient", ["STS_002", "STS_003", "STS_008"])
def test_count_variants_of_real_patients(
    sts: Path, dicom: Any, tmp_path: Path, patient: str
) -> None:
    folder = sts / patient / "PET" / "image"
    original = dicom.image(folder)
    draft = dicom.image(
        dicom.edit(folder, tmp_path, lambda index, file: to_activity(file, 0.00037, "CNTS"))
    )
    assert (draft.units, draft.synthetic) == ("SUVbw", True)
    np.testing.assert_allclose(draft.slope, original.slope, rtol=1e-4)


def test_the_impossible_injection_date_of_sts_002(sts: Path, dicom: Any, tmp_path: Path) -> None:
    folder = sts / "STS_002" / "PET" / "image"
    original = dicom.image(folder)
    draft = dicom.image(
        dicom.edit(folder, tmp_path, lambda index, file: to_activity(file, 0.0001, "BQML"))
    )
    assert draft.units == "BQML"
    assert "RadiopharmaceuticalStartDateTime (0018,1078) is 20060129135100.00" in str(
        draft.units_reason
    )
    assert "after the scan at 2006-01-28 14:57:59" in str(draft.units_reason)
    np.testing.assert_allclose(
        np.asarray(draft.slope) * 0.0001, np.asarray(original.slope), rtol=1e-8
    )
