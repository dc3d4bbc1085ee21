"""Time zero and days."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

import explorer
from explorer.anchor import FIRST_STUDY, Anchor, day_of
from explorer.anchors import anchors
from explorer.cli import app
from explorer.errors import OncographError
from explorer.records_draft import RecordsDraft


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


def test_days_from_time_zero() -> None:
    anchor = Anchor("2019-02-27", "diagnosis", "pathology report")
    assert day_of("2019-02-27", anchor) == (0, "present")
    assert day_of("2019-03-01", anchor) == (2, "present")
    assert day_of("2018-12-31", anchor) == (-58, "present")
    assert day_of("2020-02-29", anchor) == (367, "present")


def test_why_there_is_no_day() -> None:
    anchor = Anchor("2019-02-27", "diagnosis", "x")
    assert day_of(None, anchor) == (None, "absent: the item has no date")
    assert day_of("2019-02-27", None) == (None, "unknown: the patient has no time zero")
    assert day_of("spring 2019", anchor) == (None, "unknown: 'spring 2019' is no date")


@pytest.mark.parametrize("text", ["", "27.02.2019", "2019-02-30", "20190227", "2019-W09-3"])
def test_a_date_that_is_none_is_refused(text: Any) -> None:
    with pytest.raises(OncographError, match="ISO date"):
        Anchor(text, "diagnosis", "x")


def test_the_first_study_is_time_zero_until_somebody_sets_another(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    anna = put(
        "Anna",
        drafts.image(item="ct-late", acquired="2019-03-10"),
        drafts.image(item="ct-early", acquired="2019-03-01"),
        drafts.image(item="ct-never", acquired=None),
    )
    assert anna.anchor == Anchor("2019-03-01", FIRST_STUDY, "earliest dated item")
    assert {name: image.day for name, image in anna.images.items()} == {
        "ct-early": 0,
        "ct-late": 9,
        "ct-never": None,
    }
    assert anna.images["ct-never"].day_state == "absent: the item has no date"
    assert list(anna.images) == ["ct-early", "ct-late", "ct-never"]

    with store.transaction("diagnosis") as t:
        t.set_anchor(anna.key, Anchor("2019-02-27", "diagnosis", "clinic.csv, row 7"))
    assert [image.day for image in store["Anna"].images.values()] == [2, 11, None]

    # an earlier study moves 'first study', and not a diagnosis
    anna = put("Anna", drafts.image(item="ct-first", acquired="2019-01-01"))
    assert anna.anchor == Anchor("2019-02-27", "diagnosis", "clinic.csv, row 7")
    assert anna.images["ct-first"].day == -57
    assert anna.at(1).images["ct-late"].day == 9


def test_an_earlier_study_moves_the_first_one(put: Callable[..., Any], drafts: Any) -> None:
    put("Anna", drafts.image(item="ct-late", acquired="2019-03-10"))
    anna = put("Anna", drafts.image(item="ct-early", acquired="2019-03-01"))
    assert anna.images["ct-late"].day == 9


def test_no_date_at_all(put: Callable[..., Any], drafts: Any) -> None:
    anna = put("Anna", drafts.image())
    assert anna.anchor is None
    assert anna.images["CT"].day_state == "absent: the item has no date"


def test_reports_have_days_too(store: explorer.Store) -> None:
    with store.transaction("reports") as t:
        key = t.patient("Anna")
        t.set_anchor(key, Anchor("2019-02-27", "diagnosis", "x"))
        t.add_text(key, "r-1", "no lesion", date="2019-03-01")
        t.add_text(key, "r-2", "no date")
        t.add_text(key, "r-3", "an odd date", date="spring 2019")
    reports = store["Anna"].reports
    assert {name: report.day for name, report in reports.items()} == {
        "r-1": 2,
        "r-2": None,
        "r-3": None,
    }
    assert reports["r-3"].day_state == "unknown: 'spring 2019' is no date"


def days(patient: explorer.Patient, table: str = "facts") -> dict[str, tuple[int | None, str]]:
    return {row["name"]: (row["day"], row["day_state"]) for row in patient.rows(table)}


def counted(name: str, number: int, zero: str = "diagnosis") -> dict[str, Any]:
    return {"name": name, "value": name, "days": number, "day_from": zero}


def test_days_of_tables_count_from_a_day_that_nobody_dates(store: explorer.Store) -> None:
    with store.transaction("a table in days from diagnosis") as t:
        t.add_facts(t.patient("Anna"), [counted("progress", 120), {**counted("death", 400)}])
    anna = store["Anna"]
    assert anna.anchor == Anchor(None, "diagnosis", "what the records count days from")
    assert days(anna) == {"progress": (120, "present"), "death": (400, "present")}
    assert "no date (diagnosis)" in anna._repr_html_()

    with store.transaction("a report with a date") as t:
        t.add_text(anna.key, "text-1", "no lesion", date="2019-03-01")
    state = store["Anna"].reports["text-1"].day_state
    assert state == "cannot tell: a date, and time zero (diagnosis) has none"
    with store.transaction("the clinic says when") as t:
        t.set_anchor(anna.key, Anchor("2019-02-27", "Diagnosis", "told by the clinic"))
    assert store["Anna"].reports["text-1"].day == 2
    assert days(store["Anna"])["progress"] == (120, "present")


def test_days_from_one_day_say_nothing_about_another(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    anna = put("Anna", drafts.image(acquired="2019-03-10"))
    with store.transaction("tables") as t:
        t.add_facts(anna.key, [counted("progress", 120), counted("relapse", 9, "first study")])
    why = "cannot tell: days from diagnosis, time zero is the first study"
    assert days(store["Anna"]) == {"progress": (None, why), "relapse": (9, "present")}
    with store.transaction("diagnosis") as t:
        t.set_anchor(anna.key, Anchor("2019-02-27", "diagnosis", "clinic"))
    why = "cannot tell: days from first study, time zero is the diagnosis"
    assert days(store["Anna"]) == {"progress": (120, "present"), "relapse": (None, why)}
    assert store["Anna"].images["CT"].day == 11


def test_counts_from_several_days_give_no_time_zero(store: explorer.Store) -> None:
    with store.transaction("tables") as t:
        t.add_facts(t.patient("Anna"), [counted("a", 1), counted("b", 2, "randomisation")])
    assert store["Anna"].anchor is None
    assert days(store["Anna"])["a"] == (
        None,
        "cannot tell: days from diagnosis, the patient has no time zero",
    )


def test_a_time_zero_that_follows_from_rows_goes_with_them(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    anna = put("Anna", drafts.image(acquired="2019-03-10"))
    with store.transaction("no image any more") as t:
        t.drop(anna.key, "ct-00000001")
    assert store["Anna"].anchor is None


def test_a_persons_first_study_is_not_moved_by_ingest(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    anna = put("Anna", drafts.image(item="ct-1", acquired="2019-03-10"))
    said = Anchor("2019-03-05", FIRST_STUDY, "the study of the other hospital")
    with store.transaction("told") as t:
        t.set_anchor(anna.key, said)
    anna = put("Anna", drafts.image(item="ct-2", acquired="2019-01-01"))
    assert anna.anchor == said
    assert anna.images["ct-2"].day == -63


def test_events_have_two_days(store: explorer.Store, drafts: Any) -> None:
    source = drafts.source("events.csv", b"synthetic")
    event = {"kind": "treatment", "name": "radiotherapy", "date": "2019-03-01"}
    rows = [{**event, "end_date": "2019-04-01"}, {**event, "name": "x", "end_date": "soon"}]
    with store.transaction("events") as t:
        key = t.patient("Anna")
        t.put_records(key, RecordsDraft("events-1", "events.csv", [source], events=rows))
        t.set_anchor(key, Anchor("2019-02-27", "diagnosis", "clinic"))
    assert [row["end_day"] for row in store["Anna"].rows("events")] == [33, None]


def test_of_many_at_once(store: explorer.Store, runner: CliRunner) -> None:
    """From a fact, from events; where two sources disagree nothing is taken, and it is shown."""
    with store.transaction("a table") as t:
        keys = t.patients(["Anna", "Berta", "Cora", "Dora"])
        for name, value in (("Anna", "2019-02-27"), ("Berta", "2018-01-01"), ("Cora", "soon")):
            row = {"name": "diagnosed", "value": value, "source": "clinic.csv", "row": 7}
            t.add_facts(keys[name], [row, counted("progress", 3)])
        other = {"name": "diagnosed", "value": "2018-01-09", "source": "registry.csv"}
        t.add_facts(keys["Berta"], [other])

    def say(*words: str, exit_code: int = 0) -> Any:
        result = runner.invoke(app, ["anchor", store.url, *words, "--json"])
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    done = say("--from-fact", "diagnosed", "--kind", "diagnosis", exit_code=1)
    assert (done["set"], done["without"]) == (1, 2)
    assert done["disagree"] == {
        "Berta": {"2018-01-01": "clinic.csv, row 7", "2018-01-09": "registry.csv"}
    }
    assert store["Anna"].anchor == Anchor(
        "2019-02-27", "diagnosis", "diagnosed in clinic.csv, row 7"
    )
    assert store["Berta"].anchor == Anchor(None, "diagnosis", "what the records count days from")
    say("--from-fact", "diagnosed", "--kind", "diagnosis", "--earliest")
    assert store["Berta"].anchor is not None
    assert store["Berta"].anchor.date == "2018-01-01"
    [cora] = say("Cora", "--date", "2017-05-05", "--kind", "treatment start")["anchors"]
    assert (cora["date"], cora["kind"], cora["cannot_tell"]) == ("2017-05-05", "treatment start", 1)
    listed = {one["patient"]: one for one in say()["anchors"]}
    assert [one["cannot_tell"] for one in listed.values()] == [0, 0, 1, 0]
    assert listed["Dora"]["kind"] is None
    assert runner.invoke(app, ["anchor", store.url, "Cora"]).exit_code == 2


def test_two_sources_of_one_kind_are_shown(store: explorer.Store) -> None:
    with store.transaction("two sources") as t:
        key = t.patient("Anna")
        fact = {"name": "Diagnosis", "value": "x"}
        t.add_facts(key, [fact | {"date": "2019-02-27"}, fact | {"date": "2019-02-20"}])
        t.set_anchor(key, Anchor("2019-02-27", "diagnosis", "clinic"))
    [row] = anchors(store)
    assert list(row.said) == ["2019-02-20", "2019-02-27"]
    assert row.disagree
