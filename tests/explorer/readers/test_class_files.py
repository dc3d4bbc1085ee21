"""TotalSegmentator's output, a file a class or one for all, and the same as DICOM SEG."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from explorer.ingest import ingest
from explorer.patient import Patient
from explorer.readers.class_files import ClassFilesReader
from explorer.readers.reader import Reader
from explorer.store import Store


def save(path: Path, array: Any, affine: Any = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(array, np.diag([-1.0, -2, 3, 1]) if affine is None else affine), path)


def patient(folder: Path, store: Path, **more: Any) -> Patient:
    ingest(folder, store, **more)
    (key,) = list(Store(store))
    return Store(store)[key] if isinstance(key, str) else key


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The real CT with its 117 labels in one file, and split into a file a class."""
    data = shared_data / "totalsegmentator_ct"
    folder = tmp_path_factory.mktemp("ts")
    whole, split = folder / "whole" / "s0000", folder / "split" / "s0000"
    for place in (whole, split):
        place.mkdir(parents=True)
        shutil.copy(data / "example_ct_sm.nii.gz", place / "ct.nii.gz")
    shutil.copy(data / "example_seg.nii.gz", whole / "seg.nii.gz")
    labels = nib.load(data / "example_seg.nii.gz")
    values = np.asarray(labels.dataobj)
    from explorer.readers.totalsegmentator_classes import class_maps

    for number, name in class_maps()["total"].items():
        mask = (values == number).astype(np.uint8)
        save(split / "segmentations" / f"{name}.nii.gz", mask, labels.affine)
    return {"whole": whole.parent, "split": split.parent}


def test_is_a_reader() -> None:
    assert isinstance(ClassFilesReader(), Reader)


def test_a_folder_is_one_segmentation_and_equals_the_single_file(
    real: dict[str, Path], tmp_path: Path
) -> None:
    split = patient(real["split"], tmp_path / "split.onco")
    whole = patient(real["whole"], tmp_path / "whole.onco")
    (one,), (other,) = split.segmentations.values(), whole.segmentations.values()
    (ct,) = split.images.values()
    assert one.image == ct.id
    assert len(one.labels) == len(other.labels) == 117
    assert set(one.labels) == set(other.labels)
    for name in one.labels:
        assert np.array_equal(one.mask(name).values, other.mask(name).values), name
    rows = {row["name"]: row for row in split.rows("segments")}
    adrenal = rows["adrenal_gland_left"]
    assert (adrenal["code_value"], adrenal["code_scheme"]) == ("23451007", "SCT")
    assert adrenal["code_meaning"] == "Adrenal gland"
    assert "Anatomical Structure" in adrenal["category"]
    meta = json.loads(split.rows("items")[-1]["meta"])
    assert meta["modifiers"]["adrenal_gland_left"] == "Left"
    # by hand: voxels of label 5 of the file, 3 x 3 x 3 mm each
    labels = nib.load(real["whole"] / "s0000" / "seg.nii.gz")
    count = int((np.asarray(labels.dataobj) == 5).sum())
    assert rows["liver"]["voxels"] == count > 0
    assert rows["liver"]["volume_mm3"] == pytest.approx(
        count * abs(np.linalg.det(labels.affine[:3, :3])), rel=1e-6
    )


def test_again_nothing_is_new(real: dict[str, Path], tmp_path: Path) -> None:
    first = ingest(real["split"], tmp_path / "s.onco")
    assert first.counts["refused"] == 0
    assert not ingest(real["split"], tmp_path / "s.onco").changed


