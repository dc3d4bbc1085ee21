"""Facts as numbers in one unit and as categories."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from explorer.address import Address
from explorer.store import Store
from explorer.tasks.task import Task
from explorer.tasks.tasks import bundled
from graphs.errors import ExamplesError
from graphs.features.fact_block import DIFFER, IDENTIFIER, MANY, fact_block
from graphs.features.known_rows import KnownRows

HOSTILE = "<img src=x onerror=alert(1)>=cmd|' /C calc'!A0"


def test_real_patients_are_those_of_pandas(tcga: tuple[pd.DataFrame, Store]) -> None:
    frame, store = tcga
    cohort = store.cohort()
    block = fact_block(cohort, task=bundled()[0])
    rows = frame.loc[[cohort.labels[key] for key in block.keys]]
    assert set(block.names) == {
        "age_at_diagnosis (days)", "gender", "race", "project_id", "tumor_stage",
        "prior_malignancy", "prior_treatment", "synchronous_malignancy",
    }  # fmt: skip
    age = block.frame["age_at_diagnosis (days)"].to_numpy()
    assert np.array_equal(age, rows["age_at_diagnosis"].to_numpy(np.float32), equal_nan=True)
    stage = block.frame["tumor_stage"].astype(object)
    assert stage.dropna().tolist() == rows["tumor_stage"].dropna().tolist()
    assert block.present.all()
    of = Address.parse(block.address(block.keys[3], "age_at_diagnosis (days)")).resolve(store)
    assert of.value["number"].iloc[0] == pytest.approx(age[3])


def test_of_several_values_the_rule_chooses_or_nothing(made: Any) -> None:
    def hb(number: float, days: int | None) -> dict[str, Any]:
        return {"name": "hb", "number": number, "unit": "g/dl", "days": days}

    cohort = made({
        "latest": {"facts": [hb(9.5, 3), hb(7.5, None), hb(8.5, 1)]},
        "differ": {"facts": [hb(9.5, 3), hb(7.5, 3)]},
        "same": {"facts": [hb(9.5, 3), hb(9.5, 3), hb(9.5, 1)]},
        "undated": {"facts": [hb(7.25, None)]},
    }).cohort()  # fmt: skip
    place = {label: k for k, label in enumerate(cohort.labels.values())}

    def of(several: Any) -> dict[str, float]:
        column = fact_block(cohort, several=several).frame["hb (g/dl)"].to_numpy().tolist()
        return {label: column[k] for label, k in place.items()}

    nan = pytest.approx(np.nan, nan_ok=True)
    assert of("last") == {"latest": 9.5, "differ": nan, "same": 9.5, "undated": 7.25}
    assert of("first") == {"latest": 8.5, "differ": nan, "same": 9.5, "undated": 7.25}
    assert of("only") == {"latest": nan, "differ": nan, "same": 9.5, "undated": 7.25}
    known = KnownRows(cohort)
    block = fact_block(known)
    assert known.left_out[["why", "patients"]].to_numpy().tolist() == [[DIFFER, 1]]
    latest = block.keys[place["latest"]]
    row = Address.parse(block.address(latest, "hb (g/dl)")).resolve(cohort.store).value
    assert row["number"].iloc[0] == 9.5
    with pytest.raises(ExamplesError, match="last, first, only"):
        fact_block(cohort, several="any")  # type: ignore[arg-type]


def test_one_unit_and_what_has_another(made: Any) -> None:
    def said(number: float | None, unit: str | None, **more: Any) -> dict[str, Any]:
        return {"facts": [{"name": "size", "number": number, "unit": unit, **more}]}

    cohort = made({
        "a": said(12.5, "mm"), "b": said(13.5, "mm"), "c": said(1.5, "cm"), "d": said(1.5, "kg"),
        "e": said(None, None, state="not acquired"), "f": {},
    }).cohort()  # fmt: skip
    known = KnownRows(cohort)
    block = fact_block(known)
    column = dict(zip(cohort.labels.values(), block.frame["size (mm)"].tolist(), strict=True))
    assert [column[one] for one in "abc"] == [12.5, 13.5, 15.0]
    assert all(np.isnan(column[one]) for one in "def")
    states = dict(zip(cohort.labels.values(), block.state.tolist(), strict=True))
    assert states == {"a": "present", "b": "present", "c": "present", "d": "unknown",
                      "e": "not acquired", "f": "unknown"}  # fmt: skip
    assert sorted(known.left_out["why"]) == [
        "a unit that cannot be compared with that of the others: kg, not mm",
        "the record says: not acquired",
    ]
    key = {label: key for key, label in cohort.labels.items()}
    found = Address.parse(block.address(key["e"], "size (mm)")).resolve(cohort.store).value
    assert found["state"].iloc[0] == "not acquired"
    assert block.address(key["f"], "size (mm)") == ""


def test_codes_texts_and_identifiers(made: Any) -> None:
    def rows(k: int) -> dict[str, Any]:
        return {"facts": [
            {"name": "grade", "value": str(k % 3), "number": float(k % 3)},
            {"name": "note", "value": f"text of patient {k}"},
            {"name": "series", "value": f"1.2.840.1.2.3.{k}"},
            {"name": HOSTILE, "value": HOSTILE if k else "'; drop table facts; --"},
        ]}  # fmt: skip

    cohort = made({str(k): rows(k) for k in range(4)}).cohort()
    known = KnownRows(cohort)
    block = fact_block(known, most=3)
    assert block.names == (HOSTILE, "grade")
    assert list(block.frame["grade"].cat.categories) == ["0", "1", "2"]
    assert set(block.frame[HOSTILE]) == {HOSTILE, "'; drop table facts; --"}
    assert set(known.left_out["why"]) == {MANY, IDENTIFIER} or set(known.left_out["why"]) == {MANY}
    assert IDENTIFIER in set(_left(cohort, 50)["why"])
    one = Address.parse(block.address(block.keys[0], HOSTILE)).resolve(cohort.store).value
    assert one["name"].iloc[0] == HOSTILE


def _left(cohort: Any, most: int) -> pd.DataFrame:
    known = KnownRows(cohort)
    fact_block(known, most=most)
    return known.left_out


def test_a_fact_from_after_the_index_day_does_not_show(made: Any) -> None:
    def rows(days: int) -> dict[str, Any]:
        return {"facts": [{"name": "ecog", "value": "bad", "days": days},
                          {"name": "hb", "number": 1.5, "unit": "g", "days": 0}]}  # fmt: skip

    cohort = made({"before": rows(-1), "after": rows(1)}).cohort()
    block = fact_block(cohort, task=Task("t", "binary"))
    said = dict(zip(cohort.labels.values(), block.frame["ecog"].tolist(), strict=True))
    assert said["before"] == "bad"
    assert pd.isna(said["after"])
    after = {label: key for key, label in cohort.labels.items()}["after"]
    assert block.address(after, "ecog") == ""


def test_another_cohort_gets_the_same_columns(tmp_path: Any, made: Any) -> None:
    cohort = made({
        "a": {"facts": [{"name": "age", "number": 60.5, "unit": "years"},
                        {"name": "grade", "value": "2", "number": 2.0}]},
        "b": {"facts": [{"name": "age", "number": 7305.0, "unit": "days"}]},
        "c": {"facts": [{"name": "age", "number": 50.5, "unit": "years"}]},
    }).cohort()  # fmt: skip
    like = fact_block(cohort)
    other = fact_block(cohort.among(["b"]), like=like)
    assert other.names == like.names == ("age (years)", "grade")
    assert other.frame["age (years)"].tolist() == [20.0]
    assert isinstance(other.frame["grade"].dtype, pd.CategoricalDtype)
    assert other.frame["grade"].isna().all()
