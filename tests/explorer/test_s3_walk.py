"""Sources on S3, against a real server, with real CT (LIDC-IDRI-0314, the bundled patients)."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import explorer
from explorer.check_sources import check_sources
from explorer.errors import NotFoundError, SourceChangedError, StoreError, UntrustedError
from explorer.held_outside import held_outside
from explorer.image import Image
from explorer.ingest import ingest
from explorer.join import join
from explorer.lazy import read_stored
from explorer.materialize import materialize
from explorer.s3_frames import S3Frames
from explorer.s3_place import S3Place
from explorer.s3_source import S3Source
from explorer.sample import unpack_samples
from explorer.store import Store, open_store
from explorer.verify import verify

COUNT = 6


@pytest.fixture(scope="module")
def lidc(shared_data: Path) -> list[Path]:
    """Six slices of CT of LIDC-IDRI-0314, uncompressed."""
    files = sorted((shared_data / "lidc_0314_ct_subset" / "dicom").glob("*.dcm"))
    if not files:
        pytest.skip("needs the shared data: lidc_0314_ct_subset")
    return files[:COUNT]


def _put(s3: str, files: list[Path], below: str = "source") -> str:
    for file in files:
        _object(f"{s3}/{below}/{file.name}").write_bytes(file.read_bytes())
    return f"{s3}/{below}"


def _object(url: str) -> S3Place:
    return S3Place(url)


def _only(store: Store) -> Image:
    (patient,) = store.patients()
    (image,) = patient.images.values()
    return image


def _local(tmp_path: Path, lidc: list[Path]) -> Image:
    folder = tmp_path / "local"
    folder.mkdir()
    for file in lidc:
        shutil.copy(file, folder)
    ingest(folder, tmp_path / "local-store")
    return _only(open_store(tmp_path / "local-store"))


@pytest.mark.parametrize("where", ["here", "on S3"])
def test_ct_stays_on_s3_and_reads_as_from_a_folder(
    s3: str, lidc: list[Path], tmp_path: Path, where: str
) -> None:
    source = _put(s3, lidc)
    place = str(tmp_path / "store") if where == "here" else f"{s3}/store"
    result = ingest(source, place)
    assert {row["status"] for row in result.files} == {"referenced"}
    store = open_store(place)
    image, local = _only(store), _local(tmp_path, lidc)
    assert image.storage == "referenced"
    assert isinstance(image.frame_files, S3Frames)
    assert [row["sha256"] for row in image.sources()] == [r["sha256"] for r in local.sources()]
    for index in ((3, slice(None), slice(None)), (slice(1, 5), slice(100, 196), slice(40, 136)),
                  (slice(None), 200, slice(None))):  # fmt: skip
        np.testing.assert_array_equal(image.read(index), local.read(index))
        np.testing.assert_array_equal(  # the store's own way, through virtual chunks
            read_stored(image.stored, index, ""), read_stored(local.stored, index, "")
        )
    assert verify(store).ok
    again = ingest(source, place)
    assert not any(row["changed"] for row in again.patients)
    assert {row["status"] for row in again.files} == {"skipped"}
    assert store[image.patient.key].version == image.patient.version


def test_an_object_that_was_changed_or_is_gone_is_refused_by_name(
    s3: str, lidc: list[Path], tmp_path: Path
) -> None:
    source = _put(s3, lidc)
    ingest(source, tmp_path / "store")
    store = open_store(tmp_path / "store")
    image = _only(store)
    one, other = (row["uri"] for row in image.sources()[:2])
    data = bytearray(_object(one).read_bytes())
    data[-1] ^= 1  # as long as before, and written in the same second or not
    _object(one).write_bytes(bytes(data))
    _object(other).delete()
    for index, uri, word in ((0, one, "was changed"), (1, other, "is gone")):
        with pytest.raises(SourceChangedError, match=word) as caught:
            image.read((index, slice(None), slice(None)))
        assert uri in str(caught.value)
        assert image.where in str(caught.value)
        with pytest.raises(SourceChangedError):
            read_stored(image.stored, (index, slice(None), slice(None)), image.where)
    image.read((2, slice(None), slice(None)))
    with pytest.raises(SourceChangedError, match="was changed"):
        check_sources(image)
    found = {fault["file"]: fault["found"] for fault in verify(store).faults}
    assert found == {one: "the source file was changed", other: "the source file is gone"}
    assert materialize(store).items == 0
    there = held_outside(store, [image.patient.key]).sources
    assert one in there
    assert other not in there
    changed = ingest(source, store)
    assert [row["changed"] for row in changed.patients] == [True]
    fresh = _only(store)
    assert fresh.shape[0] == COUNT - 1
    assert fresh.read((slice(None),) * 3).any()


def test_materialize_and_freezes_hold_to_the_objects(
    s3: str, lidc: list[Path], tmp_path: Path
) -> None:
    source = _put(s3, lidc)
    ingest(source, tmp_path / "store")
    store = open_store(tmp_path / "store")
    before = _only(store).read((slice(None),) * 3)
    thin = store.cohort().freeze("thin", by_reference=True)
    assert thin.verify().ok
    (patient,) = thin.patients()
    (image,) = patient.images.values()
    np.testing.assert_array_equal(image.read((slice(None),) * 3), before)
    assert materialize(store).items == 1
    whole = store.cohort().freeze("whole")
    for uri in [row["uri"] for row in _only(store).sources()]:
        _object(uri).delete()
    (patient,) = whole.patients()
    (image,) = patient.images.values()
    np.testing.assert_array_equal(image.read((slice(None),) * 3), before)
    assert whole.verify().ok
    assert not thin.verify().ok


def test_bundled_patients_are_the_same_from_s3(s3: str, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    unpack_samples(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())[:60]
    here = tmp_path / "here"
    for path in files:
        name = path.relative_to(folder).as_posix()
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, here / name)
        S3Source.object(f"{s3}/source/{name}").write_bytes(path.read_bytes())
    ingest(here, tmp_path / "a")
    ingest(f"{s3}/source", tmp_path / "b")
    one, other = (open_store(tmp_path / name) for name in "ab")
    assert sorted(p.label for p in one.patients()) == sorted(p.label for p in other.patients())
    for patient in one.patients():
        theirs = other[patient.label]
        assert set(theirs.images) == set(patient.images)
        for name, image in patient.images.items():
            assert theirs.images[name].storage == image.storage
            index = (0,) * (len(image.shape) - 2) + (slice(None), slice(None))
            np.testing.assert_array_equal(theirs.images[name].read(index), image.read(index))
    assert verify(other).ok


def test_two_processes_read_and_a_join_keeps_the_references(
    s3: str, lidc: list[Path], tmp_path: Path
) -> None:
    ingest(_put(s3, [*lidc[:4]]), tmp_path / "store", workers=2)
    ingest(_put(s3, lidc[4:], "other"), tmp_path / "store")
    store = open_store(tmp_path / "store")
    (one, other) = store.patients()
    before = next(iter(other.images.values()))
    values = before.read((slice(None),) * 3)
    join(store, other.key, one.key, "a person says so")
    (patient,) = store.patients()
    assert {image.storage for image in patient.images.values()} == {"referenced"}
    found = [image.read((slice(None),) * 3) for image in patient.images.values()]
    assert any(np.array_equal(each, values) for each in found)
    assert verify(store).ok


def test_odd_names_archives_stores_and_what_is_no_file(
    s3: str, lidc: list[Path], tmp_path: Path
) -> None:
    source = f"{s3}/source"
    names = ("a b/ü 100%.dcm", "a+b&c#d?.dcm", "a%20b.dcm")
    for name, file in zip(names, lidc, strict=False):
        S3Source.object(f"{source}/{name}").write_bytes(file.read_bytes())
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as made:
        made.write(lidc[3], "more/three.dcm")
    _object(f"{source}/more.zip").write_bytes((tmp_path / "more.zip").read_bytes())
    _object(f"{source}/empty.dcm").write_bytes(b"")
    _object(f"{source}/old/oncograph.json").write_bytes(b"{}")
    _object(f"{source}/old/x.dcm").write_bytes(lidc[4].read_bytes())
    _object(f"{s3}/source-other/x.dcm").write_bytes(lidc[4].read_bytes())
    command = [sys.executable, "-m", "explorer.cli", "ingest", source, "--json", "--store"]
    ran = subprocess.run(
        [*command, str(tmp_path / "store")], capture_output=True, encoding="utf-8", check=False
    )
    assert ran.returncode == 1, ran.stderr  # one file is empty
    files = {row["path"]: row for row in json.loads(ran.stdout)["files"]}
    assert "CANARY" not in ran.stdout + ran.stderr
    assert files.pop(f"{source}/empty.dcm")["status"] == "refused"
    assert set(files) == {f"{source}/{name}" for name in (*names, "more.zip!more/three.dcm")}
    store = open_store(tmp_path / "store")
    image = _only(store)
    assert image.storage == "copied"  # a part of the series lies in an archive
    _object(f"{source}/more.zip").delete()
    thin = open_store(tmp_path / "thin", create=True)
    ingest(source, thin)
    image = _only(thin)
    assert image.storage == "referenced"
    assert image.frame_files is not None
    slices = image.frame_files.read((slice(None),) * 3)
    np.testing.assert_array_equal(read_stored(image.stored, (slice(None),) * 3, ""), slices)
    assert verify(thin).ok


def test_credentials_are_nowhere_and_their_want_is_told(
    s3: str, lidc: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = _put(s3, lidc[:2])
    ingest(source, tmp_path / "store")
    store = open_store(tmp_path / "store")
    image = _only(store)
    image.read((0, slice(None), slice(None)))
    held = b"".join(p.read_bytes() for p in (tmp_path / "store").rglob("*") if p.is_file())
    held += pickle.dumps(image) + pickle.dumps(image.data) + pickle.dumps(image.frame_files)
    assert b"CANARY" not in held
    assert b"canary-secret" not in held
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    with pytest.raises(StoreError, match="does not show this to everybody"):
        image.read((0, slice(None), slice(None)))
    monkeypatch.delenv("AWS_SKIP_SIGNATURE")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StoreError, match="No credentials for S3"):
        image.read((0, slice(None), slice(None)))
    with pytest.raises(StoreError, match="AWS_SKIP_SIGNATURE=true for a public bucket"):
        ingest(source, tmp_path / "other")
    (fault, *_) = verify(open_store(tmp_path / "store")).faults
    assert "No credentials for S3" in fault["found"]


def test_what_nobody_trusted_is_not_read(
    s3: str, lidc: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = _put(s3, lidc[:2])
    ingest(source, tmp_path / "store")
    monkeypatch.setenv("ONCOGRAPH_CONFIG", str(tmp_path / "somebody else"))
    with pytest.raises(UntrustedError, match=source):
        _only(open_store(tmp_path / "store")).read((0, slice(None), slice(None)))
    trusted = explorer.open(tmp_path / "store", trust_roots=[source])
    _only(trusted).read((0, slice(None), slice(None)))


def test_a_source_that_is_none_is_told(s3: str, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="none below it"):
        ingest(f"{s3}/nothing", tmp_path / "store")
    with pytest.raises(StoreError, match="neither --deidentify"):
        ingest(f"{s3}/nothing", tmp_path / "store", deidentify=True)
