from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from graphs.commands.describe import describe
from graphs.errors import MeasureError


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.command()(describe)
    return made


def test_it_is_a_command_of_oncograph() -> None:
    (point,) = [one for one in entry_points(group="oncograph.commands") if one.name == "describe"]
    assert point.load() is describe


def test_reports_for_people_and_for_programs(
    outlined: Callable[..., Any], thorax: Any, app: typer.Typer
) -> None:
    tumour = thorax.ellipsoid((36, 5, -28), (8, 6, 9))
    store = outlined("\x1b[31mAnna", thorax.organs, {"tumour": tumour}).store
    outlined("Bea")
    place = str(store.place.path)
    told = CliRunner().invoke(app, [place])
    assert told.exit_code == 0
    assert "mm tumor lies in the right lung" in told.stdout
    assert "1 reports of 2 patients; 0 failed" in told.stdout
    assert "\x1b" not in told.stdout
    document = json.loads(CliRunner().invoke(app, [place, "--json"]).stdout)
    (report,) = document["reports"]
    assert report["label"] == "\x1b[31mAnna"
    assert report["report"] in store[report["label"]].reports
    (one,) = [n for n in report["numbers"] if n["quantity"] == "volume"]
    assert one["targets"][0].startswith(f"onco:{report['patient']}/segmentations/seg-2@")
    alone = CliRunner().invoke(app, [place, "--patient", "Bea", "--no-keep", "--json"])
    assert "Nothing is described." in json.loads(alone.stdout)["reports"][0]["text"]
    assert not store["Bea"].reports


def test_one_that_fails_is_told_and_the_others_are_described(
    outlined: Callable[..., Any],
    thorax: Any,
    app: typer.Typer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tumour = thorax.ellipsoid((36, 5, -28), (8, 6, 9))
    outlined("Anna", {"tumour": tumour})
    store = outlined("Bea", {"tumour": tumour}).store
    kept = store["Anna"].key

    from graphs.describe import describe as write

    def sometimes(patient: Any, **options: Any) -> Any:
        if patient.key == kept:
            raise MeasureError("No luck")
        return write(patient, **options)

    monkeypatch.setattr(sys.modules["graphs.describe"], "describe", sometimes)
    told = CliRunner().invoke(app, [str(store.place.path), "--json"])
    assert told.exit_code == 1
    assert [one["label"] for one in json.loads(told.stdout)["reports"]] == ["Bea"]
    assert "Anna: No luck" in told.stderr
