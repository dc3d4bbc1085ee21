from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import explorer
from explorer.demo import make_demo
from explorer.errors import NotFoundError
from explorer.ingest import ingest

CLINICAL = Path("tcga_clinical_pancan/clinical_data.tsv.gz")


def test_bundled_patients(tmp_path: Path) -> None:
    cohort = make_demo(tmp_path / "patients.onco").cohort()
    found = cohort.card(note="eight people <b>")
    assert found.document["about"]["patients"] == 8
    data = found.table("contents").set_index("what")
    assert data.loc["MR", ["patients", "items"]].tolist() == [4, 5]
    assert data.loc["segmentation: RTSTRUCT", "items"] == 3
    assert found.table("licences")["patients"].sum() == 8
    assert "unknown" not in set(found.table("licences")["terms"])
    missing = found.table("missing").set_index("of")
    assert (missing.sum(axis=1) == 8).all()
    scanner = found.document["balance"]["scanner"]
    assert scanner["TOSHIBA Titan"] == 1
    assert scanner["unknown"] == 3
    assert found.mind[0].startswith("The cohort is not frozen")
    assert json.loads(found.to_json()) == found.document
    page = found.save(tmp_path / "card.html").read_text()
    assert "eight people &lt;b&gt;" in page
    assert "<script" not in page
    assert (tmp_path / "card.html").stat().st_mode & 0o077 == 0
    assert found.save(tmp_path / "card.json").read_text() == found.to_json()
    assert len(found.figure().axes) or found.figure().subfigs


@pytest.mark.slow
def test_counts_of_a_real_table_equal_pandas(shared_data: Path, tmp_path: Path) -> None:
    store = explorer.open(tmp_path / "tcga.onco", create=True)
    ingest([shared_data / CLINICAL], store)
    table = pd.read_csv(shared_data / CLINICAL, sep="\t")
    cohort = store.cohort()
    found = cohort.card(
        variables=["sex", "tumor_stage", "age_at_diagnosis"], balance=["race"], by="vital_status"
    )
    one = found.table("table_one").set_index(["variable", "value"])
    for value, mine in table.groupby("vital_status"):
        stages = mine["tumor_stage"].value_counts()
        for stage, count in stages.items():
            assert one.loc[("tumor_stage, n (%)", stage), value].split(" ")[0] == str(count)
        half = mine["age_at_diagnosis"].median() / 365.25
        shown = one.loc[("age_at_diagnosis (years), median [Q1,Q3]", ""), value]
        assert float(shown.split(" ")[0]) == pytest.approx(half, abs=0.051)
    race = table["race"].value_counts()
    assert {k: v for k, v in found.document["balance"]["race"].items() if k != "unknown"} == (
        race.to_dict()
    )
    hidden = cohort.card(variables=["tumor_stage"], least=20).table("table_one")
    told = hidden[hidden["variable"].str.startswith("tumor_stage")].set_index("value")["overall"]
    small = {k for k, n in table["tumor_stage"].value_counts().items() if n < 20}
    assert small
    assert {k for k, text in told.items() if text == "<20"} == small


def test_what_is_made_up_and_unknown_is_said(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    put("Anna", drafts.image())
    with store.transaction("x") as t:
        key = t.patient("Berta", synthetic=True)
        facts = [{"name": "stage $x$ </td>", "value": "<img onerror=1>"},
                 {"name": "dose", "value": None, "state": "not acquired: broken"},
                 {"name": "weight", "value": "61.5", "number": 61.5, "unit": "kg"},
                 {"name": "weight", "value": "62.5", "number": 62.5, "unit": "kg"}]  # fmt: skip
        t.add_facts(key, facts)
    found = store.cohort().card(variables=["stage $x$ </td>"])
    assert "Made up (synthetic) are 2 patients." in found.mind
    assert "<img" not in found._repr_html_()
    found.figure().canvas.draw()  # type: ignore[attr-defined]
    missing = found.table("missing").set_index("of")
    assert missing.loc["dose", "not acquired"] == 1
    assert missing.loc["weight", "several values"] == 1
    with pytest.raises(NotFoundError, match="'nothing'"):
        store.cohort().card(balance=["nothing"])


def test_of_nobody(store: explorer.Store) -> None:
    found = store.cohort().card()
    assert found.document["about"]["patients"] == 0
    assert "Data card" in found.to_html()
