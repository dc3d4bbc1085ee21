"""Labels by codes: what lies exactly at, before and after a boundary (synthetic rows)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from explorer.address import Address
from explorer.errors import TaskError
from explorer.store import Store
from explorer.tasks.labels import labels
from explorer.tasks.task import Task
from explorer.windows.phenotype import phenotype
from explorer.windows.window import Window

WINDOW = Window("treatment", look_back=30, outcome=(10, 100))


def _code(day: int | None, code: str = "C34.1", **more: Any) -> dict[str, Any]:
    return {"kind": "condition", "name": "dx", "code": code, "code_scheme": "ICD10", "days": day,
            **more}  # fmt: skip


def _patient(*rows: dict[str, Any], last: int | None = None) -> dict[str, Any]:
    """Treated on day 5; followed to a day from then."""
    events = [{"kind": "treatment", "name": "drug", "days": 5}, *rows]
    if last is not None:
        events.append({"kind": "visit", "name": "last", "days": 5 + last})
    return {"events": events}


CASES = {
    "after the start": (_patient(_code(5 + 11), last=200), "present"),
    "on the first day, which does not belong to it": (_patient(_code(15), last=200), "before"),
    "on the last day, which does": (_patient(_code(105), last=200), "present"),
    "the day after it": (_patient(_code(106), last=200), "absent"),
    "the index day": (_patient(_code(5), last=200), "before"),
    "long before": (_patient(_code(-900), _code(50), last=200), "before"),
    "several": (_patient(_code(90), _code(20), _code(400)), "present"),
    "no day": (_patient(_code(None), last=200), "cannot tell: a code"),
    "no day, and one in the window": (_patient(_code(None), _code(50)), "cannot tell: a code"),
    "followed to the last day": (_patient(last=100), "absent"),
    "followed to the day before": (_patient(last=99), "censored"),
    "another code": (_patient(_code(50, "C50"), last=200), "absent"),
    "a code that was ruled out": (_patient(_code(50, state="absent"), last=200), "absent"),
    "no index": ({"events": [_code(50)]}, "cannot tell: the index"),
}


def test_every_boundary(make: Any) -> None:
    store = make({name: rows for name, (rows, _) in CASES.items()})
    cohort = store.cohort()
    found = phenotype(cohort, "C34*", WINDOW)
    found.index = [cohort.labels[key] for key in found.index]
    for name, (_, state) in CASES.items():
        assert found.loc[name, "state"].startswith(state), name
        known = state in ("present", "absent")
        assert found["label"].isna()[name] == (not known)
    assert found.loc["several", "offset"] == 15
    assert found.loc["on the last day, which does", "label"] == 1
    every = phenotype(cohort, "C34*", WINDOW, incident=False)
    every.index = [cohort.labels[key] for key in every.index]
    assert every.loc["no day, and one in the window", "state"] == "present"
    assert every.loc["long before", "state"] == "present"
    assert every.loc["the index day", "state"] == "absent"
    for address in found["address"].dropna():
        row = Address.parse(address).resolve(store).value.iloc[0]
        assert row["code"] == "C34.1"
    # no code after the index is ever a feature
    features = WINDOW.apply(cohort).features("events", ("code",))
    assert max(features["offset"].to_pylist()) <= 0
    with pytest.raises(TaskError):
        phenotype(cohort, "C34*", Window(outcome=None))


def test_many_patients_against_the_definition(make: Any) -> None:
    rng = random.Random(7)
    said = {
        f"p{k}": ([rng.randrange(-40, 160) for _ in range(rng.randrange(4))], rng.randrange(200))
        for k in range(200)
    }
    store = make({name: _patient(*(_code(5 + d) for d in codes), last=last)
                  for name, (codes, last) in said.items()})  # fmt: skip
    for start, end in ((0, 1), (0, 60), (10, 100), (30, 120)):
        _same(store, said, start, end)


def _same(store: Store, said: dict[str, tuple[list[int], int]], start: int, end: int) -> None:
    cohort = store.cohort()
    found = phenotype(cohort, "C34*", Window("treatment", outcome=(start, end)))
    for key, row in found.iterrows():
        codes, last = said[cohort.labels[key]]
        if any(day <= start for day in codes):
            expected = "before the window"
        elif any(start < day <= end for day in codes):
            expected = "present"
        else:
            expected = "absent" if max([0, last, *codes]) >= end else "censored"
        assert row["state"] == expected


def test_days_until_the_first_code(make: Any) -> None:
    store = make({name: rows for name, (rows, _) in CASES.items()})
    cohort = store.cohort()
    task = Task("t", "survival", outcome={"phenotype": "C34*"}, window=WINDOW, unit="days")
    found = labels(cohort, task)
    found.index = [cohort.labels[key] for key in found.index]
    assert found.loc["several", ["time", "event"]].tolist() == [15, True]
    assert found.loc["followed to the day before", ["time", "event"]].tolist() == [99, False]
    assert found.loc["the day after it", ["time", "event"]].tolist() == [100, False]
    assert found["time"].isna()["no day"]
