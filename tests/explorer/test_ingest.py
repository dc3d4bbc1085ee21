"""Ingest: on a bundled real patient, and on small synthetic ones for what must not happen."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

import explorer
from explorer.errors import NotFoundError, SourceChangedError
from explorer.ingest import ingest
from explorer.verify import verify

BUNDLED = Path(__file__).resolve().parents[2] / "notebooks" / "data"
SLICES = ["0.dcm", "1.dcm", "2.dcm"]


@pytest.fixture(scope="module")
def prostate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PCAMPMRI-00001 (QIN-PROSTATE-Repeatability): ADC MR and a DICOM SEG, unpacked."""
    folder = tmp_path_factory.mktemp("prostate")
    with zipfile.ZipFile(BUNDLED / "PCAMPMRI-00001.zip") as archive:
        archive.extractall(folder)
    return folder


def _value(patient: explorer.Patient) -> int:
    return int(patient.images["CT"].data[0, 0, 0])


def _statuses(result: Any) -> dict[str, str]:
    return {Path(row["path"]).name: row["status"] for row in result.files}


def test_a_real_patient_by_reference_copied_and_from_its_archive(
    prostate: Path, tmp_path: Path
) -> None:
    places = {
        "referenced": (prostate, False),
        "copied": (prostate, True),
        "archive": (BUNDLED / "PCAMPMRI-00001.zip", False),
    }
    stores = {}
    for name, (source, copy) in places.items():
        result = ingest(source, tmp_path / name, copy=copy)
        assert not result.refused
        assert [patient["id"] for patient in result.patients] == ["PCAMPMRI-00001"]
        stores[name] = explorer.open(tmp_path / name)["PCAMPMRI-00001"]
    first = stores["referenced"]
    (image,), (seg,) = first.images.values(), first.segmentations.values()
    assert image.storage == "referenced"
    assert seg.image == image.id
    assert len(seg.labels) == 4
    assert all(seg.mask(label).values.any() for label in seg.labels)
    for other in (stores["copied"], stores["archive"]):
        assert other.images[image.id].storage == "copied"
        np.testing.assert_array_equal(other.images[image.id].data, image.data)
        assert other.images[image.id].units == image.units
        for label in seg.labels:
            np.testing.assert_array_equal(other.segmentations[seg.id].mask(label), seg.mask(label))
    assert verify(first.store).ok


def test_again_changes_nothing_and_says_so(prostate: Path, store: explorer.Store) -> None:
    ingest(prostate, store)
    before = store["PCAMPMRI-00001"]
    result = ingest(prostate, store)
    assert not result.changed
    assert result.counts["skipped"] == len(result.files)
    assert "nothing changed" in result.summary()
    assert store["PCAMPMRI-00001"].head == before.head


def test_a_changed_source_is_a_new_version(
    ct_slices: Callable[..., Path], store: explorer.Store, tmp_path: Path
) -> None:
    folder = ct_slices(tmp_path / "a", value=1024)
    ingest(folder, store)
    ct_slices(folder, value=2000)
    later = (folder / "0.dcm").stat().st_mtime + 60
    for name in SLICES:
        os.utime(folder / name, (later, later))
    result = ingest(folder, store)
    assert result.changed
    patient = store["SYN-1"]
    assert patient.version == 2
    assert _value(patient) == 976
    assert verify(store).ok
    with pytest.raises(SourceChangedError):
        _value(patient.at(1))


def test_a_slice_more_is_the_same_series(
    ct_slices: Callable[..., Path], store: explorer.Store, tmp_path: Path
) -> None:
    folder = ct_slices(tmp_path / "a")
    shutil.move(folder / "2.dcm", tmp_path / "2.dcm")
    ingest(folder, store)
    (item,) = store["SYN-1"].images
    shutil.move(tmp_path / "2.dcm", folder / "2.dcm")
    ingest(folder, store)
    patient = store["SYN-1"]
    assert list(patient.images) == [item]
    assert patient.images[item].shape == (3, 4, 5)
    assert patient.at(1).images[item].shape == (2, 4, 5)


def test_the_same_identifier_from_two_trees_is_two_patients(
    ct_slices: Callable[..., Path], store: explorer.Store, tmp_path: Path
) -> None:
    a = ct_slices(tmp_path / "hospital A", value=1100)
    b = ct_slices(tmp_path / "hospital B", value=1200)
    ingest([a, b], store)
    assert len(store) == 2
    keys = list(store)
    with pytest.raises(NotFoundError, match="2 patients are called 'SYN-1'") as caught:
        store["SYN-1"]
    assert all(key in str(caught.value) for key in keys)
    assert sorted(_value(store[key]) for key in keys) == [76, 176]
    # once more, now from above: nobody is joined
    ingest(tmp_path, store)
    assert sorted(store) == sorted(keys)


def test_the_same_identifier_from_one_declared_issuer_joins(
    ct_slices: Callable[..., Path], store: explorer.Store, tmp_path: Path
) -> None:
    a, b = ct_slices(tmp_path / "a"), ct_slices(tmp_path / "b")
    ingest(a, store, issuer="Mercy Hospital")
    ingest(b, store, issuer="Mercy Hospital")
    assert list(store) == ["SYN-1"]


