"""GDC clinical tables, in the columns of old and of new carts."""

import json
from pathlib import Path

import pytest

import explorer
from explorer.ingest import ingest

CART = Path(__file__).parents[2] / "data" / "gdc_clinical"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> explorer.Store:
    place = tmp_path_factory.mktemp("gdc") / "s.onco"
    told = {Path(one["path"]).name: one["status"] for one in ingest(CART, place).files}
    assert [told[n] for n in ("clinical.tsv", "exposure.tsv", "follow_up.tsv")] == ["ingested"] * 3
    return explorer.open(place)


def test_a_case_is_told_once_though_its_rows_repeat_it(store: explorer.Store) -> None:
    assert list(store) == ["SYN-G1", "SYN-G2"]
    facts = store["SYN-G1"].rows("facts")
    (age,) = (row for row in facts if row["name"] == "age_at_diagnosis")
    assert (age["number"], age["unit"], age["row"]) == (23011, "days", 1)
    assert store["SYN-G1"].attributes["sex"] == "F"
    (smoked,) = (row for row in facts if row["name"] == "pack_years_smoked")
    assert (smoked["number"], smoked["column"]) == (40, "exposures.pack_years_smoked")


def test_days_are_from_the_index_date(store: explorer.Store) -> None:
    events = store["SYN-G1"].rows("events")
    assert {(e["kind"], e["name"], e["state"], e["days"], e["day_from"]) for e in events} == {
        ("diagnosis", "Adenocarcinoma, NOS", "present", 0, "diagnosis"),
        ("treatment", "Cisplatin", "present", 21, "diagnosis"),
        ("treatment", "Radiation Therapy, NOS", "absent", None, "diagnosis"),
        ("death", "death", "present", 745, "diagnosis"),
        ("follow-up", "follow-up", "present", 120, "diagnosis"),
    }
    (found,) = (e for e in events if e["kind"] == "diagnosis")
    assert (found["code"], found["code_scheme"]) == ("C34.1", "ICD-10")
    assert json.loads(found["detail"])["ajcc_pathologic_stage"] == "Stage IIIA"


def test_absence_has_its_states(store: explorer.Store) -> None:
    facts = {row["name"]: (row["value"], row["state"]) for row in store["SYN-G1"].rows("facts")}
    assert facts["days_to_last_follow_up"] == (None, "absent")
    assert facts["tumor_grade"] == (None, "unknown: 'Not Reported'")
    assert "alcohol_history" not in facts  # no case has it: the table says nothing of it
    (treated,) = (e for e in store["SYN-G2"].rows("events") if e["kind"] == "treatment")
    assert treated["state"] == "unknown"
    follow = [e for e in store["SYN-G2"].rows("events") if e["kind"] == "follow-up"]
    assert [(e["days"], e["value"]) for e in follow] == [
        (365, "TF-Tumor Free"), (1830, "TF-Tumor Free"),
    ]  # fmt: skip
