"""A person's table of whose an identifier or a file is: checked, and done at ingest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import explorer
from explorer.accept import accepted_in
from explorer.errors import NotFoundError, StoreError
from explorer.ingest import ingest
from explorer.match import match
from explorer.patient_map import PatientMapError, Told, read_patient_map
from explorer.unjoin import unjoin
from explorer.verify import verify


def written(folder: Path, text: str) -> Path:
    place = folder / "map.csv"
    place.write_text(text, "utf-8")
    return place


def test_read(tmp_path: Path) -> None:
    text = "\ufeffIdentifier,path,patient,issuer\nMSB-1,,CMB-MSB-1,idc\n,scans/*/a?.nii,Anna,\n"
    found = read_patient_map(written(tmp_path, text))
    assert found.identifiers == [Told(1, "MSB-1", "CMB-MSB-1", "idc")]
    assert found.paths == [Told(2, "scans/*/a?.nii", "Anna")]
    assert found.of_file("/x/scans/1/ab.nii", "scans/1/ab.nii") == found.paths[0]
    assert found.of_file("/x/scans/1/abc.nii", "scans/1/abc.nii") is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("identifier,patient,colour\na,b,c\n", "The columns are"),
        ("identifier\na\n", "The columns are"),
        ("identifier,identifier,patient\na,b,c\n", "stands twice"),
        ("", "The columns are"),
        ("identifier,patient\na,\n", "row 1: 'a' has no patient"),
        ("identifier,patient\n,b\n", "row 1: one of identifier and path"),
        ("identifier,patient\na,b\na,c\n", "row 2: 'a' to 'c', and to 'b' in row 1"),
        ("identifier,patient\na,b\nd,b\na,b\n", "row 3: 'a' to 'b', as in row 1"),
        ("identifier,patient\na,a\n", "row 1: 'a' is given to itself"),
        ("identifier,patient\na,b\nb,c\nc,a\n", "row 1: 'a' leads back to itself"),
        ("identifier,patient\na,b,c\n", "row 1: more cells than columns"),
    ],
)
def test_faults_have_their_row(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(PatientMapError, match=fault):
        read_patient_map(written(tmp_path, text))


def test_no_text(tmp_path: Path) -> None:
    place = tmp_path / "map.csv"
    place.write_bytes(b"identifier,patient\n\xff,b\n")
    with pytest.raises(PatientMapError, match="cannot be read"):
        read_patient_map(place)
    with pytest.raises(PatientMapError, match="cannot be read"):
        read_patient_map(tmp_path / "none.csv")


def test_identifiers_are_joined_at_ingest(
    store: explorer.Store, ct_slices: Callable[..., Path], tmp_path: Path
) -> None:
    ct_slices(tmp_path / "in" / "1", "MSB-06489")
    ct_slices(tmp_path / "in" / "2", "CMB-MSB-06489", value=1100)
    place = written(
        tmp_path,
        "identifier,patient\nMSB-06489,CMB-MSB-06489\nnobody,x\nCMB-MSB-06489,Professor's name\n",
    )
    result = ingest(tmp_path / "in", store, patient_map=place)
    assert [row["done"] for row in result.joined] == ["joined", "not in the store", "named"]
    assert list(store) == ["CMB-MSB-06489"]
    assert len(store["Professor's name"].images) == 2
    again = ingest(tmp_path / "in", store, patient_map=place)
    assert not again.changed
    assert [row["done"] for row in again.joined] == [
        "one already", "not in the store", "one already",
    ]  # fmt: skip
    # later runs go on without a map, for each of the two identities
    ct_slices(tmp_path / "in" / "1", "MSB-06489", value=1200)
    assert ingest(tmp_path / "in", store).changed
    assert list(store) == ["CMB-MSB-06489"]
    values = sorted(int(i.data.values.min()) for i in store["MSB-06489"].images.values())
    assert values == [76, 176]
    assert verify(store).ok
    unjoin(store, "MSB-06489", "not one")
    assert list(store) == ["CMB-MSB-06489", "MSB-06489"]
    assert not ingest(tmp_path / "in", store).changed


def test_files_go_to_whom_they_are_given(
    store: explorer.Store, ct_slices: Callable[..., Path], tmp_path: Path
) -> None:
    ct_slices(tmp_path / "in" / "1", "SYN-1")
    ct_slices(tmp_path / "in" / "2", "WRONG", value=1100)
    ingest(tmp_path / "in", store)
    assert list(store) == ["SYN-1", "WRONG"]
    place = written(tmp_path, "path,patient\n2/*,SYN-1\n")
    ingest(tmp_path / "in", store, patient_map=place)
    assert len(store["SYN-1"].images) == 2
    assert len(store["WRONG"].images) == 0
    assert not ingest(tmp_path / "in", store, patient_map=place).changed
    # it is remembered: what comes later needs no map
    ct_slices(tmp_path / "in" / "2", "WRONG", value=1300)
    ingest(tmp_path / "in", store)
    assert sorted(int(i.data.values.min()) for i in store["SYN-1"].images.values()) == [0, 276]
    assert verify(store).ok


def test_accepted_in_a_run(
    store: explorer.Store, ct_slices: Callable[..., Path], tmp_path: Path
) -> None:
    ct_slices(tmp_path / "in" / "1", "TCGA-BP-5195-01A")
    ct_slices(tmp_path / "in" / "2", "TCGA-BP-5195", value=1100)
    ct_slices(tmp_path / "in" / "3", "A-CRC-1234", value=1101)
    ct_slices(tmp_path / "in" / "4", "CRC-1234", value=1102)
    assert ingest(tmp_path / "in", store).joined == []
    assert len(store) == 4
    result = ingest(tmp_path / "in", store, accept_matches=["safe"])
    assert [row["done"] for row in result.joined] == ["joined"]
    assert list(store) == ["A-CRC-1234", "CRC-1234", "TCGA-BP-5195"]
    [proposal] = match(store)
    listed = tmp_path / "ids.txt"
    listed.write_text(f"{proposal.id}\n")
    ingest(tmp_path / "in", store, accept_matches=accepted_in(str(listed)))
    assert len(store) == 2
    listed.write_text('{"proposals": [{"id": "match-1"}, {"id": "match-2"}]}')
    assert accepted_in(str(listed)) == ["match-1", "match-2"]
    with pytest.raises(NotFoundError, match="cannot be read"):
        accepted_in(str(tmp_path / "none"))


def test_not_with_deidentification(store: explorer.Store, tmp_path: Path) -> None:
    place = written(tmp_path, "identifier,patient\na,b\n")
    with pytest.raises(StoreError, match="names people"):
        ingest(tmp_path, store, patient_map=place, deidentify=True)