def test_dicom_seg_of_the_same_labels_has_equal_arrays(shared_data: Path, tmp_path: Path) -> None:
    import highdicom as hd
    import pydicom
    from pydicom.sr.codedict import codes

    data = shared_data / "totalsegmentator_ct"
    folder = tmp_path / "src" / "p1"
    folder.mkdir(parents=True)
    slices = [pydicom.dcmread(p) for p in sorted((data / "example_ct_dicom").iterdir())]
    slices.sort(key=lambda one: float(one.ImagePositionPatient[2]))
    for number, one in enumerate(slices):
        one.PatientID, one.PatientName, one.PatientBirthDate = "p1", "", ""
        one.StudyInstanceUID, one.SeriesInstanceUID = "1.2.3", "1.2.3.4"
        one.PatientSex, one.StudyID, one.StudyDate, one.StudyTime = "O", "1", "", ""
        one.SOPClassUID, one.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"1.2.3.4.{number + 1}"
        one.AccessionNumber, one.FrameOfReferenceUID = "", "1.2.3.5"
        one.save_as(folder / f"{number:03}.dcm")
    labels = nib.load(data / "example_seg_dicom.nii.gz")
    # NIfTI runs along RAS, these slices along LPS: x and y are turned round
    array = np.asarray(labels.dataobj)
    turn = np.diag(labels.affine)[:3] * [-1, -1, 1]
    array = array[tuple(slice(None, None, int(np.sign(one))) for one in turn)]
    masks = array.transpose(2, 1, 0)
    present = [int(n) for n in np.unique(masks) if n]
    numbered = np.zeros(masks.shape, np.uint8)
    for index, label in enumerate(present, start=1):
        numbered[masks == label] = index
    described = [
        hd.seg.SegmentDescription(
            index, f"label {label}", codes.SCT.Organ, codes.SCT.Liver, "MANUAL"
        )
        for index, label in enumerate(present, start=1)
    ]
    seg = hd.seg.Segmentation(
        slices, numbered, "BINARY", described, "1.2.9", 1, "1.2.9.1", 1, "m", "m", "1", "1"
    )
    seg.save_as(folder / "seg.dcm")
    shutil.copy(data / "example_seg_dicom.nii.gz", folder / "p1_seg.nii.gz")
    found = patient(tmp_path / "src", tmp_path / "s.onco", patient="p1")
    by_kind = {one.modality: one for one in found.segmentations.values()}
    dicom, nifti = by_kind["SEG"], by_kind["MASK"]
    assert nifti.image == dicom.image
    numbers = {
        row["name"]: row["number"] for row in found.rows("segments") if row["item"] == nifti.id
    }
    named = {number: name for name, number in numbers.items()}
    for label in present:
        a, b = dicom.mask(f"label {label}").values, nifti.mask(named[label]).values
        assert np.array_equal(a, b), label


def test_bad_files_among_good_ones_are_refused_alone(tmp_path: Path) -> None:
    folder = tmp_path / "src" / "p7" / "segmentations"
    good = np.zeros((2, 3, 4), np.uint8)
    good[0, 1, 2] = 1
    save(tmp_path / "src" / "p7" / "ct.nii.gz", np.ones((2, 3, 4), np.int16))
    save(folder / "liver.nii.gz", good)
    save(folder / "spleen.nii.gz", good * 3)
    save(folder / "aorta.nii.gz", np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    save(folder / "heart.nii.gz", np.zeros((2, 3, 5), np.uint8))
    (folder / "brain.nii.gz").write_bytes(b"no NIfTI")
    save(folder / "other.nii.gz", good)
    result = ingest(tmp_path / "src", tmp_path / "s.onco")
    rows = {Path(row["path"]).name: row for row in result.files}
    assert "several values" in rows["aorta.nii.gz"]["reason"]
    assert "are not those of" in rows["heart.nii.gz"]["reason"]
    assert rows["brain.nii.gz"]["status"] == "refused"
    assert rows["liver.nii.gz"]["item"] == rows["spleen.nii.gz"]["item"]
    assert rows["other.nii.gz"]["item"] not in (None, rows["liver.nii.gz"]["item"])
    p7 = Store(tmp_path / "s.onco")["p7"]
    masks = p7.segmentations[rows["liver.nii.gz"]["item"]]
    assert masks.labels == ["liver", "spleen"]
    assert masks.mask("spleen").values.sum() == 1


def test_one_file_that_is_named_like_a_class_is_a_mask_of_its_own(tmp_path: Path) -> None:
    save(tmp_path / "src" / "p7" / "liver.nii.gz", np.ones((2, 3, 4), np.uint8))
    (row,) = ingest(tmp_path / "src", tmp_path / "s.onco").files
    assert row["status"] == "ingested"
