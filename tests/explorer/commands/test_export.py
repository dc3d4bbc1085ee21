"""``oncograph export``: whom it exports, and what it prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import explorer
from explorer.cli import app
from explorer.exports.exporter import formats


@pytest.fixture
def oncograph() -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(app, ["export", *map(str, words)])


@pytest.fixture
def two(store: explorer.Store, put: Callable[..., Any], drafts: Any) -> explorer.Store:
    """Two synthetic patients, of whom one has an image."""
    put("Anna", drafts.image(), drafts.segmentation(), copy=True)
    with store.transaction("facts") as t:
        t.add_facts(t.patient("Berta", synthetic=True), [{"name": "stage", "value": "II"}])
    return store


def test_the_list_of_formats_needs_no_store(oncograph: Callable[..., Result]) -> None:
    found = oncograph("--format", "list", "--json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout) == {name: one.about for name, one in formats().items()}
    assert "nnunet" in oncograph("--format", "list").stdout
    assert oncograph().exit_code == 2
    assert oncograph("--format", "nnunet").exit_code == 2


def test_a_frozen_cohort_with_options(
    oncograph: Callable[..., Result], two: explorer.Store, tmp_path: Path
) -> None:
    frozen = two.cohort().among(["Anna"]).freeze("one")
    found = oncograph(
        two.url, tmp_path / "out", "--cohort", "one", "--format", "nnunet",
        "--option", "overlap=order", "--option", "number=7", "--option", "channels=CT", "--json",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    said = json.loads(found.stdout)
    assert (said["layout"], said["resumed"], said["cohort"]["name"]) == ("nnunet", 0, "one")
    assert said["cohort"]["sha256"] == frozen.digest
    assert (said["options"]["overlap"], said["options"]["channels"]) == ("order", ["CT"])
    assert [one["key"] for one in said["patients"]] == list(frozen.keys)
    assert (tmp_path / "out" / "Dataset007_one" / "dataset.json").is_file()
    assert said["folder"] == str(tmp_path / "out")


def test_a_condition_is_asked_as_a_cohort_asks_it(
    oncograph: Callable[..., Result], two: explorer.Store, tmp_path: Path
) -> None:
    words = ("--where", "label = 'Berta' -- by name", "--format", "parquet", "--json")
    found = oncograph(two.url, tmp_path / "out", *words)
    assert found.exit_code == 0, found.output
    assert [one["key"] for one in json.loads(found.stdout)["patients"]] == [two["Berta"].key]
    for no in ("label = 'x') order by (1", "true; select 1", "no = 1"):
        assert oncograph(two.url, tmp_path / "no", "--where", no).exit_code != 0
    assert oncograph(two.url, tmp_path / "no", "--option", "overlap").exit_code == 2
    both = ("--where", "true", "--cohort", "one")
    assert oncograph(two.url, tmp_path / "no", *both).exit_code == 2
    assert not (tmp_path / "no").exists()


def test_what_was_left_out_is_a_status_of_1(
    oncograph: Callable[..., Result], two: explorer.Store, tmp_path: Path
) -> None:
    found = oncograph(two.url, tmp_path / "out", "--format", "parquet")
    assert found.exit_code == 1
    said = " ".join(found.stdout.split())  # it is wrapped
    assert "2 patients exported as parquet" in said
    assert "the format has no place for them" in said


def test_it_says_of_how_many_patients_there_is_no_file(
    oncograph: Callable[..., Result], two: explorer.Store, tmp_path: Path
) -> None:
    found = oncograph(two.url, tmp_path / "out", "--format", "nnunet")
    said = " ".join(found.stdout.split())
    assert "2 patients (1 of them without a file of their own) exported as nnunet" in said
    assert "facts (1): the format has no place for them" in said
