from __future__ import annotations

import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.data import get_testdata_file

from explorer.draft import ImageDraft
from explorer.errors import FileRefusedError
from explorer.readers.dicom import DicomReader
from explorer.readers.reader import Reader

SERIES = [
    *(
        f"sts_ct_pet_mr_rtstruct/STS_{patient}/{kind}/image"
        for patient in ("002", "003", "008")
        for kind in ("CT", "PET", "MR_T1")
    ),
    "cmb_crc_msb06489_two_timepoints/SCAN_001/adc_image",
    "cmb_crc_msb06489_two_timepoints/SCAN_002/adc_image",
    "qin_prostate_pcampmri00001_adc_seg/ADC",
    "lidc_0314_ct_subset/dicom",
    "totalsegmentator_ct/example_ct_dicom",
    "dcmqi_seg_sr_pm/ct-3slice",
]


def itk_image(folder: Path) -> tuple[Any, Any]:
    """Values ``(z, y, x)`` and affine of a series as SimpleITK has them."""
    reader = sitk.ImageSeriesReader()
    names = reader.GetGDCMSeriesFileNames(str(folder))
    if len(names) < len(list(folder.iterdir())):  # GDCM finds no series without a UID
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            place = {
                str(path): float(pydicom.dcmread(path).ImagePositionPatient[2])
                for path in folder.iterdir()
            }
        names = sorted(place, key=lambda name: place[name])
    reader.SetFileNames(names)
    image = reader.Execute()
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    affine[:3, 3] = image.GetOrigin()
    return sitk.GetArrayFromImage(image), affine


def values(draft: ImageDraft) -> Any:
    shape = (-1, 1, 1)
    slope, intercept = np.reshape(draft.slope, shape), np.reshape(draft.intercept, shape)
    return draft.load().astype(np.float64) * slope + intercept


def referenced(draft: ImageDraft) -> Any:
    """The pixels as their references have them."""
    assert draft.frames is not None
    frames = []
    for frame in draft.frames:
        with Path(frame.uri).open("rb") as file:
            file.seek(frame.offset)
            frames.append(np.frombuffer(file.read(frame.length), draft.dtype))
    return np.reshape(frames, draft.shape)


