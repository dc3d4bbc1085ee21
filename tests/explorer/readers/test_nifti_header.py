from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from explorer.errors import FileRefusedError
from explorer.readers.nifti_header import is_nifti, read_nifti
from explorer.readers.volume import Volume


def volume(dicom: Any, path: Path) -> Volume:
    return read_nifti(dicom.source(path))


def itk_affine(path: Path) -> np.ndarray:
    found = sitk.ReadImage(str(path))
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(found.GetDirection(), (3, 3)) * found.GetSpacing()
    affine[:3, 3] = found.GetOrigin()
    return affine


def test_magic(nifti: Any, tmp_path: Path) -> None:
    for maker in (nib.Nifti1Image, nib.Nifti2Image, nib.Nifti1Pair):
        assert is_nifti(bytes(maker(nifti.small, np.eye(4)).header.binaryblock))
    assert not is_nifti(bytes(540))
    assert not is_nifti(b"")


def test_sform_before_qform(dicom: Any, nifti: Any, tmp_path: Path) -> None:
    path = nifti.save(tmp_path / "scan.nii", nifti.small, np.diag([-1.0, -2, 3, 1]))
    made = nib.load(path)
    made.set_qform(np.diag([-1.0, -2, 3, 1]), 1)
    made.set_sform(np.array([[-1, 0, 0, 5], [0, -2, 0, 6], [0, 0, 3, 7], [0, 0, 0, 1.0]]), 1)
    nib.save(made, tmp_path / "both.nii")
    draft = volume(dicom, tmp_path / "both.nii")
    assert draft.affine[:3, 3].tolist() == [-5, -6, 7]
    assert "sform and qform disagree by up to 10.5 mm" in draft.problems[0]
    nifti.patch(tmp_path / "both.nii", 254, "<h", 0)
    draft = volume(dicom, tmp_path / "both.nii")
    assert draft.affine[:3, 3].tolist() == [0, 0, 0]
    assert draft.problems == []
    nifti.patch(tmp_path / "both.nii", 252, "<h", 0)
    draft = volume(dicom, tmp_path / "both.nii")
    assert np.array_equal(draft.affine, np.diag([1.0, 2, 3, 1]))
    assert "neither sform nor qform" in draft.problems[0]


def test_oblique_and_micrometres(dicom: Any, nifti: Any, tmp_path: Path) -> None:
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    turn[:, 0] *= np.linalg.det(turn)
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.diag([1, 2, 3])
    affine[:3, 3] = [4, 5, 6]
    path = nifti.save(tmp_path / "scan.nii", nifti.small, affine)
    assert np.abs(volume(dicom, path).affine - itk_affine(path)).max() < 1e-4
    nifti.patch(path, 123, "<B", 3)
    expected = np.diag([-1, -1, 1, 1]) @ affine
    expected[:3] /= 1000
    assert np.abs(volume(dicom, path).affine - expected).max() < 1e-6


@pytest.mark.parametrize(
    ("offset", "layout", "numbers", "said"),
    [
        (40, "<8h", (3, 32767, 32767, 32767, 1, 1, 1, 1), "at most"),
        (40, "<8h", (3, 300, 300, 300, 1, 1, 1, 1), "ends early"),
        (40, "<8h", (3, -2, 3, 4, 1, 1, 1, 1), "at least one voxel"),
        (40, "<8h", (3, 0, 3, 4, 1, 1, 1, 1), "at least one voxel"),
        (40, "<8h", (9, 2, 3, 4, 1, 1, 1, 1), r"dim\[0\] is 9"),
        (40, "<8h", (5, 2, 3, 1, 1, 4, 1, 1), "5 dimensions"),
        (70, "<hh", (128, 24), "RGB"),
        (70, "<hh", (32, 64), "complex"),
        (70, "<hh", (1536, 128), "128-bit"),
        (70, "<hh", (4, 8), "bitpix"),
        (70, "<hh", (777, 16), "datatype 777"),
        (108, "<f", (-4.0,), "vox_offset"),
        (108, "<f", (float("nan"),), "vox_offset"),
        (108, "<f", (1e9,), "ends early"),
        (112, "<ff", (2.0, float("nan")), "scl_inter"),
        (0, "<i", (77,), "sizeof_hdr"),
        (344, "<4s", (b"oops",), "no NIfTI header"),
    ],
)
def test_lies_are_refused(
    dicom: Any, nifti: Any, tmp_path: Path, offset: int, layout: str, numbers: Any, said: str
) -> None:
    path = nifti.patch(nifti.save(tmp_path / "scan.nii", nifti.small), offset, layout, *numbers)
    with pytest.raises(FileRefusedError) as caught:
        volume(dicom, path)
    assert re.search(said, str(caught.value))


def test_a_broken_sform_gives_way_to_the_qform(dicom: Any, nifti: Any, tmp_path: Path) -> None:
    path = nifti.save(tmp_path / "scan.nii", nifti.small)
    nifti.patch(path, 280, "<12f", *[float("nan")] * 12)
    assert "the sform is broken" in volume(dicom, path).problems
    nifti.patch(path, 280, "<12f", *[0.0] * 12)
    assert "the sform is broken" in volume(dicom, path).problems


@pytest.mark.parametrize("size", [0.0, -3.0, 1e-30, 1e30, float("nan"), float("inf")])
def test_spacing_that_cannot_be_is_one(dicom: Any, nifti: Any, tmp_path: Path, size: float) -> None:
    path = nifti.save(tmp_path / "scan.nii", nifti.small)
    nifti.patch(path, 252, "<hh", 0, 0)  # no qform, no sform
    nifti.patch(path, 84, "<f", size)
    expected = 3.0 if size == -3 else 1.0
    assert volume(dicom, path).affine[1, 1] == expected
