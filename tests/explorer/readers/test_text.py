"""Reports as text files: every character, its language, its date, its patient."""

import json
from pathlib import Path

import pytest

import explorer
from explorer.draft import Source
from explorer.errors import FileSkippedError
from explorer.ingest import ingest
from explorer.peek_file import sha256_of
from explorer.readers.text import TextReader

REPORT = (
    "CT THORAX\r\nDate of report: 2019-04-09\r\n\r\nFINDINGS: a nodule of 9 mm in the right "
    "upper lobe \u2013 unchanged since the prior examination.\r\n\tIMPRESSION: stable.\r\n\r\n"
)


def take(folder: Path, tmp_path: Path, patient: str | None = None) -> explorer.Store:
    store = explorer.open(tmp_path / "s.onco", create=True)
    ingest(folder, store, patient=patient)
    return store


def people(store: explorer.Store) -> list[explorer.Patient]:
    return [store[name] for name in store]


def statuses(store: explorer.Store) -> dict[str, tuple[str, str | None]]:
    rows = store.files().to_dict("records")
    return {Path(row["uri"]).name: (row["status"], row["reason"]) for row in rows}


def test_a_folder_of_reports(tmp_path: Path) -> None:
    folder = tmp_path / "cohort" / "anna"
    folder.mkdir(parents=True)
    (folder / "ct.txt").write_bytes(REPORT.encode())
    (folder / "befund.txt").write_bytes(
        "Kein Nachweis einer größeren Raumforderung.".encode("cp1252")
    )
    (folder / "README.md").write_text("These are the reports of the study.")
    (folder / "table.txt").write_text("id\tage\n1\t2\n3\t4\n")
    (folder / "run.txt").write_text("INFO: x\nINFO: y\nERROR: z\n")
    (folder / "empty.txt").write_text(" \n")
    store = take(tmp_path / "cohort", tmp_path)
    (patient,) = (store[name] for name in store)
    assert patient.label == "anna"
    texts = {row["name"]: row for row in patient.rows("texts")}
    assert set(texts) == {"ct.txt", "befund.txt"}
    assert texts["ct.txt"]["text"] == REPORT
    assert (texts["ct.txt"]["language"], texts["ct.txt"]["date"]) == ("en", "2019-04-09")
    said = json.loads(texts["ct.txt"]["detail"])
    assert REPORT[slice(*said["date_at"])] == "2019-04-09"
    assert said["encoding"] == "utf-8"
    assert texts["befund.txt"]["language"] == "de"
    assert texts["befund.txt"]["text"] == "Kein Nachweis einer größeren Raumforderung."
    assert texts["ct.txt"]["sha256"] == sha256_of(folder / "ct.txt")
    told = statuses(store)
    assert told["ct.txt"] == ("ingested", "the patient is taken from the folder's name")
    assert told["befund.txt"][0] == "ingested"
    assert "Windows-1252" in (told["befund.txt"][1] or "")
    assert told["README.md"][0] == "skipped"
    assert told["table.txt"] == (
        "skipped",
        "no report: it is a table with tabs between its columns.",
    )
    assert told["run.txt"] == ("skipped", "no report: it is a log.")
    assert told["empty.txt"] == ("skipped", "no report: it holds no words.")


def test_offsets_are_addresses(tmp_path: Path) -> None:
    folder = tmp_path / "anna"
    folder.mkdir()
    (folder / "ct.txt").write_bytes(REPORT.encode())
    store = take(folder, tmp_path)
    (patient,) = (store[name] for name in store)
    (report,) = patient.reports.values()
    at = report.text.index("9 mm")
    address = explorer.Address(patient.key, "reports", report.id, None, {"chars": (at, at + 4)})
    assert address.resolve(store).value == "9 mm"


def test_the_patient_can_be_said(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "ct.txt").write_bytes(REPORT.encode())
    (patient,) = people(take(folder, tmp_path, patient="Anna"))
    assert patient.label == "Anna"