def check_equals_itk(draft: ImageDraft, folder: Path) -> None:
    expected, affine = itk_image(folder)
    assert draft.dims == ("z", "y", "x")
    assert draft.shape == expected.shape
    np.testing.assert_allclose(values(draft), expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(draft.affine, affine, atol=2e-4)
    assert draft.slice_origins is None
    assert draft.problems == []


def test_it_is_a_reader() -> None:
    assert isinstance(DicomReader(), Reader)


@pytest.mark.parametrize("series", SERIES)
def test_values_and_affine_equal_simpleitk(shared_data: Path, dicom: Any, series: str) -> None:
    draft = dicom.image(shared_data / series)
    check_equals_itk(draft, shared_data / series)
    last = np.array([draft.shape[2] - 1, draft.shape[1] - 1, draft.shape[0] - 1, 1])
    _, affine = itk_image(shared_data / series)
    np.testing.assert_allclose(draft.affine @ last, affine @ last, atol=5e-2)
    if "totalsegmentator" in series:
        assert draft.frames is None
    else:
        np.testing.assert_array_equal(referenced(draft), draft.load())


def test_a_chest_ct_out_of_an_archive(shared_data: Path, dicom: Any, tmp_path: Path) -> None:
    with zipfile.ZipFile(shared_data / "tcga_lusc_34_2605_ct" / "dicom.zip") as archive:
        archive.extractall(tmp_path)
    (folder,) = {path.parent for path in tmp_path.rglob("*.dcm")}
    reading = dicom.read(folder, referable=False)
    (draft,) = reading.drafts
    check_equals_itk(draft, folder)
    assert draft.frames is None, "a scratch file must not be referred to"
    assert {one.status for one in reading.statuses} == {"ingested"}
    assert draft.units == "HU"


def test_units_and_records_of_a_real_patient(sts: Path, dicom: Any) -> None:
    ct = dicom.image(sts / "STS_002" / "CT" / "image")
    assert (ct.modality, ct.units, ct.acquired) == ("CT", "HU", "2006-01-28")
    assert ct.frame_of_reference
    assert len(ct.meta["sop_uids"]) == 48 == len(set(ct.meta["sop_uids"]))
    assert ct.meta["body_part"] == "EXTREMITY"
    assert [source.uri for source in ct.sources] == [frame.uri for frame in ct.frames]
    pet = dicom.image(sts / "STS_002" / "PET" / "image")
    assert pet.units == "SUVbw"
    assert pet.meta["suv"] == {"from": "GML", "converted": False, "suv_type": "BW"}
    mr = dicom.image(sts / "STS_002" / "MR_T1" / "image")
    assert (mr.modality, mr.units, mr.units_reason) == ("MR", "1", None)
    grid = ct.grid
    assert grid is not None
    assert grid.shape == (48, 143, 161)
    assert grid.sop_uids == ct.meta["sop_uids"]


def test_no_name_and_no_birth_date_in_the_records(sts: Path, dicom: Any, tmp_path: Path) -> None:
    def change(index: int, file: Any) -> None:
        file.PatientName = "CANARY^NAME"
        file.PatientBirthDate = "19310203"
        file.ReferringPhysicianName = "CANARY^DOCTOR"

    folder = sts / "STS_002" / "CT" / "image"
    paths = dicom.edit(folder, tmp_path, change, lambda files: files[:3])
    draft = dicom.image(paths)
    assert "CANARY" not in repr(draft.meta)
    assert "1931" not in repr(draft.meta)
    ((header, *_),) = dicom.groups(paths).values()
    assert header.patient.birth_date == "1931-02-03"
    assert (header.patient.identifier, header.patient.sex) == ("STS_002", "M")


def test_every_pet_slice_has_its_own_slope(sts: Path, dicom: Any) -> None:
    for patient in ("STS_002", "STS_003", "STS_008"):
        draft = dicom.image(sts / patient / "PET" / "image")
        slope = np.asarray(draft.slope)
        assert slope.shape == draft.shape[:1]
        by_uid = {}
        for source in draft.sources:
            file = pydicom.dcmread(source.path)
            by_uid[file.SOPInstanceUID] = float(file.RescaleSlope)
        assert slope.tolist() == [by_uid[uid] for uid in draft.meta["sop_uids"]]
        assert len(set(slope)) > draft.shape[0] * 0.9


def test_empty_identifiers_are_made_up_and_said(shared_data: Path, dicom: Any) -> None:
    folder = shared_data / "totalsegmentator_ct" / "example_ct_dicom"
    ((group, headers),) = dicom.groups(folder).items()
    assert len(headers) == 20
    assert "made-up" in group
    assert headers[0].patient.identifier is None
    assert headers[0].patient.note == "PatientID is empty"
    assert "SeriesInstanceUID is empty" in headers[0].note
    reading = DicomReader().read(headers, [])
    assert {(one.status, one.reason) for one in reading.statuses} == {("ingested", None)}
    (draft,) = reading.drafts
    assert isinstance(draft, ImageDraft)
    assert "series_uid" not in draft.meta
    assert dicom.image(folder).item == draft.item


def test_whitespace_is_an_empty_identifier(sts: Path, dicom: Any, tmp_path: Path) -> None:
    def change(index: int, file: Any) -> None:
        file.PatientID = "   "
        file.SeriesInstanceUID = " "

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        paths = dicom.edit(sts / "STS_002" / "MR_T1" / "image", tmp_path, change)
    ((header, *_),) = dicom.groups(paths).values()
    assert header.patient.identifier is None
    assert "made-up" in header.group
    assert dicom.image(paths).shape == (35, 90, 115)


def test_headers_travel_between_processes(sts: Path, dicom: Any) -> None:
    (headers,) = dicom.groups(sts / "STS_002" / "PET" / "image").values()
    packed = pickle.dumps(headers)
    assert len(packed) / len(headers) < 6000
    reading = DicomReader().read(pickle.loads(packed), [])
    assert reading.drafts[0].shape == (48, 27, 30)


def test_segmentations_are_left_to_others(shared_data: Path, dicom: Any) -> None:
    for name in (
        "dcmqi_seg_sr_pm/liver.dcm",
        "sts_ct_pet_mr_rtstruct/STS_002/CT/mask",
        "dcmqi_seg_sr_pm/SOURCE.md",
        "totalsegmentator_ct/example_seg.nii.gz",
    ):
        path = shared_data / name
        path = next(path.iterdir()) if path.is_dir() else path
        assert DicomReader().peek(dicom.source(path)) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("rtdose.dcm", "RT Dose Storage is not read yet"),
        ("rtplan.dcm", "RT Plan Storage is not read yet"),
        ("test-SR.dcm", "Comprehensive SR Storage is not read yet"),
        ("waveform_ecg.dcm", "ECG Waveform Storage is not read yet"),
        ("examples_rgb_color.dcm", "Ultrasound Image Storage is not read yet"),
        ("DICOMDIR", "index of other files"),
        ("MR_truncated.dcm", "pixels end early"),
    ],
)
def test_other_kinds_are_refused_with_a_reason(dicom: Any, name: str, reason: str) -> None:
    path = get_testdata_file(name, download=False)
    with pytest.raises(FileRefusedError, match=reason):
        DicomReader().peek(dicom.source(Path(str(path))))


def test_secrets_of_the_standard_are_no_warnings(shared_data: Path, dicom: Any) -> None:
    folder = shared_data / "totalsegmentator_ct" / "example_ct_dicom"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dicom.image(folder)


def test_text_of_other_alphabets(sts: Path, dicom: Any, tmp_path: Path) -> None:
    def change(index: int, file: Any) -> None:
        file.SpecificCharacterSet = "ISO_IR 144"
        file.SeriesDescription = "Грудь"

    draft = dicom.image(dicom.edit(sts / "STS_002" / "MR_T1" / "image", tmp_path, change))
    assert draft.name == "Грудь"


def test_broken_text_is_still_text(sts: Path, dicom: Any, tmp_path: Path) -> None:
    source = next((sts / "STS_002" / "CT" / "image").iterdir())
    broken = source.read_bytes().replace(b"IBSI_1_STS_", b"IBSI\xff\xfe\x1bSTS_")
    broken = broken.replace(b"ISO_IR 100", b"ISO_IR 192")
    path = tmp_path / "broken.dcm"
    path.write_bytes(broken)
    draft = dicom.image([path])
    assert draft.name.startswith("IBSI")
    assert "\x1b" not in draft.name


def test_a_synthetic_image_says_so(sts: Path, dicom: Any, tmp_path: Path) -> None:
    def change(index: int, file: Any) -> None:
        file.SyntheticData = "YES"

    folder = sts / "STS_002" / "MR_T1" / "image"
    assert dicom.image(dicom.edit(folder, tmp_path, change)).synthetic
    assert not dicom.image(folder).synthetic
