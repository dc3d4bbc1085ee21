"""Events before the index day, counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.address import Address
from explorer.tasks.task import Task
from graphs.errors import ExamplesError
from graphs.features.event_block import RARE, event_block
from graphs.features.known_rows import KnownRows


def _event(kind: str, name: str, days: int | None, code: str | None = None,
           **more: Any) -> dict[str, Any]:  # fmt: skip
    return {"kind": kind, "name": name, "days": days, "code": code, "code_scheme": "ICD10",
            **more}  # fmt: skip


def _cohort(made: Any) -> Any:
    lung = [_event("diagnosis", "lung cancer", d, "C34.1") for d in (-9, -5, 3)]
    return made({
        "a": {"events": [*lung, _event("diagnosis", "other lobe", -1, "C34.3"),
                         _event("treatment", "drug", -2),
                         _event("outcome", "death", -1, value="event")]},
        "b": {"events": [_event("treatment", "drug", 5), _event("admission", "ward", -3,
                                                                end_days=9)]},
        "c": {"events": [_event("treatment", "drug", -3, state="absent")]},
    }).cohort()  # fmt: skip


def test_only_what_was_before_the_index_day_counts(made: Any) -> None:
    cohort = _cohort(made)
    known = KnownRows(cohort, Task("t", "binary"))
    block = event_block(known)
    frame = block.frame.set_axis(list(cohort.labels.values()))
    assert block.names == ("diagnosis:lung cancer", "diagnosis:other lobe", "treatment:drug")
    assert frame.loc["a"].tolist() == [2, 1, 1]
    assert frame.loc["b"].isna().all()
    assert frame.loc["c"].tolist() == [0, 0, 0]
    key = {label: key for key, label in cohort.labels.items()}["a"]
    last = Address.parse(block.address(key, "diagnosis:lung cancer")).resolve(cohort.store)
    assert last.value["day"].tolist() == [-5]
    why = known.left_out.groupby("why")["rows"].sum().to_dict()
    assert why["after the index"] == 2
    assert sum(rows for one, rows in why.items() if one.startswith("its end is after")) == 1
    assert sum(rows for one, rows in why.items() if one.startswith("an outcome")) == 1


def test_codes_flags_and_what_nobody_recorded(made: Any) -> None:
    cohort = _cohort(made)
    task = Task("t", "binary")
    block = event_block(cohort, task=task, by="code", digits=3, flag=True, no_record="zero")
    assert block.names == ("diagnosis:ICD10:C34",)
    told = dict(zip(cohort.labels.values(), block.frame.iloc[:, 0].tolist(), strict=True))
    assert told == {"a": 1.0, "b": 0.0, "c": 0.0}
    known = KnownRows(cohort, task)
    assert event_block(known, by="kind", at_least=2).names == ()
    assert set(known.left_out["why"]) >= {RARE}
    with pytest.raises(ExamplesError, match="by: name, code, kind"):
        event_block(cohort, by="day")  # type: ignore[arg-type]
    assert np.isfinite(block.frame.to_numpy()).all()