def test_two_issuers_of_patient_id_in_one_tree(
    ct_slices: Callable[..., Path], store: explorer.Store, tmp_path: Path
) -> None:
    ct_slices(tmp_path / "src" / "a", value=1100, issuer="Mercy")
    ct_slices(tmp_path / "src" / "b", value=1200, issuer="Charity")
    ingest(tmp_path / "src", store)
    assert len(store) == 2
    assert sorted(_value(patient) for patient in store.values()) == [76, 176]


def test_without_an_identifier_a_patient_is_made_up_and_that_is_said(
    ct_slices: Callable[..., Path], store: explorer.Store, tmp_path: Path
) -> None:
    result = ingest(ct_slices(tmp_path / "a", patient=""), store)
    (patient,) = store.values()
    assert patient.label.startswith("unnamed-")
    assert patient.attributes["made_up"]
    assert all(row["reason"] for row in result.files)
    ingest(tmp_path / "a", store)
    assert len(store) == 1


def test_archives_of_one_name_do_not_mix(
    ct_slices: Callable[..., Path], store: explorer.Store, tmp_path: Path
) -> None:
    for patient, value in (("Anna", 1100), ("Berta", 1200)):
        slices = ct_slices(tmp_path / "plain" / patient, patient=patient, value=value)
        (tmp_path / "src" / patient).mkdir(parents=True)
        with zipfile.ZipFile(tmp_path / "src" / patient / "scan.zip", "w") as archive:
            for name in SLICES:
                archive.write(slices / name, name)
    ingest(tmp_path / "src", store)
    assert {name: _value(patient) for name, patient in store.items()} == {
        "Anna": 76,
        "Berta": 176,
    }


def test_files_that_change_hands_leave_their_former_patient(
    ct_slices: Callable[..., Path], store: explorer.Store, tmp_path: Path
) -> None:
    folder = ct_slices(tmp_path / "a")
    ingest(folder, store)
    for name in SLICES:
        ds = pydicom.dcmread(folder / name)
        ds.PatientID = "SYN-2"
        ds.save_as(folder / name)
        later = (folder / name).stat().st_mtime + 60
        os.utime(folder / name, (later, later))
    ingest(folder, store)
    assert not store["SYN-1"].images
    assert len(store["SYN-1"].at(1).images) == 1
    assert _value(store["SYN-2"]) == 0


def test_bad_files_spoil_no_good_ones(
    ct_slices: Callable[..., Path], store: explorer.Store, tmp_path: Path
) -> None:
    folder = ct_slices(tmp_path / "a")
    (folder / "empty.dcm").touch()
    (folder / "broken.dcm").write_bytes((folder / "0.dcm").read_bytes()[:300])
    (folder / "notes.txt").write_text("x")
    with zipfile.ZipFile(folder / "evil.zip", "w") as archive:
        archive.write(folder / "0.dcm", "../../escaped.dcm")
    result = ingest(folder, store)
    statuses = _statuses(result)
    assert [statuses[name] for name in SLICES] == ["referenced"] * 3
    assert statuses["empty.dcm"] == statuses["broken.dcm"] == "refused"
    assert statuses["escaped.dcm"] == "refused"
    assert statuses["notes.txt"] == "skipped"
    assert all(row["reason"] for row in result.refused)
    assert not list(tmp_path.rglob("escaped.dcm"))
    kept = dict(zip(store.files()["uri"], store.files()["status"], strict=True))
    assert {Path(uri).name: status for uri, status in kept.items()} == statuses
    assert list(store) == ["SYN-1"]


def test_a_name_that_is_not_utf8_gets_its_row(
    ct_slices: Callable[..., Path], store: explorer.Store, tmp_path: Path
) -> None:
    folder = ct_slices(tmp_path / "a")
    try:
        shutil.copy(folder / "0.dcm", os.fsencode(folder) + b"/M\xfcller.dcm")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    result = ingest(folder, store)
    assert _statuses(result) == {**dict.fromkeys(SLICES, "referenced"), "M\\xfcller.dcm": "refused"}


def test_a_store_inside_of_its_source(ct_slices: Callable[..., Path], tmp_path: Path) -> None:
    folder = ct_slices(tmp_path / "a")
    store = explorer.open(folder / "patients.onco", create=True)
    assert len(ingest(folder, store).files) == 3
    again = ingest(folder, store)
    assert len(again.files) == 3
    assert not again.changed


def test_several_processes_read_the_same(
    ct_slices: Callable[..., Path], store: explorer.Store, tmp_path: Path
) -> None:
    for n in range(3):
        ct_slices(tmp_path / "src" / str(n), patient=f"P{n}", value=1024 + 10 * n)
    result = ingest(tmp_path / "src", store, workers=2)
    assert result.counts["referenced"] == 9
    assert {name: _value(patient) for name, patient in store.items()} == {
        "P0": 0,
        "P1": 10,
        "P2": 20,
    }


def test_no_such_source_makes_no_patient(store: explorer.Store, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        ingest(tmp_path / "none", store)
    assert len(store) == 0
    assert not list((store.path / "scratch").iterdir())
