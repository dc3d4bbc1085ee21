"""A cBioPortal study folder: samples to their patients, every part of it in its place."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import explorer
from explorer.ingest import ingest

STUDY = Path(__file__).parents[2] / "data" / "cbioportal_study"


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> tuple[explorer.Store, dict[str, str]]:
    store = explorer.open(tmp_path_factory.mktemp("study") / "s.onco", create=True)
    result = ingest(STUDY, store)
    assert [(one["row"], one["column"], one["found"]) for one in result.faults] == [
        (3, "START_DATE", "soon")
    ]
    return store, {Path(one["path"]).name: one["reason"] or "" for one in result.files}


def test_each_file_says_what_became_of_it(taken: tuple[explorer.Store, dict[str, str]]) -> None:
    _, reasons = taken
    assert reasons["data_clinical_patient.txt"] == "3 patients"
    assert reasons["data_clinical_sample.txt"] == "3 patients, 4 samples"
    assert reasons["data_mutations.txt"].startswith("5 calls; 1 calls of samples that")
    assert reasons["data_cna.txt"] == "3 genes of 3 samples"
    assert reasons["meta_study.txt"] == "describes meta_study.txt"
    assert "derived" in reasons["cases_all.txt"]


def test_a_patient_with_two_samples(taken: tuple[explorer.Store, dict[str, str]]) -> None:
    store, _ = taken
    assert list(store) == ["SYN-P1", "SYN-P2", "SYN-P3"]
    patient = store["SYN-P1"]
    assert patient.attributes["sex"] == "F"
    facts = {(row["name"], row["value"]): row for row in patient.rows("facts")}
    survival = facts["OS_MONTHS", "24.5"]
    assert (survival["number"], survival["unit"], survival["row"]) == (24.5, "months", 1)
    assert survival["source"] == str(STUDY / "data_clinical_patient.txt")
    assert ("TUMOR_PURITY", "0.55") in facts
    assert facts["mutations of SYN-P1-T", "2"]["number"] == 2
    vectors = {row["name"]: row["values"] for row in patient.rows("vectors")}
    assert vectors["cna of SYN-P1-M"] == [1, -2, 0]
    assert set(vectors) >= {"cna of SYN-P1-T", "non-silent mutations of SYN-P1-T"}
    events = {(row["kind"], row["name"]): row for row in patient.rows("events")}
    treated = events["treatment", "Cisplatin"]
    assert (treated["days"], treated["end_days"], treated["day_from"]) == (21, 105, "diagnosis")
    assert (treated["day"], treated["day_state"]) == (21, "present")
    assert (events["lab_test", "CEA"]["value"], events["lab_test", "CEA"]["days"]) == ("12.4", -3)
    call = events["mutation", "KRAS"]
    assert (call["value"], call["number"]) == ("p.G12V", 0.4)
    assert json.loads(events["sample", "SYN-P1-M"]["detail"]) == {
        "SAMPLE_TYPE": "Metastasis", "TUMOR_PURITY": "0.55",
    }  # fmt: skip


def test_what_is_missing_has_a_state(taken: tuple[explorer.Store, dict[str, str]]) -> None:
    store, _ = taken
    facts = {row["name"]: row for row in store["SYN-P2"].rows("facts")}
    assert (facts["PACK_YEARS"]["value"], facts["PACK_YEARS"]["state"]) == (
        None, "unknown: '[Not Available]'",
    )  # fmt: skip
    (rna,) = (r for r in store["SYN-P2"].rows("vectors") if r["name"] == "rna_seq_v2_mrna")
    np.testing.assert_array_equal(rna["values"], [1050.25, np.nan])
    assert json.loads(rna["producer"])["profile"] == "mRNA expression (RSEM)"
    (event,) = (r for r in store["SYN-P3"].rows("events") if r["kind"] == "treatment")
    assert (event["days"], event["name"]) == (None, "Radiation Therapy")


def test_again_changes_nothing_and_a_change_replaces(tmp_path: Path) -> None:
    folder = shutil.copytree(STUDY, tmp_path / "study")
    store = explorer.open(tmp_path / "s.onco", create=True)
    ingest(folder, store)
    before = {head.patient: head.version for head in store.records.heads()}
    ingest(folder, store)
    assert {head.patient: head.version for head in store.records.heads()} == before
    path = folder / "data_clinical_patient.txt"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:5], lines[5].replace("24.5", "25.5"), lines[6]]) + "\n")
    ingest(folder, store)
    facts = {row["name"]: row["value"] for row in store["SYN-P1"].rows("facts")}
    assert facts["OS_MONTHS"] == "25.5"
    left = {row["name"] for row in store["SYN-P3"].rows("facts")}
    assert "OS_MONTHS" not in left
    assert "SAMPLE_TYPE" in left


def test_a_broken_file_of_a_study_spoils_no_other(tmp_path: Path) -> None:
    folder = shutil.copytree(STUDY, tmp_path / "study")
    (folder / "data_clinical_patient.txt").write_text("#x\nNAME\tAGE\na\t1\n")
    result = ingest(folder, tmp_path / "s.onco")
    told = {Path(one["path"]).name: one["status"] for one in result.files}
    assert told["data_clinical_patient.txt"] == "refused"
    assert told["data_cna.txt"] == "ingested"
    assert len(explorer.open(tmp_path / "s.onco")) == 3
