"""The bundled patients: complete, licensed, safely unpacked."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zipfile
from pathlib import Path

import pytest

from explorer import sample
from explorer.errors import FileRefusedError, NotFoundError
from explorer.sample import sample_zips, unpack_samples

PATIENTS = {
    "LIDC-IDRI-0314": ("CC BY 3.0", {".dcm", ".csv"}),
    "MSB-06489": ("CC BY 4.0", {".dcm"}),
    "PCAMPMRI-00001": ("CC BY 4.0", {".dcm"}),
    "STS_002": ("CC BY 3.0", {".dcm"}),
    "TCGA-34-2605": ("CC BY 3.0", {".dcm", ".tsv"}),
    "TCGA-BP-5195": ("MIT", {".tsv", ".txt"}),
    "UPENN-GBM-00002": ("CC BY 4.0", {".gz"}),
    "pyradiomics-brain1": ("BSD 3-Clause", {".nrrd"}),
}

# The published folder of each data set, and where its files lie in the archive.
PUBLISHED = {
    "LIDC-IDRI-0314": "lidc_0314_ct_subset",
    "MSB-06489": "cmb_crc_msb06489_two_timepoints",
    "PCAMPMRI-00001": "qin_prostate_pcampmri00001_adc_seg",
    "STS_002": "sts_ct_pet_mr_rtstruct/STS_002",
    "UPENN-GBM-00002": "upenn_gbm_00002_nifti",
}


def digests(folder: Path, suffixes: set[str]) -> dict[str, str]:
    """sha256 of the files with these endings, by their path below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.suffix in suffixes
    }


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples") / "files"
    unpack_samples(folder)
    return folder


@pytest.fixture
def archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the bundled archives."""
    folder = tmp_path / "archives"
    folder.mkdir()
    monkeypatch.setattr(sample, "_ARCHIVES", folder)
    return folder


def test_each_patient_has_an_archive_and_all_are_small_enough() -> None:
    found = sample_zips()
    assert [path.stem for path in found] == sorted(PATIENTS)
    assert sum(path.stat().st_size for path in found) <= 40_000_000


@pytest.mark.parametrize("patient", PATIENTS)
def test_archive_tells_its_source_and_licence(patient: str) -> None:
    licence, kinds = PATIENTS[patient]
    (path,) = [path for path in sample_zips() if path.stem == patient]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        members = {member.filename: member for member in archive.infolist()}
        source = archive.read(f"{patient}/SOURCE.md").decode()
        (text,) = [name for name in members if re.search(r"/LICENSE\.\w+$", name)]
        assert len(archive.read(text)) > 1000
    assert f"- Licence: {licence}" in source
    assert "https://" in source
    assert all(name.startswith(f"{patient}/") for name in members)
    assert {member.external_attr >> 16 for member in members.values()} == {0o100644}
    assert kinds <= {Path(name).suffix for name in members}
    index = (path.parent / "README.md").read_text()
    (row,) = [line for line in index.splitlines() if line.startswith(f"| `{patient}.zip`")]
    assert f"| {licence} |" in row


@pytest.mark.parametrize("patient", PUBLISHED)
def test_files_are_the_published_ones(patient: str, unpacked: Path, shared_data: Path) -> None:
    _, kinds = PATIENTS[patient]
    published = digests(shared_data / PUBLISHED[patient], kinds)
    published.pop("paths.csv", None)
    assert published
    assert digests(unpacked / patient, kinds) == published


def test_files_are_for_their_owner_alone(unpacked: Path) -> None:
    modes = {
        (path.is_dir(), stat.S_IMODE(path.stat().st_mode))
        for path in [unpacked, *unpacked.rglob("*")]
    }
    assert modes == {(True, 0o700), (False, 0o600)}


def test_unpacking_again_touches_nothing_but_what_is_damaged(tmp_path: Path) -> None:
    folders = unpack_samples(tmp_path)
    damaged = tmp_path / "UPENN-GBM-00002" / "seg.nii.gz"
    missing = tmp_path / "TCGA-34-2605" / "clinical.tsv"
    before = digests(tmp_path, {".gz", ".tsv", ".dcm"})
    data = bytearray(damaged.read_bytes())
    data[100] ^= 1
    damaged.write_bytes(data)
    missing.unlink()
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.dcm")}

    assert unpack_samples(tmp_path) == folders
    assert digests(tmp_path, {".gz", ".tsv", ".dcm"}) == before
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert not list(tmp_path.glob(".unpack-*"))


@pytest.mark.parametrize("name", ["../escaped.txt", "/escaped.txt", "a/../../escaped.txt"])
def test_archive_cannot_write_outside(name: str, archives: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archives / "evil.zip", "w") as archive:
        archive.writestr(name, "out")
    with pytest.raises(FileRefusedError, match="out of the archive"):
        unpack_samples(tmp_path / "files")
    assert not list(tmp_path.rglob("escaped.txt"))


def test_a_link_in_the_folder_is_not_followed_outside(archives: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archives / "p.zip", "w") as archive:
        archive.writestr("p/file.txt", "out")
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = tmp_path / "files"
    folder.mkdir()
    os.symlink(outside, folder / "p")  # noqa: PTH211 - the attack as it would be made
    with pytest.raises(FileRefusedError, match="out of the folder"):
        unpack_samples(folder)
    assert not list(outside.iterdir())


def test_a_bomb_is_not_unpacked(
    archives: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "_MOST_BYTES", 10_000)
    with zipfile.ZipFile(archives / "big.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big/file.txt", os.urandom(20_000))
    with pytest.raises(FileRefusedError, match="unpack to 20000 bytes"):
        unpack_samples(tmp_path / "files")
    assert not list((tmp_path / "files").rglob("*.txt"))


@pytest.mark.usefixtures("archives")
def test_without_archives_the_message_says_what_to_do() -> None:
    with pytest.raises(NotFoundError, match="clone the project's repository"):
        sample_zips()
