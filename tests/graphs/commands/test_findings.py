"""The command ``findings``: one document, resumable, with a person's own words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import explorer
from graphs.commands.findings import findings
from graphs.errors import ModelFolderError


@pytest.fixture
def store(tmp_path: Path) -> explorer.Store:
    store = explorer.open(tmp_path / "patients.onco", create=True)
    with store.transaction("three patients") as t:
        t.add_text(
            t.patient("Anna"), "r-1", "A 2.3 cm nodule, previously 1.8 cm. [red]No chloroma.[/red]"
        )
        t.add_text(t.patient("Bela"), "r-1", "Nothing to say.")
        t.patient("Carl")
    return store


def _run(*arguments: str) -> str:
    app = typer.Typer()
    app.command()(findings)
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_json_is_what_the_format_says(store: explorer.Store) -> None:
    document = json.loads(_run(store.url, "--json"))
    assert set(document) == {"reports"}
    by_patient = {one["patient"]: one for one in document["reports"]}
    assert set(by_patient) == {"Anna", "Bela"}
    assert by_patient["Bela"]["findings"] == []
    (one,) = by_patient["Anna"]["findings"]
    assert set(one) == {
        "id", "text", "start", "end", "entity", "code", "anatomy", "assertion", "laterality",
        "measurements", "change", "address",
    }  # fmt: skip
    assert one["measurements"] == [
        {"value": [2.3], "unit": "cm", "kind": "size"},
        {"value": [1.8], "unit": "cm", "kind": "prior size"},
    ]
    key = store["Anna"].key
    assert one["address"] == f"onco:{key}/reports/r-1@2#chars=9:15"


def test_it_goes_on_where_it_was(store: explorer.Store) -> None:
    _run(store.url, "--patient", "Anna")
    version = store["Anna"].version
    assert store["Bela"].derived("runs").empty
    _run(store.url)
    assert store["Anna"].version == version
    assert store["Bela"].derived("runs")["kind"].tolist() == ["findings", "scene"]


def test_own_words_and_markup_as_text(store: explorer.Store, tmp_path: Path) -> None:
    terms = tmp_path / "terms.csv"
    terms.write_text("term,entity,kind\nchloroma,chloroma,observation\n", encoding="utf-8")
    output = _run(store.url, "--terms", str(terms))
    assert "chloroma" in output
    assert "absent" in output
    found = store["Anna"].findings
    assert sorted(found["entity"]) == ["chloroma", "nodule"]


def test_a_model_needs_its_folder_and_the_rules_need_none(store: explorer.Store) -> None:
    app = typer.Typer()
    app.command()(findings)
    run = CliRunner().invoke
    with_rules = run(app, [store.url, "--model", str(Path(store.url))])
    assert with_rules.exit_code == 2
    for given in ([], ["--model", store.url]):  # none, and one without a model in it
        result = run(app, [store.url, "--extractor", "language_model", *given])
        assert isinstance(result.exception, ModelFolderError)
    assert store["Anna"].derived("runs").empty
