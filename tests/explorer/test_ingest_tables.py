"""Tables into a store: every value with its place, faults located, meanings kept."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import explorer
from explorer.errors import MapError
from explorer.ingest import ingest
from explorer.tables import tables


def take(folder: Path, **options: object) -> tuple[explorer.IngestResult, explorer.Store]:
    place = folder.parent / "patients.onco"
    return ingest(folder, place, **options), explorer.open(place)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "clinic"
    made.mkdir()
    return made


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_eleven_thousand_real_patients_equal_pandas(shared_data: Path, tmp_path: Path) -> None:
    place = shared_data / "tcga_clinical_pancan" / "clinical_data.tsv.gz"
    result = ingest(place, tmp_path / "s.onco")
    store = explorer.open(tmp_path / "s.onco")
    frame = pd.read_csv(place, sep="\t", low_memory=False)
    assert (len(store), result.counts["ingested"], result.faults) == (11_081, 1, [])
    # one commit: every patient has one version, and they share what made it
    heads = [head for head in store.records.heads() if head.patient != "~files"]
    assert {head.version for head in heads} == {1}
    facts = store.sql("select name, state, count(*) n, sum(number) s from facts group by all")
    present = facts[facts.state == "present"].set_index("name")
    for column in frame.columns.drop("submitter_id"):
        assert present.loc[column, "n"] == frame[column].notna().sum(), column
    for column in ("age_at_diagnosis", "days_to_death", "time"):
        assert present.loc[column, "s"] == pytest.approx(frame[column].sum())
    deaths = store.sql("select count(*) n, sum(days) d from events where value = 'event' "
                       "and name = 'overall survival'")  # fmt: skip
    dead = frame[frame.vital_status == "Dead"]
    assert deaths.n[0] == len(dead)
    assert deaths.d[0] == dead.days_to_death.sum()
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    row = store.sql(
        "select p.label, f.* from facts f join patients p using (patient) "
        "where f.name = 'days_to_death' and p.label = 'TCGA-34-2605'"
    )
    assert (row.source[0], row.sha256[0]) == (str(place.resolve()), digest)
    assert frame.submitter_id[row.row[0] - 1] == "TCGA-34-2605"
    assert (row.day_from[0], row.days[0]) == ("diagnosis", 881)
    again = ingest(place, store)
    assert not again.changed
    assert again.files[0]["reason"] == "unchanged since an earlier ingest"


CLINIC = """PatientID,sex,age_years,date_of_diagnosis,smoker,weight (kg),OS_time,OS_event,notes
P1,F,63,2019-03-31,NA,70.5,12.5,1,=1+1
P2,M,abc,2019-02-31,not done,81,-3,0,<script>alert(1)</script>
P3,F,171,2018-01-02,redacted,60,8,9,"a, b"
,M,50,2018-01-02,no,60,8,0,
"""
MORE = "".join(f"Q{n},M,{40 + n},2018-05-{n + 1:02d},yes,70,{n},{n % 2},\n" for n in range(28))


def test_every_fault_is_located_and_the_rest_goes_in(folder: Path) -> None:
    path = write(folder, "clinic.csv", CLINIC + MORE)
    result, store = take(folder)
    found = {(f["row"], f["column"], f["found"]) for f in result.faults}
    assert found == {
        (2, "age_years", "abc"), (2, "date_of_diagnosis", "2019-02-31"), (2, "OS_time", "-3"),
        (3, "age_years", "171"), (3, "OS_event", "9"), (4, "PatientID", ""),
    }  # fmt: skip
    (status,) = result.files
    assert status["status"] == "ingested"
    assert "6 faults: row 2, column 'OS_time': '-3', expected at least 0" in status["reason"]
    facts = store.sql("select p.label, f.* from facts f join patients p using (patient)")
    by = facts.set_index(["label", "name"])
    assert by.loc[("P2", "age_years"), "state"] == "unknown: 'abc' is not a number"
    assert by.loc[("P2", "weight (kg)"), "number"] == 81
    assert by.loc[("P2", "weight (kg)"), "unit"] == "kg"
    assert by.loc[("P1", "age_years"), "unit"] == "years"
    assert by.loc[("P1", "smoker"), "state"] == "unknown: 'NA'"
    assert by.loc[("P2", "smoker"), "state"] == "not acquired: 'not done'"
    assert by.loc[("P3", "smoker"), "state"] == "withheld: 'redacted'"
    assert by.loc[("P1", "notes"), "value"] == "=1+1"
    assert set(facts.source) == {str(path)}
    assert len(store) == 31
    outcomes = store.sql("select p.label, e.* from events e join patients p using (patient) "
                         "where e.kind = 'outcome'").set_index("label")  # fmt: skip
    assert (outcomes.loc["P1", "value"], outcomes.loc["P1", "number"]) == ("event", 12.5)
    assert outcomes.loc["P2", "state"] == "unknown: no time in 'OS_time'"
    assert outcomes.loc["P3", "state"] == "unknown: whether it happened is not said"
    # the date of diagnosis is time zero, and sex is known
    assert store["P1"].anchor == explorer.Anchor(
        "2019-03-31", "diagnosis", "column 'date_of_diagnosis' of a table"
    )
    assert store["P1"].attributes["sex"] == "F"
    assert json.loads(json.dumps(result.document()))["faults"]


def test_a_map_says_it_otherwise_and_is_used_again(folder: Path, tmp_path: Path) -> None:
    write(folder, "t.csv", "nr;seen;status;months\nP1;01/02/2019;2;5,5\nP2;03/04/2019;1;-9\n")
    refused, _ = take(folder)
    assert "identifier: COLUMN" in refused.refused[0]["reason"]
    map_file = tmp_path / "map.yaml"
    map_file.write_text(
        "tables:\n- files: 't*.csv'\n  identifier: nr\n  absent: {-9: withheld}\n"
        "  columns:\n    seen: {is: date, format: '%d/%m/%Y'}\n    status: text\n"
        "  outcomes:\n  - {time: months, event: status, codes: {1: censored, 2: event},"
        " unit: months}\n"
    )
    result, store = take(folder, tables=map_file)
    assert result.counts["ingested"] == 1
    facts = store.sql("select p.label, f.* from facts f join patients p using (patient)")
    by = facts.set_index(["label", "name"])
    assert by.loc[("P1", "seen"), "date"] == "2019-02-01"
    assert by.loc[("P1", "months"), "number"] == 5.5
    assert by.loc[("P2", "months"), "state"] == "withheld: '-9'"
    same, _ = take(folder)
    assert not same.changed
    # the file has news: the map that is kept with the store still holds
    write(folder, "t.csv", "nr;seen;status;months\nP1;05/06/2019;2;5,5\nP3;03/04/2019;1;7\n")
    news, store = take(folder)
    assert {p["id"] for p in news.patients} == {"P1", "P2", "P3"}
    assert store["P1"].facts.set_index("name").loc["seen", "date"] == "2019-06-05"
    assert store["P2"].facts.empty  # the file no longer speaks of P2
    # and for a file so named that comes later
    write(folder, "t2.csv", "nr;seen;status;months\nP9;05/06/2019;2;5,5\n")
    _, store = take(folder)
    assert store["P9"].facts.set_index("name").loc["seen", "date"] == "2019-06-05"
    (one, two) = tables(store)
    assert (one.name, one.by, two.name) == ("t.csv", "person", "t2.csv")
    # what is printed can be edited and given again
    map_file.write_text(tables(store)["t.csv"].meaning.replace("withheld", "unknown"))
    _, store = take(folder, tables=map_file)
    assert "unknown" in tables(store)["t.csv"].meaning
    map_file.write_text("tables:\n- files: t.csv\n  identifier: nummer\n")
    wrong, _ = take(folder, tables=map_file)
    assert "'nummer'" in wrong.refused[0]["reason"]
    map_file.write_text("tables:\n- files: t.csv\n  identifer: nr\n")
    with pytest.raises(MapError, match="line 3"):
        take(folder, tables=map_file)


def test_wide_columns_are_vectors_and_equal_ones_are_kept_once(folder: Path) -> None:
    genes = [f"G{n}" for n in range(200)]
    values = np.arange(800, dtype=float).reshape(4, 200) / 8
    values[1] = values[0]  # P1's two slides have one profile, P2's have two
    frame = pd.DataFrame(values, columns=[f"{gene}_rnaseq" for gene in genes])
    frame.insert(0, "case_id", ["P1", "P1", "P2", "P2"])
    frame.insert(1, "slide_id", ["s1", "s2", "s3", "s4"])
    frame.iloc[0, 5] = frame.iloc[1, 5] = None
    frame.to_csv(folder / "wide.csv", index=False)
    result, store = take(folder)
    assert "rnaseq: 1 patients have several rows with different values" in result.files[0]["reason"]
    vectors = store.sql(
        "select p.label, v.* from vectors v join patients p using (patient) order by v.row"
    )
    assert list(zip(vectors.label, vectors.row, strict=True)) == [("P1", 1), ("P2", 3), ("P2", 4)]
    expected = values[0].copy()
    expected[3] = np.nan
    np.testing.assert_array_equal(np.array(vectors["values"][0], float), expected)
    assert store.records.features([vectors.features[0]])[vectors.features[0]] == genes
    slides = store.sql("select detail->>'$.slide_id' s from events order by s")
    assert list(slides.s) == ["s1", "s2", "s3", "s4"]
    assert store.sql("select count(*) n from facts").n[0] == 0


def test_a_matrix_with_samples_in_its_columns(folder: Path, tmp_path: Path) -> None:
    write(folder, "rna.tsv", "gene\tTCGA-2F-A9KO-01A\tTCGA-2F-A9KO-11A\tTCGA-2F-A9KP-01A\n"
          "TP53\t1.5\t2\t3\nEGFR\t\t5\t6\nclass\ttumor\tnormal\ttumor\n")  # fmt: skip
    refused, _ = take(folder)
    assert "part: 'TCGA-XX-XXXX'" in refused.refused[0]["reason"]
    map_file = tmp_path / "map.yaml"
    map_file.write_text(
        "tables:\n- files: rna.tsv\n  rows: features\n  features: gene\n"
        "  identifier: {part: TCGA-XX-XXXX}\n  vectors: [{name: r, columns: 'TCGA*', unit: TPM}]\n"
    )
    result, store = take(folder, tables=map_file)
    assert "1 patients have several samples" in result.files[0]["reason"]
    assert sorted(store) == ["TCGA-2F-A9KO", "TCGA-2F-A9KP"]
    vectors = store.sql("select * from vectors order by producer")
    assert [json.loads(one)["sample"] for one in vectors.producer] == [
        "TCGA-2F-A9KO-01A", "TCGA-2F-A9KO-11A", "TCGA-2F-A9KP-01A",
    ]  # fmt: skip
    np.testing.assert_array_equal(np.array(vectors["values"][0], float), [1.5, np.nan])
    assert store.sql("select value from facts order by \"column\"").value.to_list() == [
        "tumor", "normal", "tumor",
    ]  # fmt: skip


def test_several_rows_of_a_patient_who_should_have_one(folder: Path, tmp_path: Path) -> None:
    write(folder, "t.csv", "patient_id,age,sex\nP1,63,F\nP1,64,F\nP2,50,M\nP2,50,M\n")
    map_file = tmp_path / "map.yaml"
    map_file.write_text("tables:\n- {files: t.csv, rows: patient, identifier: patient_id}\n")
    result, store = take(folder, tables=map_file)
    assert [(f["row"], f["expected"]) for f in result.faults] == [
        (2, "one row a patient"), (4, "one row a patient"),
    ]  # fmt: skip
    facts = store["P1"].facts
    ages = facts[facts.name == "age"]
    assert set(ages.state) == {
        "unknown: the patient has several rows: '63' in row 1, '64' in row 2"
    }
    assert list(facts[facts.name == "sex"].value) == ["F"]
    assert list(store["P2"].facts.value) == ["50", "M"]


def test_a_workbook_and_a_moved_file(folder: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Baseline"
    for row in (["patient_id", "age"], ["P1", 63], ["P2", 71]):
        book.active.append(row)
    visits = book.create_sheet("Visits")
    for row in (
        ["patient_id", "visit_date", "ecog"],
        ["P1", "2019-03-31", 0],
        ["P1", "2019-05-01", 1],
    ):
        visits.append(row)
    book.create_sheet("Legend").append(["what", "means"])
    book["Legend"].append(["ecog", "performance status"])
    book.save(folder / "trial.xlsx")
    result, store = take(folder)
    assert (
        "sheet 'Legend': No column is that of the patients' identifiers"
        in result.files[0]["reason"]
    )
    events = store.sql("select * from events order by date")
    assert list(events.date) == ["2019-03-31", "2019-05-01"]
    assert json.loads(events.detail[1]) == {"ecog": 1.0}
    facts = store["P1"].facts
    assert list(facts["column"]) == ["Baseline!age", "Visits!ecog", "Visits!ecog"]
    assert list(facts["date"]) == [None, "2019-03-31", "2019-05-01"]
    # moved: the rows are not there twice
    (folder / "trial.xlsx").rename(folder / "trial-2026.xlsx")
    take(folder)
    assert store.sql("select count(*) n from events").n[0] == 2
    (folder / "copy.xlsx").write_bytes((folder / "trial-2026.xlsx").read_bytes())
    copied, _ = take(folder)
    assert "the same bytes as" in next(f["reason"] for f in copied.files if "copy" in f["path"])


def test_the_naughty_strings_are_kept_as_they_stand(folder: Path, hostile: list[str]) -> None:
    strings = list(dict.fromkeys(text.replace("\r", " ") for text in hostile))
    names = [text for text in strings if text.strip()]
    values = [f"v{k}" for k in range(len(names))]
    frame = pd.DataFrame({"patient_id": names, "cell": names[::-1], **dict.fromkeys(names, values)})
    frame.to_csv(folder / "naughty.csv", index=False)
    before = {p.name for p in folder.parent.rglob("*")}
    result, store = take(folder)
    (status,) = result.files
    assert status["status"] == "ingested", status["reason"]
    absent = {fault["found"] for fault in result.faults if fault["column"] == "patient_id"}
    assert absent <= {"NULL", "null", "N/A", "NaN", "nan", "NA", "--"}  # nobody's, and said so
    assert set(store) == set(names) - absent
    facts = store.sql(
        "select p.label, f.name, f.value from facts f join patients p using (patient)"
    )
    assert set(facts.name) == set(frame.columns) - {"patient_id"}
    cells = facts[facts.name == "cell"].set_index("label").value.dropna()
    said = dict(zip(names, names[::-1], strict=True))
    assert {name: said[name] for name in cells.index} == dict(cells)
    assert len(cells) >= len(names) - 2 * len(absent) - 8
    made = {p.name for p in folder.parent.rglob("*")} - before
    assert not any(text in name for name in made for text in names if len(text) > 6)
    assert "naughty.csv" in tables(store)["naughty.csv"].meaning
