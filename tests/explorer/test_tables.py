"""The tables of a store, listed and printed for a person to edit."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import explorer
from explorer import cli
from explorer.errors import NotFoundError
from explorer.ingest import ingest
from explorer.tables import tables


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "clinic"
    folder.mkdir()
    (folder / "age.csv").write_text("patient_id,age_years\nP1,63\nP2,x\n")
    (folder / "[red]x.csv").write_text("patient_id;<b>size</b> (cm)\nP1;1,5\n")
    return folder


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: object) -> (
    tuple[int, str]
):  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["oncograph", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0), capsys.readouterr().out


def test_listed_by_name(source: Path, tmp_path: Path) -> None:
    ingest(source, tmp_path / "s.onco")
    found = tables(explorer.open(tmp_path / "s.onco"))
    assert [one.name for one in found] == ["[red]x.csv", "age.csv"]
    assert found["age.csv"].by == "guess"
    assert found["age.csv"].file == str(source / "age.csv")
    assert found["age.csv"].tables()[0].identifier == "patient_id"
    with pytest.raises(NotFoundError, match="No tables are called 'none'"):
        found["none"]


def test_the_command_shows_the_guess_and_prints_what_can_be_edited(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    place = tmp_path / "s.onco"
    status, out = run(capsys, monkeypatch, "ingest", source, "--store", place)
    assert status == 0
    assert "the patient's identifier" in out
    assert "<b>size</b> (cm)" in out
    status, out = run(capsys, monkeypatch, "tables", place, "--json")
    assert [one["by"] for one in json.loads(out)["tables"]] == ["guess", "guess"]
    status, out = run(capsys, monkeypatch, "tables", place)
    assert "[red]x.csv" in out
    status, text = run(capsys, monkeypatch, "tables", place, "--yaml", "age.csv")
    assert status == 0
    edited = tmp_path / "map.yaml"
    edited.write_text(text.replace("age_years: text", "age_years: {is: number, unit: years}"))
    status, out = run(
        capsys, monkeypatch, "ingest", source, "--store", place, "--map", edited, "--json"
    )
    assert status == 0
    (fault,) = json.loads(out)["faults"]
    assert (fault["row"], fault["column"], fault["found"]) == (2, "age_years", "x")
    assert explorer.open(place)["P1"].facts.set_index("name").loc["age_years", "unit"] == "years"
    edited.write_text("tables:\n- files: age.csv\n  identifier: patient_id\n  colour: red\n")
    status, _ = run(capsys, monkeypatch, "ingest", source, "--store", place, "--map", edited)
    assert status == 2
