"""``oncograph index``: what it prints, and the manifest that it writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from explorer.cli import app
from explorer.store import Store

SLICE = (
    Path(__file__).resolve().parents[3]
    / "notebooks"
    / "data"
    / "tables"
    / "idc_index"
    / "idc_index.parquet"
)


@pytest.fixture
def oncograph() -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(app, ["index", "--index", str(SLICE), *words])


def test_a_question(oncograph: Callable[..., Result]) -> None:
    found = oncograph("select count(*) n from idc where Modality = 'NM'", "--json")
    assert found.exit_code == 0
    assert json.loads(found.stdout) == {"rows": [{"n": 11}]}


def test_a_manifest_of_what_a_store_lacks(
    oncograph: Callable[..., Result], store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "lung.s5cmd"
    found = oncograph(
        "--having", "CT", "--having", "SEG", "--collection", "tcga_lusc", "--only", "CT",
        "--store", store.url, "--manifest", str(path), "--json",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert len(lines) == document["counts"]["series"] == len(document["manifest"]["series"]) > 0
    assert [step["asked"] for step in document["steps"]] == [
        "having collection tcga_lusc", "having modality CT", "having modality SEG",
        "only series: modality CT",
    ]  # fmt: skip


def test_a_manifest_of_a_question(oncograph: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "nm.json"
    words = ("select SeriesInstanceUID from idc where Modality = 'NM'", "--manifest", str(path))
    assert oncograph(*words, "--form", "json").exit_code == 0
    assert len(json.loads(path.read_text())["series"]) == 11
    assert oncograph("select 1", "--manifest", str(tmp_path / "x")).exit_code == 2


def test_people_see_steps_and_terms(oncograph: Callable[..., Result]) -> None:
    said = oncograph("--having", "CT").stdout
    assert "having modality CT" in said
    assert "non-commercial" in said
