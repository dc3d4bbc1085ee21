"""A made-up patient whose course has everything that a timeline shows; it says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.anchor import Anchor
from explorer.draft import Source
from explorer.patient import Patient
from explorer.records_draft import RecordsDraft

NASTY = "<img src=x onerror=\"document.body.dataset.pwned='1'\">"
ZERO = "2020-01-01"
DATES = ("2020-01-01", "2020-03-01", "2020-05-01", "2021-02-15")
_SIZES = {"lesion a": (6, 7, 9, 12), "lesion b": (10, 6, 5, 4)}
_PLACES = {"lesion a": (10, 20, 20), "lesion b": (20, 60, 60)}
_SHAPE = (30, 80, 80)


def _ball(center: tuple[int, int, int], radius: float) -> Any:
    grid = np.indices(_SHAPE) - np.reshape(center, (3, 1, 1, 1))
    return (grid**2).sum(0) <= radius**2


def _rows() -> dict[str, list[dict[str, Any]]]:
    labs = [
        {"name": name, "number": value, "value": str(value), "unit": unit, "date": date}
        for name, unit, values in (
            ("haemoglobin", "g/dL", (13.1, 11.2, 9.8, 12.4)), (NASTY, "ng/mL", (4, 9, 21, 60)),
        )
        for value, date in zip(values, DATES, strict=True)
    ]  # fmt: skip
    events = [
        {"kind": "treatment", "name": "FOLFOX", "date": "2020-01-20", "end_date": "2020-06-30"},
        {"kind": "treatment", "name": "resection", "date": "2020-07-14"},
        {"kind": "progression", "name": "progression", "date": "2021-02-20"},
        {"kind": "outcome", "name": "death", "value": "event", "days": 700,
         "day_from": "diagnosis"},
        {"kind": "consultation", "name": NASTY, "date": "2020-01-20"},
    ]  # fmt: skip
    return {"observations": labs, "events": events}


def _course(folder: Path, image_draft: Any, seg_draft: Any) -> Patient:
    store = explorer.open(folder / "course.onco", create=True)
    file = Source(Path("made-up.csv"), "made-up.csv", "made-up.csv", False, 0, 0, "0" * 64)
    with store.transaction("made for a test") as t:
        key = t.patient("a made-up course", synthetic=True)
        t.set_anchor(key, Anchor(ZERO, "first treatment plan", "made up"))
        for n, date in enumerate(DATES):
            masks = {name: _ball(_PLACES[name], sizes[n]) for name, sizes in _SIZES.items()}
            ct = image_draft(
                f"ct-{n}", np.zeros(_SHAPE, np.int16), np.eye(4), name="CT chest", acquired=date,
                meta={"body_part": "CHEST"},
            )  # fmt: skip
            t.put(key, ct)
            t.put(key, seg_draft(f"seg-{n}", masks, np.eye(4), f"ct-{n}", acquired=date))
            t.add_text(key, f"r-{n}", f"CT chest of {date}: {NASTY}", name=f"CT report {n}",
                       date=date, synthetic=True)  # fmt: skip
        rows = _rows()
        for row in (*rows["observations"], *rows["events"]):
            row["synthetic"] = True
        t.put_records(key, RecordsDraft("made-up", "made up", [file], synthetic=True, **rows))
    return store["a made-up course"]


@pytest.fixture(scope="session")
def course(
    tmp_path_factory: pytest.TempPathFactory,
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
) -> Patient:
    """Four visits in 411 days: CT, two outlined lesions, reports, labs, treatments."""
    return _course(tmp_path_factory.mktemp("course"), image_draft, seg_draft)
