from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

import explorer
import explorer.cli
from explorer.command import app
from explorer.erase import erase
from explorer.errors import QueryError
from explorer.store import Store

NASTY = "=<b>Eve</b>"


@pytest.fixture
def made(store: Store, drafts: Any) -> Store:
    with store.transaction("made up") as t:
        for name, age in (("Ada", 61), ("Ben", 70), ("Cem", 40), (NASTY, 80)):
            t.add_facts(t.patient(name), [{"name": "age", "value": str(age), "number": age}])
    return store


def test_who_came_who_went_and_whose_data_changed(made: Store, drafts: Any) -> None:
    first = made.cohort().with_fact("age > 60")
    first.freeze("first")
    ben, nasty = made["Ben"].key, made[NASTY].key
    with made.transaction("later") as t:
        t.put(made["Ada"].key, drafts.image(), copy=True)
        t.add_facts(made["Cem"].key, [{"name": "age", "value": "65", "number": 65}])
        t.add_facts(t.patient("Dea"), [{"name": "age", "value": "90", "number": 90}])
        t.set_attributes(ben, sex="M")
    second = made.cohort().with_fact("age > 60").where("sex is null")
    second.freeze("second")
    for before, after in (
        (first, second), (made.cohort("first"), made.cohort("second")),
    ):  # fmt: skip
        found = before.compare(after)
        assert found.counts == {
            "before": 3, "after": 4, "the same": 1, "changed": 1, "came": 2, "went": 1,
        }  # fmt: skip
        assert dict(zip(found.went["label"], found.went["why"], strict=True)) == {
            "Ben": "sex is null: another value"
            + ("" if before is first else " (at the newest version)")
        }
        came = dict(zip(found.came["label"], found.came["why"], strict=True))
        assert set(came) == {"Cem", "Dea"}
        if before is first:
            assert came == {"Cem": "age > 60: another value", "Dea": "no such patient then"}
        (row,) = found.changed.to_dict("records")
        assert (row["label"], row["version_from"], row["version_to"]) == ("Ada", 1, 2)
        assert row["items"] == ["+ ct-00000001"]
        assert "items" in row["tables"]
        assert "facts" not in row["tables"]
        assert json.loads(json.dumps(found.document()))["counts"] == found.counts
        assert found.figure()._repr_png_().startswith(b"\x89PNG")
        assert "<b>Eve" not in found._repr_html_()
    erase(made, nasty)
    gone = first.compare(made.cohort())
    assert gone.went["why"].tolist() == ["erased from the store"]
    assert gone.went["label"].tolist() == [NASTY]
    assert "&lt;b&gt;Eve" in gone._repr_html_()


def test_two_stores_are_refused(made: Store, tmp_path: Any) -> None:
    other = explorer.open(tmp_path / "other.onco", create=True)
    with pytest.raises(QueryError):
        made.cohort().compare(other.cohort())


def test_the_command(made: Store) -> None:
    run = CliRunner()
    place = str(made.path)
    found = run.invoke(app, ["cohort", place, "label <> 'Ada'", "--fact", "age > 60", "--json"])
    said = json.loads(found.stdout)
    assert (said["all"], said["chosen"]) == (4, 2)
    assert [one["reason"] for one in said["steps"]] == ["age > 60", "label <> 'Ada'"]
    assert {one["label"] for one in said["patients"]} == {"Ben", NASTY}
    assert (
        run.invoke(app, ["cohort", place, "--fact", "age > 60", "--freeze", "old"]).exit_code == 0
    )
    assert run.invoke(app, ["cohort", place, "--freeze", "all"]).exit_code == 0
    listed = json.loads(run.invoke(app, ["cohort", place, "--list", "--json"]).stdout)
    assert [(one["name"], one["patients"]) for one in listed["cohorts"]] == [("old", 3), ("all", 4)]
    both = run.invoke(app, ["cohort", place, "--compare", "old", "all", "--json"])
    assert json.loads(both.stdout)["counts"]["came"] == 1
    assert "came" in run.invoke(app, ["cohort", place, "--compare", "old", "all"]).stdout
    shown = run.invoke(app, ["cohort", place, "--having", "CT"])
    assert "no value: no record: 4" in shown.stdout
    assert run.invoke(app, ["cohort", place, "--list", "--freeze", "x"]).exit_code == 2
