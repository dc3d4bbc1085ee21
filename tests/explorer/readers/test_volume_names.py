from __future__ import annotations

from pathlib import Path

import pytest

from explorer.draft import Source
from explorer.readers.volume_names import called_mask, patient_hint, read_name


def tree(root: Path, *names: str) -> dict[str, Source]:
    """Empty files, as sources below `root`."""
    sources = {}
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for name in names:
        sources[name] = Source(root / name, str(root / name), name, True, 0, 0, "")
    return sources


def patients(root: Path, *names: str) -> dict[str, str | None]:
    return {n: patient_hint(s).identifier for n, s in tree(root, *names).items()}


@pytest.mark.parametrize(
    ("name", "subject", "mask", "modality"),
    [
        ("brain1_image.nrrd", "brain1", False, "unknown"),
        ("brain1_label.nrrd", "brain1", True, "unknown"),
        ("CT_image.nii.gz", "", False, "CT"),
        ("MR_T1_mask.nii.gz", "", True, "MR"),
        ("t2.nii.gz", "", False, "MR"),
        ("seg.nii.gz", "", True, "unknown"),
        ("Lung.seg.nrrd", "Lung", True, "unknown"),
        ("case-7_GTV1.nii", "case-7", True, "unknown"),
        ("BraTS20_Training_001_t1ce.nii.gz", "BraTS20_Training_001", False, "MR"),
        ("pet_ct.nii.gz", "", False, "unknown"),
        ("volume-7.nii", "7", False, "unknown"),
        ("img0001.nii.gz", "0001", False, "unknown"),
        ("label0001.nii.gz", "0001", True, "unknown"),
        ("CT_Smith.nii.gz", "smith", False, "CT"),
        ("pt_001_t1.nii.gz", "pt_001", False, "MR"),
        ("CHUM-001__PT.nii.gz", "CHUM-001", False, "PT"),
        ("example_ct_sm.nii.gz", "example", False, "CT"),
        ("lung_image_003.nii.gz", "lung_003", False, "unknown"),
        ("section.nii.gz", "section", False, "unknown"),
    ],
)
def test_a_name_is_taken_apart(name: str, subject: str, mask: bool, modality: str) -> None:
    found = read_name(name)
    assert (found.subject, found.mask, found.modality) == (subject, mask, modality)


def test_several_subjects_in_one_folder_are_several_patients(tmp_path: Path) -> None:
    names = [f"{who}_{what}.nrrd" for who in ("brain1", "brain2") for what in ("image", "label")]
    found = patients(tmp_path / "pyradiomics_nrrd", *names)
    assert found == {name: name[:6] for name in names}


def test_names_of_modalities_belong_to_the_folder(tmp_path: Path) -> None:
    names = [f"STS_002/{k}_{w}.nii.gz" for k in ("CT", "MR_T1", "PET") for w in ("image", "mask")]
    assert set(patients(tmp_path, *names).values()) == {"STS_002"}
    names = ["BraTS_1/BraTS_1_flair.nii.gz", "BraTS_1/BraTS_1_seg.nii.gz", "BraTS_1/t1.nii.gz"]
    assert set(patients(tmp_path, *names).values()) == {"BraTS_1"}


def test_the_source_folder_itself_may_be_the_patient(tmp_path: Path) -> None:
    root = tmp_path / "upenn_gbm_00002"
    assert set(patients(root, "t2.nii.gz", "seg.nii.gz").values()) == {"upenn_gbm_00002"}


def test_folders_that_only_sort_are_passed_over(tmp_path: Path) -> None:
    assert patients(tmp_path, "p7/nifti/CT/image.nii.gz") == {"p7/nifti/CT/image.nii.gz": "p7"}


def test_images_and_labels_in_folders_of_their_own_meet(tmp_path: Path) -> None:
    names = [
        f"Task06/{kind}/lung_00{n}.nii.gz" for kind in ("imagesTr", "labelsTr") for n in (1, 2)
    ]
    found = patients(tmp_path, *names)
    assert found[names[0]] == found[names[2]] == "lung_001"
    assert found[names[1]] == found[names[3]] == "lung_002"


