"""Pairs of patients who may be one person are listed; nothing is joined by it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import explorer
from explorer.accept import accept
from explorer.cli import app
from explorer.errors import NotFoundError
from explorer.ingest import ingest
from explorer.match import match
from explorer.unjoin import unjoin
from explorer.verify import verify

Put = Callable[..., explorer.Patient]


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


def pairs(store: explorer.Store) -> list[tuple[str, str, str]]:
    return [(*proposal.labels, proposal.rule) for proposal in match(store)]


def people(store: explorer.Store, *names: str, issuer: str = "index", **attributes: Any) -> None:
    with store.transaction("people") as t:
        for name in names:
            t.patient(name, issuer, **attributes)


def test_the_real_case(shared_data: Path, tmp_path: Path) -> None:
    """One patient of CMB-CRC: the DICOM files say it with the collection's name, IDC without."""
    index = pd.read_parquet(shared_data / "idc_index_subset" / "idc_series_subset.parquet")
    theirs = index[index.collection_id == "cmb_crc"]
    assert set(theirs.PatientID) == {"MSB-06489"}
    store = explorer.open(tmp_path / "s", create=True)
    ingest(shared_data / "cmb_crc_msb06489_two_timepoints", store)
    with store.transaction("the index of IDC") as t:
        key = t.patient("MSB-06489", "idc")
        t.add_facts(
            key,
            [
                {"name": name, "value": row[name], "date": row.StudyDate, "row": n}
                for n, (_, row) in enumerate(theirs.iterrows(), start=1)
                for name in ("SeriesInstanceUID", "StudyInstanceUID", "Modality")
            ],
        )
    before = (store["CMB-CRC-MSB-06489"].rows("items"), store["MSB-06489"].facts.to_dict("list"))
    found = match(store)
    assert [(p.labels, p.rule, p.safe) for p in found] == [
        (("MSB-06489", "CMB-CRC-MSB-06489"), "suffix", False)
    ]
    assert list(store) == ["CMB-CRC-MSB-06489", "MSB-06489"]

    accept(store, [found[0].id], "TCIA names the collection in PatientID, IDC does not")
    both = store["MSB-06489"]
    assert [image.acquired for image in both.images.values()] == ["1959-12-09", "1960-04-13"]
    assert [image.day for image in both.images.values()] == [0, 126]
    assert len(both.facts) == 3 * len(theirs)
    assert verify(store).ok
    assert match(store) == []

    unjoin(store, found[0].id, "to see that it can be taken back")
    strip = [{k: v for k, v in r.items() if k != "commit"} for r in before[0]]
    again = store["CMB-CRC-MSB-06489"].rows("items")
    assert [{k: v for k, v in r.items() if k != "commit"} for r in again] == strip
    assert store["MSB-06489"].facts.to_dict("list") == before[1]
    assert verify(store).ok
    assert match(store) == found


def test_rules_in_a_store(store: explorer.Store, drafts: Any, put: Put) -> None:
    put("TCGA-BP-5195.25c0b433", drafts.image(item="ct-1", file="a.raw"), issuer="reports")
    people(store, "TCGA-BP-5195", "X-0001", "unlike")
    people(store, "X-0001", "x 1", issuer="elsewhere")
    assert pairs(store)[0] == ("TCGA-BP-5195.25c0b433", "TCGA-BP-5195", "barcode")
    rules = Counter(rule for _, _, rule in pairs(store))
    assert rules == {"barcode": 1, "spelling": 2, "other issuer": 1}
    assert [p.id for p in match(store)] == [p.id for p in match(store)]


def test_one_series_and_one_file_of_two_patients(
    store: explorer.Store, drafts: Any, put: Put
) -> None:
    one = drafts.image(item="ct-1", file="a.raw", meta={"series_uid": "1.2.3", "study_uid": "1.2"})
    two = drafts.image(item="ct-2", file="b.raw", meta={"series_uid": "1.2.3", "study_uid": "1.2"})
    put("Anna", one)
    put("Berta", two)
    [proposal] = match(store)
    assert proposal.rule == "SeriesInstanceUID"
    assert proposal.safe
    assert [text.split(":")[0] for text in proposal.evidence] == [
        "1 x the same SeriesInstanceUID",
        "1 x the same StudyInstanceUID",
        "1 x the same file (sha256)",
    ]
    with store.transaction("sexes") as t:
        t.set_attributes(proposal.patient, sex="F", birth_date="1950-01-01")
        t.set_attributes(proposal.into, sex="M", birth_date="1950-01-01")
    [proposal] = match(store)
    assert proposal.against == ("sex differs: F and M",) or proposal.against == (
        "sex differs: M and F",
    )
    assert not proposal.safe
    assert accept(store, ["safe"]) == []
    assert sorted(store) == ["Anna", "Berta"]


