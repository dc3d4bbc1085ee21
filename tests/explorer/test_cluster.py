from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import explorer
from explorer import cluster
from explorer.assign import Person
from explorer.cluster import Cluster, ingest_there, many, obstacle
from explorer.draft import Header, PatientHint, Source
from explorer.errors import NotInstalledError, StoreError
from explorer.ingest import ingest
from explorer.ingest_patient import PatientTask


def test_without_dask_the_message_says_what_to_install(
    store: explorer.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NotInstalledError, match=r"pip install 'oncograph\[cluster\]'"):
        Cluster("tcp://127.0.0.1:8786", store, [])


def test_without_a_scheduler_the_message_says_how_to_start_one(
    store: explorer.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_S", 0.5)
    with pytest.raises(StoreError, match="No Dask scheduler answers"):
        Cluster("tcp://127.0.0.1:9", store, [])


def test_no_pseudonyms_are_made_on_other_machines(store: explorer.Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="De-identification runs on this machine"):
        ingest(tmp_path, store, deidentify=True, scheduler="tcp://127.0.0.1:9")


def test_what_stands_in_the_way_of_a_worker_is_said(store: explorer.Store, tmp_path: Path) -> None:
    here = str(tmp_path)
    assert obstacle(explorer.__version__, store.place, store.id, [here]) is None
    assert "and not 0.0.0" in (obstacle("0.0.0", store.place, store.id, [here]) or "")
    gone = obstacle(explorer.__version__, store.place, store.id, [here, f"{here}/gone"])
    assert gone == f"does not see the source {here}/gone"
    other = obstacle(explorer.__version__, store.place, "another id", [here])
    assert other == f"sees another store at {store.place}"


def test_a_patient_of_whom_a_file_is_not_seen_is_refused_as_a_whole(
    store: explorer.Store, tmp_path: Path
) -> None:
    (tmp_path / "seen.dcm").write_bytes(b"synthetic")
    headers = [
        Header(
            Source(tmp_path / name, str(tmp_path / name), name, True, 9, 0, "0" * 64),
            "dicom", "image", "group", PatientHint("P"), None,
        )
        for name in ("seen.dcm", "unseen.dcm")
    ]  # fmt: skip
    outcome = ingest_there(PatientTask(store.place, Person("local", "P"), headers))
    assert outcome.key == ""
    assert [row["status"] for row in outcome.rows] == ["refused", "refused"]
    assert {row["reason"].partition(" does not see ")[2] for row in outcome.rows} == {
        f"{tmp_path}/unseen.dcm: ingest from a folder that all machines share, archives unpacked"
    }
    assert len(store) == 0


def test_several_calls_are_one_task() -> None:
    def twice(value: Any) -> Any:
        return value * 2

    assert many(twice, [(1,), ("a",)]) == [2, "aa"]
