"""What may be a feature, and why the rest may not."""

from __future__ import annotations

from typing import Any

from explorer.run_draft import RunDraft
from explorer.tasks.task import Task
from graphs.features.known_rows import NOT_ASKED, PREDICTED, KnownRows

WINDOW = {"index": "treatment", "look_back": 30, "outcome": [10, 100], "gap": 1}


def _facts(*rows: RunDraft | dict[str, Any]) -> dict[str, Any]:
    return {"facts": list(rows), "events": [{"kind": "treatment", "name": "drug", "days": 50}]}


def test_only_the_look_back_is_known(made: Any) -> None:
    days = [19, 20, 49, 50, 51, 61, 200, None]
    crp = [{"name": "crp", "number": float(d or 0), "days": d} for d in days]
    store = made({"a": _facts(*crp, {"name": "sex", "value": "f"}), "b": {"facts": crp[:2]}})
    task = Task("t", "binary", window=WINDOW, known_at_index=("sex",))
    known = KnownRows(store.cohort(), task)
    found = known.rows("facts", ("number",))
    assert found["number"].to_pylist() == [20.0, 49.0, None]
    assert found["what"].to_pylist() == ["crp", "crp", "sex"]
    left = {row.why: (row.rows, row.patients) for row in known.left_out.itertuples()}
    assert left == {
        "before the look-back": (1, 1), "gap": (1, 1), "after the index": (1, 1),
        "outcome window": (1, 1), "after the outcome window": (1, 1),
        "cannot tell: absent: the row has no date": (1, 1),
        "cannot tell: the index: absent: no row fits": (2, 1),
    }  # fmt: skip


def test_outcomes_predictions_and_old_runs_stay_out(made: Any) -> None:
    said = {"a": {"facts": [{"name": "age", "number": 60.0}, {"name": "days_to_death",
                                                              "number": 3.0}]}}  # fmt: skip
    row = {"name": "risk", "number": 0.9, "state": "present"}
    runs = {"a": [
        RunDraft("prediction", "model", "1", facts=[row]),
        RunDraft("measure", "program", "1", facts=[{**row, "name": "size", "number": 1.0}]),
        RunDraft("measure", "program", "2", facts=[{**row, "name": "size", "number": 2.0}]),
    ]}  # fmt: skip
    cohort = made(said, runs=runs).cohort()
    known = KnownRows(cohort)
    found = known.rows("facts", ("number",))
    assert dict(zip(found["what"].to_pylist(), found["number"].to_pylist(), strict=True)) == {
        "age": 60.0, "size": 2.0,
    }  # fmt: skip
    left = known.left_out.set_index("what")["why"]
    assert left["risk"] == PREDICTED
    assert left["days_to_death"].startswith("an outcome: ")
    assert "risk" in KnownRows(cohort, predictions=True).rows("facts")["what"].to_pylist()


def test_what_the_task_does_not_ask_for(made: Any) -> None:
    store = made({"a": _facts({"name": "age", "number": 1.0}, {"name": "hb", "number": 1.0})})
    task = Task("t", "binary", inputs=("facts: age",), known_at_index=("*",))
    known = KnownRows(store.cohort(), task)
    assert known.rows("facts")["what"].to_pylist() == ["age"]
    assert known.rows("events").num_rows == 0
    assert set(known.left_out["why"]) == {NOT_ASKED}
    assert not known.any("events")
    assert known.any("facts")