def test_birth_date_and_sex_support_and_never_propose(store: explorer.Store) -> None:
    people(store, "Anna", "Berta", sex="F", birth_date="1950-01-01")
    assert match(store) == []
    people(store, "CRC-1234", "A-CRC-1234", sex="F", birth_date="1950-01-01")
    [proposal] = match(store)
    assert proposal.evidence[1] == "the same birth date (1950-01-01) and sex"


def test_death_speaks_against(store: explorer.Store, drafts: Any, put: Put) -> None:
    put("A-CRC-1234", drafts.image(acquired="2019-05-01"))
    people(store, "CRC-1234")
    with store.transaction("death") as t:
        key = t.patient("CRC-1234", "index")
        t.add_facts(key, [{"name": "date_of_death", "value": "2018-01-01"}])
    [proposal] = match(store)
    assert proposal.against == ("something of 2019-05-01 comes after the other's death",)


def test_a_file_that_everybody_has_says_nothing(
    store: explorer.Store, drafts: Any, put: Put
) -> None:
    for number in range(8):
        put(f"P{number}", drafts.image(np.zeros((2, 3, 4), np.int16), item=f"ct-{number}"))
    assert match(store) == []


def test_accepting_what_is_not_proposed(store: explorer.Store) -> None:
    people(store, "CRC-1234", "A-CRC-1234")
    [proposal] = match(store)
    with pytest.raises(NotFoundError, match="No proposal"):
        accept(store, [proposal.id, "match-00000000"])
    assert len(store) == 2


def test_the_command(store: explorer.Store, runner: CliRunner) -> None:
    people(store, "CRC-1234", "A-CRC-1234", "TCGA-BP-5195", "TCGA-BP-5195-01A")

    def say(*words: str) -> Any:
        result = runner.invoke(app, ["match", store.url, *words, "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    found = say()["proposals"]
    assert [(p["rule"], p["safe"]) for p in found] == [("barcode", True), ("suffix", False)]
    assert len(store) == 4
    done = say("--accept", found[0]["id"], found[1]["id"], "--reason", "told")["joined"]
    assert [(one["patient"], one["reason"]) for one in done] == [
        (found[0]["patient"]["key"], "told"), (found[1]["patient"]["key"], "told"),
    ]  # fmt: skip
    assert len(store) == 2
    assert [row["id"] for row in say("--joined")["joins"]] == [p["id"] for p in found]
    assert say("--undo", found[0]["id"])["undone"]["patient"] == found[0]["patient"]["key"]
    assert len(store) == 3
    assert [p["id"] for p in say()["proposals"]] == [found[0]["id"]]
    wrong = runner.invoke(app, ["match", store.url, "--undo", "x", "--joined"])
    assert wrong.exit_code == 2


def test_a_file_that_is_named_by_a_case(store: explorer.Store, drafts: Any, put: Put) -> None:
    """Such as TCGA-BP-5195.<uuid>.txt in a folder that gave its name to the patient."""
    people(store, "TCGA-BP-5195")
    put("reports", drafts.image(item="ct-1", file="TCGA-BP-5195.25c0b433.raw"))
    [proposal] = match(store)
    assert (proposal.labels, proposal.rule) == (("reports", "TCGA-BP-5195"), "file name")
    assert proposal.evidence == ("1 files named by it, such as 'TCGA-BP-5195.25c0b433.raw'",)
    assert proposal.against == ()
    assert not proposal.safe
    put("reports", drafts.image(np.zeros((2, 3, 4), np.int16), item="ct-2", file="other.raw"))
    [proposal] = match(store)
    assert proposal.against == ("1 other files are not",)