def test_masks_of_organs_belong_to_the_image_beside_them(tmp_path: Path) -> None:
    names = ["s01/ct.nii.gz", "s01/segmentations/liver.nii.gz", "s01/tumour_mask.nii.gz"]
    assert set(patients(tmp_path, *names).values()) == {"s01"}


def test_names_without_a_known_word_are_never_joined(tmp_path: Path) -> None:
    found = patients(tmp_path, "flat/anna.nii.gz", "flat/berta.nii.gz")
    assert set(found.values()) == {"anna", "berta"}


@pytest.mark.parametrize(
    "pattern",
    [
        "volume-{}.nii",  # as LiTS names them, with segmentation-{}.nii
        "img{:04}.nii.gz",
        "CT_{}.nii.gz",
        "pt_{:03}_t1.nii.gz",
        "study_ct_{}.nii.gz",
        "{}.nii.gz",
    ],
)
def test_numbered_volumes_of_one_folder_are_never_joined(tmp_path: Path, pattern: str) -> None:
    found = patients(tmp_path, *(f"flat/{pattern.format(n)}" for n in (1, 2, 3)))
    assert len(set(found.values())) == 3


def test_numbered_volumes_meet_their_masks(tmp_path: Path) -> None:
    found = patients(
        tmp_path, *(f"LiTS/{k}-{n}.nii" for n in (1, 2) for k in ("volume", "segmentation"))
    )
    assert list(found.values()) == ["LiTS_1", "LiTS_1", "LiTS_2", "LiTS_2"]


def test_a_mask_of_another_subject_stays_apart(tmp_path: Path) -> None:
    found = patients(tmp_path, "set/brain1_image.nii", "set/brain2_label.nii")
    assert list(found.values()) == ["brain1", "brain2"]


def test_equal_names_in_different_folders_have_different_issuers(tmp_path: Path) -> None:
    found = tree(tmp_path, "site_a/001/t1.nii.gz", "site_b/001/t1.nii.gz", "site_b/001/t2.nii.gz")
    a, b, c = (patient_hint(source) for source in found.values())
    assert a.identifier == b.identifier == c.identifier == "001"
    assert a.issuer != b.issuer == c.issuer


def test_bids(tmp_path: Path) -> None:
    name = "study/sub-07/ses-1/anat/sub-07_ses-1_T1w.nii.gz"
    hint = patient_hint(tree(tmp_path, name)[name])
    assert hint.identifier == "sub-07"
    assert (hint.issuer or "").endswith("/study")


def test_no_name_at_all_is_said(tmp_path: Path) -> None:
    source = Source(tmp_path / "ct.nii.gz", "/ct.nii.gz", "ct.nii.gz", True, 0, 0, "")
    hint = patient_hint(source)
    assert hint.identifier is None
    assert hint.note


def test_members_of_an_archive(tmp_path: Path) -> None:
    (tmp_path / "unpacked").mkdir()
    path = tmp_path / "unpacked" / "brain1_image.nrrd"
    path.touch()
    uri = "/data/set.zip!brain1_image.nrrd"
    assert patient_hint(Source(path, uri, path.name, False, 0, 0, "")).identifier == "brain1"
    path = path.rename(path.with_name("t2.nii"))
    source = Source(path, "/data/p9.zip!t2.nii", "p9.zip!t2.nii", False, 0, 0, "")
    assert patient_hint(source).identifier == "p9"


def test_masks_are_told_by_name_and_by_folder(tmp_path: Path) -> None:
    found = tree(tmp_path, "a/x_seg.nii", "a/x.nii", "a/labelsTr/x.nii", "masks/deep/x.nii")
    assert [called_mask(one) for one in found.values()] == [True, False, True, False]
