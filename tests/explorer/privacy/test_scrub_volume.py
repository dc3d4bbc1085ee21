"""NIfTI and NRRD: voxels and place stay, what was written beside them does not."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel
import nrrd
import numpy as np
import pytest

from explorer.errors import FileRefusedError
from explorer.privacy.identifiers import Identifiers
from explorer.privacy.scrub_volume import scrub_nifti, scrub_nrrd


@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_nifti(tmp_path: Path, kind: type, suffix: str) -> None:
    voxels = np.arange(2 * 3 * 4, dtype="<i2").reshape(4, 3, 2)
    affine = np.array([[-2.0, 0, 0, 5], [0, 1, 0, 6], [0, 0, 3, 7], [0, 0, 0, 1]])
    image = kind(voxels, affine)
    image.header["descrip"], image.header["aux_file"] = b"QZX descrip", b"QZX aux"
    image.header["intent_name"] = b"QZX intent"
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"QZX extension"))
    source, target = tmp_path / f"QZX{suffix}", tmp_path / f"out{suffix}"
    nibabel.save(image, source)
    if suffix == ".nii":
        with source.open("ab") as file:
            file.write(b"QZX after the end")
    scrub_nifti(source, target)
    data = target.read_bytes()
    whole = gzip.decompress(data) if suffix == ".nii.gz" else data
    assert b"QZX" not in whole + data
    read = nibabel.load(target)
    np.testing.assert_array_equal(np.asarray(read.dataobj), voxels)
    np.testing.assert_array_equal(read.affine, affine)


@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_nrrd(tmp_path: Path, encoding: str) -> None:
    voxels = np.arange(24, dtype="i2").reshape(2, 3, 4)
    header = {
        "space": "left-posterior-superior", "space origin": [1.0, 2.0, 3.0],
        "space directions": np.diag([1.0, 2.0, 3.0]), "kinds": ["domain"] * 3,
        "encoding": encoding, "content": "QZX", "PatientName": "QZX",
        "Segment0_Name": "liver QZX", "Segment0_LabelValue": "1", "Segment0_Color": "1 0 0",
    }  # fmt: skip
    nrrd.write(str(tmp_path / "in.nrrd"), voxels, header)
    scrub_nrrd(tmp_path / "in.nrrd", tmp_path / "out.nrrd", Identifiers())
    assert b"QZX" not in (tmp_path / "out.nrrd").read_bytes()
    read, about = nrrd.read(str(tmp_path / "out.nrrd"))
    np.testing.assert_array_equal(read, voxels)
    np.testing.assert_array_equal(about["space directions"], np.diag([1.0, 2.0, 3.0]))
    assert (about["Segment0_Name"], about["Segment0_Color"]) == ("liver", "1 0 0")


def test_real_ones(shared_data: Path, tmp_path: Path) -> None:
    for n, path in enumerate(sorted((shared_data / "upenn_gbm_00002_nifti").rglob("*.nii.gz"))):
        scrub_nifti(path, tmp_path / f"{n}.nii.gz")
        one, two = nibabel.load(path), nibabel.load(tmp_path / f"{n}.nii.gz")
        np.testing.assert_array_equal(np.asarray(one.dataobj), np.asarray(two.dataobj))
        np.testing.assert_array_equal(one.affine, two.affine)
    for n, path in enumerate(sorted((shared_data / "pyradiomics_nrrd").rglob("*.nrrd"))[:4]):
        scrub_nrrd(path, tmp_path / f"{n}.nrrd", Identifiers())
        np.testing.assert_array_equal(
            nrrd.read(str(path))[0], nrrd.read(str(tmp_path / f"{n}.nrrd"))[0]
        )


@pytest.mark.parametrize(
    "data", [b"", b"QZX", b"NRRD0004\ntype: QZX\n\n", b"NRRD0004\ntype: short\ndimension: QZX\n\n"]
)
def test_a_broken_one_tells_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "in").write_bytes(data)
    for scrub in (
        lambda: scrub_nifti(tmp_path / "in", tmp_path / "a"),
        lambda: scrub_nrrd(tmp_path / "in", tmp_path / "b", Identifiers()),
    ):
        with pytest.raises(FileRefusedError) as error:
            scrub()
        assert "QZX" not in str(error.value)
