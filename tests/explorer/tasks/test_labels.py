"""Labels of each kind of task, with the states of those who have none (synthetic rows)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.draft import ImageDraft, SegmentationDraft, SegmentDraft
from explorer.errors import TaskError
from explorer.run_draft import RunDraft
from explorer.tasks.labels import labels
from explorer.tasks.task import Task


def _named(store: Any, task: Task) -> pd.DataFrame:
    cohort = store.cohort()
    made = labels(cohort, task)
    assert {"state", "address"} <= set(made.columns)
    assert made.attrs == {"task": task.sha256, "patients": cohort.digest}
    assert list(made.index) == list(cohort.keys)
    made.index = pd.Index([cohort.labels[key] for key in made.index])
    return made


def _fact(name: str, value: str, **more: Any) -> dict[str, Any]:
    try:
        number: float | None = float(value)
    except ValueError:
        number = None
    return {"name": name, "value": value, "number": number, "day_from": None, **more}


def _outcome(value: str, number: float, unit: str = "months", **more: Any) -> dict[str, Any]:
    return {"kind": "outcome", "name": "PFS", "value": value, "number": number, "unit": unit,
            "day_from": None, **more}  # fmt: skip


def test_competing_risks(make: Any) -> None:
    store = make(
        {
            "relapse": {"facts": [_fact("t", "2"), _fact("what", "relapse")]},
            "death": {"facts": [_fact("t", "5"), _fact("what", "died")]},
            "well": {"facts": [_fact("t", "9"), _fact("what", "alive")]},
            "both": {"facts": [_fact("t", "9"), _fact("what", "died"), _fact("what", "relapse")]},
            "late": {"facts": [_fact("t", "13"), _fact("what", "died")]},
            "open": {"facts": [_fact("t", "9")]},
        }
    )
    said = {"times": "t", "event": "what", "causes": {"relapse": "relapse", "died": "death"},
            "unit": "months", "from": "index"}  # fmt: skip
    task = Task("t", "competing risks", outcome=said, classes=("relapse", "death"), unit="months",
                window={"outcome": [0, 365]})  # fmt: skip
    found = _named(store, task)
    assert found["event"].dropna().to_dict() == {"relapse": 1, "death": 2, "well": 0, "late": 0}
    assert found.loc["late", "time"] == pytest.approx(365 / 30.4375)
    assert found.loc["death", ["time", "cause", "state"]].tolist() == [5, "death", "present"]
    assert found.loc["both", "state"] == "cannot tell: both, and not"
    assert found.loc["open", "state"].startswith("cannot tell: not known")


def test_what_a_time_counts_from_is_never_assumed(make: Any) -> None:
    store = make(
        {
            "counted": {"events": [_outcome("event", 61, "days", days=61, day_from="diagnosis")]},
            "bare": {"events": [_outcome("event", 2)]},
            "no unit": {"events": [_outcome("event", 2, "")]},
            "twice": {"events": [_outcome("event", 2), _outcome("censored", 3)]},
            "none": {},
        }
    )
    task = Task("t", "survival", outcome={"outcome": "PFS"}, unit="days")
    found = _named(store, task)
    assert found["time"].dropna().to_dict() == {"counted": 61}
    assert found.loc["bare", "state"] == "cannot tell: what its time counts from is not said"
    assert found.loc["none", "state"].startswith("absent")
    stated = Task("t", "survival", outcome={"outcome": "PFS", "from": "index"}, unit="months")
    found = _named(store, stated)
    assert found.loc["bare", "time"] == pytest.approx(2)
    assert found.loc["twice", "state"] == "cannot tell: several times"
    with pytest.raises(TaskError):
        _named(store, Task("t", "regression", outcome={"outcome": "PFS"}))


def test_classes_numbers_and_several_at_once(make: Any) -> None:
    store = make(
        {
            "a": {"facts": [_fact("grade", "3"), _fact("kras", "Yes"), _fact("egfr", "no")]},
            "b": {"facts": [_fact("grade", "1"), _fact("kras", "no")]},
            "c": {"facts": [_fact("grade", "1"), _fact("grade", "3")]},
            "d": {"facts": [{"name": "grade", "state": "not acquired: 'not done'"}]},
            "e": {"facts": [_fact("grade", "<b>")]},
            "f": {},
        }
    )
    one = _named(store, Task("t", "binary", outcome={"fact": "grade", "threshold": 3}))
    assert one["label"].dropna().to_dict() == {"a": 1, "b": 0}
    assert one.loc["c", "state"] == "cannot tell: several values"
    assert one.loc["d", "state"].startswith("not acquired")
    assert one.loc["e", "state"] == "absent: another value"
    assert one.loc["f", "state"] == "absent: no record"
    said = {"fact": "grade", "classes": {"3": "high", "1": "low"}}
    two = _named(store, Task("t", "multi-class", outcome=said))
    assert two["label"].dropna().to_dict() == {"a": "high", "b": "low"}
    three = _named(store, Task("t", "multi-label", outcome={"facts": ["kras", "egfr"]}))
    assert three.loc["a", ["label: kras", "label: egfr", "state"]].tolist() == [1, 0, "present"]
    assert three.loc["b", "state"] == "present: 1 of 2 labels"
    four = _named(store, Task("t", "regression", outcome={"fact": "grade"}))
    assert four["label"].dropna().to_dict() == {"a": 3, "b": 1}


def test_segments_reports_and_findings(tmp_path: Any) -> None:
    store = explorer.open(tmp_path / "s.onco", create=True)
    stored, affine = np.zeros((2, 3, 4), np.int16), np.eye(4)
    image = ImageDraft("ct-00000001", "CT", "synthetic", ("z", "y", "x"), (2, 3, 4), stored.dtype,
                       affine, lambda: stored, [], synthetic=True)  # fmt: skip
    segmentation = SegmentationDraft(
        "seg-00000001", "SEG", "synthetic", [SegmentDraft(1, "Lesion 1"), SegmentDraft(2, "liver")],
        (2, 3, 4), affine, lambda index: stored == 0, [], synthetic=True,
    )  # fmt: skip
    rows = [{"finding": f"f-{k}", "item": "r-1", "start": k, "end": k + 1, "entity": entity,
             "assertion": said}
            for k, (entity, said) in enumerate([("nodule", "present"), ("effusion", "absent"),
                                                ("mass", "uncertain")])]  # fmt: skip
    with store.transaction("synthetic") as t:
        key = t.patient("a", synthetic=True)
        t.put(key, image, copy=True)
        t.put(key, segmentation)
        t.add_text(key, "r-1", "A nodule. No effusion. A mass?")
        t.put_run(key, RunDraft("findings", "rules", "1", "reports/r-1", findings=rows))
        t.add_text(t.patient("b", synthetic=True), "r-1", "Unread.")
        t.patient("c", synthetic=True)
    found = _named(store, Task("t", "segmentation", outcome={"segments": "lesion*"}))
    assert found["label"].dropna().to_dict() == {"a": 1}
    address = explorer.Address.parse(found.loc["a", "address"])
    assert address.resolve(store).value.shape == (2, 3, 4)
    assert found.loc["b", "state"] == "absent: no segmentation"
    found = _named(store, Task("t", "report generation", outcome={"report": True}))
    assert found["label"].dropna().to_dict() == {"a": "r-1", "b": "r-1"}
    names = ["nodule", "effusion", "mass", "cyst"]
    found = _named(store, Task("t", "multi-label", outcome={"findings": names}))
    assert found.loc["a", [f"label: {name}" for name in names[:2]]].tolist() == [1, 0]
    assert found.loc["a", [f"label: {name}" for name in names[2:]]].isna().all()
    assert found["state"].tolist() == ["present", "not extracted", "absent: no report"]
