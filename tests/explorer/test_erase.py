"""Erased is gone: a canary is looked for in every byte of the store, and in every table's rows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lance
import numpy as np
import pydicom
import pytest
import zarr
from typer.testing import CliRunner

import explorer
from explorer.cli import app
from explorer.cohort import Cohort
from explorer.compact import compact
from explorer.draft import PatientHint, Source
from explorer.erase import erase, finish_erasures, plan_erasure
from explorer.erasing import begin_erasure
from explorer.errors import ConflictError, ErasedError, NotFoundError
from explorer.ingest import ingest
from explorer.layout import ALL_TABLES
from explorer.records_draft import RecordsDraft
from explorer.verify import verify

CANARY = "Kanarienvogel"
CODED = [
    CANARY.encode(),
    CANARY.encode("utf-16-le"),
    CANARY.lower().encode(),
    CANARY.upper().encode(),
]


def traces(store: explorer.Store, *words: bytes) -> Iterator[str]:
    """Where a word still stands: names of files, their bytes, and rows as Lance decodes them."""
    for path in sorted(store.path.rglob("*")):
        found = str(path.relative_to(store.path)).encode()
        if path.is_file():
            found += b"\n" + path.read_bytes()
        if any(word in found for word in words):
            yield str(path)
    for table in sorted((store.path / "tables").iterdir()):
        data = lance.dataset(str(table))
        for version in data.versions():
            for row in data.checkout_version(version["version"]).to_table().to_pylist():
                if any(word in str(row).encode() for word in words):
                    yield f"{table.name} version {version['version']}: {row}"


def fill(store: explorer.Store, drafts: Any) -> str:
    """A patient whose name stands wherever a store can hold one."""
    image = drafts.image(
        np.arange(60_000, dtype=np.int16).reshape(3, 100, 200),
        f"ct-{CANARY.lower()}", file=f"{CANARY}/slices.raw", name=f"of {CANARY}",
        meta={"private": {"(0009,1001)": CANARY}}, problems=[f"said {CANARY}"],
    )  # fmt: skip
    segmentation = drafts.segmentation({f"lesion of {CANARY}": np.ones((2, 3, 4), bool)})
    source = drafts.source(f"{CANARY}/report.txt", b"a report")
    text = f"{CANARY} has no lesion. " * 400  # long enough for Lance to compress it
    records = RecordsDraft(
        item=f"rec-{CANARY}", name=CANARY, sources=[source], patient=None,
        facts=[{"name": f"fact {n}", "value": f"{CANARY} {n}"} for n in range(200)],
        texts=[{"item": f"r-{CANARY}", "name": CANARY, "text": text}],
        events=[{"kind": "visit", "name": CANARY, "detail": json.dumps({"who": CANARY})}],
        observations=[{"group": CANARY, "name": CANARY, "value": CANARY}],
        vectors=[{"name": CANARY, "features": f"f-{CANARY}", "values": [1.0, 2.0]}],
        features={f"f-{CANARY}": (CANARY, [f"gene of {CANARY}", "b"])},
    )  # fmt: skip
    root = str(drafts.folder / CANARY)
    for turn in range(2):
        with store.transaction(f"about {CANARY}, time {turn}") as t:
            key = t.patient(CANARY, f"issuer of {CANARY}", note=f"{CANARY} called")
            storage = t.put(key, image, copy=bool(turn))
            t.put(key, segmentation)
            t.put(key, records)
            row = drafts.file_row(image, "referenced" if storage == "referenced" else "ingested")
            t.put_files(key, [{**row, "reason": f"of {CANARY}", "root": root}])
            group = zarr.open_group(t.session(key).store, mode="a")[f"images/{image.item}"]
            group.attrs["who"] = CANARY
            group["slope"].attrs["who"] = CANARY  # type: ignore[index]
            t.add_facts(key, [{"name": "turn", "value": f"{turn} {CANARY}"}])
    store.records.append(
        "aliases", [{"issuer": "other", "identifier": f"{CANARY}-2", "patient": key}]
    )
    store.records.append("mappings", [{"origin": records.item, "name": CANARY, "text": CANARY}])
    store.records.append(
        "pins", [{"holder": f"study of {CANARY}", "kind": "cohort", "patient": key, "version": 1,
                  "place": f"/frozen/{CANARY}"}],
    )  # fmt: skip
    store.add_root(root, f"tree of {CANARY}")
    dead = store.path / "scratch" / "ingest-dead"
    dead.mkdir(parents=True)
    (dead / f"{CANARY}.dcm").write_text(CANARY)
    return key


def others(store: explorer.Store, drafts: Any) -> None:
    """Two patients who stay, and files of nobody, one of them in the folder of the one who goes."""
    for name in ("Anna", "Berta"):
        with store.transaction("they stay") as t:
            key = t.patient(name)
            t.put(key, drafts.image(file=f"{name}.raw"))
            t.add_facts(key, [{"name": "stage", "value": "II"}])
    stray = {"root": str(drafts.folder), "status": "skipped", "reason": "not read"}
    with store.transaction("files of no patient") as t:
        t.put_files("~files", [
            {**stray, "uri": str(drafts.folder / CANARY / "notes.doc")},
            {**stray, "uri": str(drafts.folder / "thesis.doc")},
        ])  # fmt: skip


def named(store: explorer.Store, key: str) -> list[str]:
    """Frozen cohorts whose questions, notes and lists name the one who goes."""
    everybody = store.cohort()
    asked = everybody.where(f"label != '{CANARY.lower()}' OR label = $who", who=CANARY)
    asked.freeze("asked", note=f"for {CANARY}'s doctor", who=f"Dr {CANARY}", by_reference=True)
    long = everybody.where(f"{'true OR ' * 23}label = '{CANARY}'")  # what is told of it is cut off
    assert f"{CANARY[:4]}" in long.steps[0].reason
    long.freeze("long", by_reference=True)
    listed = everybody.among([key, "Anna"], f"letter of {CANARY}")
    halves = listed.freeze("listed", by_reference=True).split(
        {"train": 0.5, "test": 0.5}, allow=("synthetic",)
    )
    halves.keep("halves")
    Cohort.of(listed).freeze("again", note=f"{CANARY}, {key}", by_reference=True)
    store.records.append(
        "splits", [{"split": "s", "name": "of names", "document": json.dumps({"by": CANARY})}]
    )
    return ["asked", "long", "listed", "again"]


def test_the_canary_is_in_no_byte(store: explorer.Store, drafts: Any) -> None:
    others(store, drafts)
    key = fill(store, drafts)
    frozen = named(store, key)
    words = [*CODED, key.encode()]
    before = list(traces(store, *words))
    assert {Path(place).suffix for place in before if "version" not in place} > {".lance", ".dcm"}
    assert sum("version" in place for place in before) > 500
    planned = plan_erasure(store, CANARY)
    assert (planned.patient, planned.keys, planned.versions, planned.items) == (CANARY, [key], 2, 2)

    done = erase(store, CANARY)
    assert list(traces(store, *words)) == []
    assert done.rows == planned.rows > 400
    assert done.outside.sources == [
        str(drafts.folder / CANARY / "report.txt"), str(drafts.folder / CANARY / "slices.raw"),
    ]  # fmt: skip
    assert {pin["holder"] for pin in done.outside.pins} == {f"study of {CANARY}", *frozen}
    for name in frozen:
        cohort = store.cohort(name)
        assert cohort.verify().ok
        assert "a person who was erased" in json.dumps(cohort.document)
        Cohort.ask(store, cohort.document["question"])
    assert (drafts.folder / CANARY / "slices.raw").exists()  # not the store's to touch

    assert list(store) == ["Anna", "Berta"]
    assert [Path(uri).name for uri in store.files()["uri"]] == ["thesis.doc"]
    assert store["Anna"].facts["value"].tolist() == ["II"]
    assert verify(store).ok
    with pytest.raises(NotFoundError):
        erase(store, CANARY)
    assert compact(store, grace_s=0).rows_swept == 0
    with store.transaction("life goes on") as t:
        t.add_facts(t.patient("Berta"), [{"name": "grade", "value": "2"}])
    assert store["Berta"].version == 2


def test_an_index_and_many_rows(store: explorer.Store, drafts: Any) -> None:
    """Large enough for an index; half of the fragments have no row of the one who goes."""
    with store.transaction("many") as t:
        keys = t.patients([f"P{n}" for n in range(500)])
        for key in keys.values():
            t.add_facts(key, [{"name": f"fact {n}", "value": n} for n in range(50)])
    key = fill(store, drafts)
    store.records.merge_fragments(["facts"], at=1)
    assert store.records.dataset("facts").describe_indices()
    erase(store, CANARY)
    assert list(traces(store, *CODED, key.encode())) == []
    assert store.records.dataset("facts").describe_indices()
    assert store.records.visible("facts").num_rows == 25_000
    assert store["P77"].facts["value"].tolist() == [str(n) for n in range(50)]


def test_a_table_of_many_patients_stays_and_is_named(store: explorer.Store, drafts: Any) -> None:
    source: Source = drafts.source("outcomes.csv", b"id,stage")
    with store.transaction("1 tables") as t:
        for name in ("Anna", CANARY):
            draft = RecordsDraft(
                item="tab-1", name="outcomes.csv", sources=[source],
                patient=PatientHint(name), facts=[{"name": "stage", "value": name}],
            )  # fmt: skip
            t.put_records(t.patient(name), draft)
        t.put_files("~files", [{"uri": source.uri, "status": "ingested", "item": "tab-1",
                                "sha256": source.sha256, "root": str(drafts.folder)}])  # fmt: skip
    store.records.append("mappings", [{"origin": "tab-1", "name": "outcomes.csv", "text": "id"}])
    done = erase(store, CANARY)
    assert done.outside.tables == [source.uri]
    assert done.outside.sources == []
    assert list(traces(store, *CODED)) == []
    assert store.files()["uri"].tolist() == [source.uri]
    assert store.records.read("mappings").num_rows == 1
    assert store["Anna"].facts["value"].tolist() == ["Anna"]


def test_a_table_of_one_patient_goes_with_him(store: explorer.Store, drafts: Any) -> None:
    source: Source = drafts.source(f"{CANARY}.csv", b"id,stage")
    draft = RecordsDraft(
        item="tab-1", name=f"{CANARY}.csv", sources=[source], patient=PatientHint(CANARY),
        facts=[{"name": "stage", "value": CANARY}],
    )  # fmt: skip
    with store.transaction("1 tables") as t:
        t.put_records(t.patient(CANARY), draft)
        t.put_files("~files", [{"uri": source.uri, "status": "ingested", "item": "tab-1",
                                "sha256": source.sha256, "root": str(drafts.folder)}])  # fmt: skip
    store.records.append("mappings", [{"origin": "tab-1", "name": CANARY, "text": "id"}])
    done = erase(store, CANARY)
    assert (done.outside.sources, done.outside.tables) == ([source.uri], [])
    assert list(traces(store, *CODED)) == []
    assert store.records.read("mappings").num_rows == 0


def test_the_next_ingest_of_the_same_folder_asks(
    ct_slices: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    ct_slices(folder / "a", "SYN-1")
    ct_slices(folder / "b", CANARY)
    ingest(folder, tmp_path / "s.onco")
    store = explorer.open(tmp_path / "s.onco")
    done = erase(store, CANARY)
    assert len(done.outside.sources) == 3
    again = ingest(folder, store)
    assert again.counts == {"ingested": 0, "referenced": 0, "skipped": 6, "refused": 0}
    told = {row["reason"] for row in again.files if "/b/" in row["path"]}
    assert told == {"the patient was erased from this store; --again takes the files in"}
    assert list(store) == ["SYN-1"]
    assert list(traces(store, *CODED)) == []

    # under another name, and from another place, the files are still known
    shutil.move(folder / "b", tmp_path / "c")
    assert {row["status"] for row in ingest(tmp_path / "c", store).files} == {"skipped"}
    # a new file of the patient too, for the user who erased
    ct_slices(folder / "d", CANARY, value=2000)
    assert not ingest(folder, store).changed
    with pytest.raises(ErasedError, match="--again"), store.transaction("by hand") as t:
        t.patient(CANARY, store.records.read("roots")["issuer"][0].as_py())

    assert ingest(folder, store, again=True).changed
    assert store[CANARY].images["CT"].data.values[0, 0, 0] == 2000 - 1024
    assert verify(store).ok


def test_a_late_writer_brings_nobody_back(store: explorer.Store, drafts: Any) -> None:
    with store.transaction("first") as t:
        key = t.patient(CANARY)
        t.add_facts(key, [{"name": "stage", "value": CANARY}])
    late = store.transaction(f"late {CANARY}")
    late.add_facts(key, [{"name": "grade", "value": CANARY}])
    fresh = store.transaction("reserved before")
    held = fresh.patient(f"{CANARY}-new")
    fresh.add_facts(held, [{"name": "grade", "value": CANARY}])
    with store.transaction("the same, faster") as t:
        t.add_facts(t.patient(f"{CANARY}-new"), [{"name": "stage", "value": "I"}])
    erase(store, CANARY)
    erase(store, f"{CANARY}-new")
    for writer in (late, fresh):
        with pytest.raises(ConflictError, match="erased"), writer:
            pass
    with pytest.raises(ConflictError, match="erased"):
        store.transaction("pixels").put(key, drafts.image())
    assert list(traces(store, *CODED, key.encode())) == [
        place for place in traces(store, key.encode()) if "/locks/" in place
    ]
    assert len(store) == 0


def test_a_writer_of_files_of_nobody_begins_again(store: explorer.Store, drafts: Any) -> None:
    others(store, drafts)
    fill(store, drafts)
    late = store.transaction("files of no patient")
    late.put_files("~files", [{"uri": "/elsewhere/x.doc", "status": "skipped"}])
    erase(store, CANARY)
    with pytest.raises(ConflictError), late:
        pass
    assert list(traces(store, *CODED)) == []


def test_a_file_that_was_given_to_the_wrong_patient_first_is_named(
    ct_slices: Callable[..., Path], tmp_path: Path
) -> None:
    folder = ct_slices(tmp_path / "in" / "x", "WRONG")
    ct_slices(tmp_path / "in" / "y", "WRONG")
    ingest(tmp_path / "in", tmp_path / "s.onco")
    for file in folder.iterdir():
        ds = pydicom.dcmread(file)
        ds.PatientID = CANARY
        ds.save_as(file)
    ingest(tmp_path / "in", tmp_path / "s.onco")
    store = explorer.open(tmp_path / "s.onco")
    wrong = store["WRONG"].key
    assert erase(store, CANARY).outside.others == [
        {"patient": wrong, "files": sorted(str(file) for file in folder.iterdir())}
    ]


def test_an_erasure_that_was_begun_goes_on(store: explorer.Store, drafts: Any) -> None:
    others(store, drafts)
    key = fill(store, drafts)
    begin_erasure(store, [key])
    with pytest.raises(ConflictError, match="erased"):
        store.transaction("meanwhile").put(key, drafts.image())
    assert compact(store, grace_s=0).erasures_ended == 1
    assert list(traces(store, *CODED, key.encode())) == []
    assert finish_erasures(store) == 0


def test_an_empty_patient_and_nobody(store: explorer.Store) -> None:
    with store.transaction("x") as t:
        t.patient("Anna")
    with pytest.raises(NotFoundError, match="No patient"):
        plan_erasure(store, "Berta")
    assert erase(store, "Anna").items == 0
    assert len(store) == 0
    assert set(ALL_TABLES) == {path.stem for path in (store.path / "tables").iterdir()}


def test_the_command_says_what_goes_and_asks(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    put(CANARY, drafts.image())
    run = CliRunner()
    asked = run.invoke(app, ["erase", str(store.path), CANARY], input="n\n")
    assert asked.exit_code == 1
    assert "1 versions, 1 items" in asked.stdout
    assert "slices.raw" in asked.stdout
    assert run.invoke(app, ["erase", str(store.path), CANARY, "--json"]).exit_code == 2
    assert list(store) == [CANARY]
    done = run.invoke(app, ["erase", str(store.path), CANARY, "--yes", "--json"])
    assert json.loads(done.stdout)["outside"]["sources"] == [str(drafts.folder / "slices.raw")]
    assert done.exit_code == 0
    assert list(store) == []