def test_again_changes_nothing_and_a_changed_report_replaces_the_old(tmp_path: Path) -> None:
    folder = tmp_path / "anna"
    folder.mkdir()
    (folder / "ct.txt").write_bytes(REPORT.encode())
    store = take(folder, tmp_path)
    (patient,) = (store[name] for name in store)
    ingest(folder, store)
    assert store[patient.key].version == patient.version
    (folder / "ct.txt").write_bytes(REPORT.encode() + b"Addendum: none.")
    ingest(folder, store)
    (report,) = store[patient.key].reports.values()
    assert report.text == REPORT + "Addendum: none."
    (folder / "ct.txt").write_text("")
    ingest(folder, store)
    assert len(store[patient.key].at(patient.version).reports) == 1


def test_a_real_report_by_optical_recognition(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "tcga_pathology_reports"
    store = take(folder, tmp_path)
    path = next(folder.glob("TCGA-*.txt"))
    patient = store["TCGA-BP-5195"]
    (report,) = patient.reports.values()
    assert report.text.encode() == path.read_bytes()
    assert (report.language, report.date) == ("en", None)
    assert statuses(store)["SOURCE.md"][0] == "skipped"


def test_dragons_reports(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data.parent / "data-restricted" / "dragon_reports"
    if not folder.is_dir():
        pytest.skip("the restricted reports are not here")
    store = take(folder, tmp_path)
    found = {row["name"]: row["text"] for p in people(store) for row in p.rows("texts")}
    paths = sorted(folder.glob("Task*.md"))
    assert found == {path.name: path.read_bytes().decode() for path in paths}
    assert len(paths) == 11


def test_hostile_strings_are_kept_as_report_text(hostile: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "anna"
    folder.mkdir()
    wanted = {}
    for number, text in enumerate(hostile):
        wanted[f"{number:03}.txt"] = whole = f"FINDINGS:\r\n{text}\nIMPRESSION: none of it.\n"
        (folder / f"{number:03}.txt").write_bytes(whole.encode())
    store = take(folder, tmp_path, patient="Anna")
    (patient,) = (store[name] for name in store)
    found = {row["name"]: row["text"] for row in patient.rows("texts")}
    assert {r[0] for r in statuses(store).values()} == {"ingested"}
    assert found == wanted


def test_hostile_strings_alone_have_one_status_each(hostile: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "anna"
    folder.mkdir()
    for number, text in enumerate(hostile):
        (folder / f"{number:03}.txt").write_bytes(text.encode())
    reader = TextReader()
    kept = 0
    for number, text in enumerate(hostile):
        path = folder / f"{number:03}.txt"
        source = Source(path, str(path), path.name, True, path.stat().st_size, 1, "")
        try:
            header = reader.peek(source)
        except FileSkippedError:
            continue
        if header is None:
            continue
        reading = reader.read([header], [])
        (draft,) = reading.drafts
        assert draft.texts[0]["text"] == text.removeprefix("\ufeff")  # type: ignore[union-attr]
        kept += 1
    assert kept > 300


def test_hostile_file_names(hostile: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "cohort" / "anna"
    folder.mkdir(parents=True)
    names = set()
    for text in hostile:
        name = f"{text} ct.txt"
        if "/" in name or "\0" in name or len(name.encode()) > 250:
            continue
        (folder / name).write_bytes(REPORT.encode())
        names.add(name)
    store = take(tmp_path / "cohort", tmp_path, patient="Anna")
    (patient,) = (store[name] for name in store)
    assert {row["name"] for row in patient.rows("texts")} == names
    assert len(names) > 300


@pytest.mark.slow
def test_hostile_patient_names(hostile: list[str], tmp_path: Path) -> None:
    names = set()
    for text in hostile[::8]:  # one commit each; all of them in one are in test_fhir.py
        name = f"_{text}"
        if "/" in name or "\0" in name or "!" in name or len(name) > 120:
            continue
        if len(name.encode()) > 250 or "\\" in name:
            continue
        (tmp_path / "cohort" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "cohort" / name / "ct.txt").write_bytes(REPORT.encode())
        names.add(name)
    store = take(tmp_path / "cohort", tmp_path)
    assert {patient.label for patient in people(store)} == names
    kept = {path.name for path in (tmp_path / "s.onco" / "patients").glob("*")}
    assert all(name.isalnum() for name in kept)
