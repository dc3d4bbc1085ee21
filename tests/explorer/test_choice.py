"""Choices of patients: counts, flow and reasons worked out by hand."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import numpy as np
import pytest

from explorer.choice import Choice
from explorer.errors import NotFoundError
from explorer.facet_rows import Pairs, of_numbers, of_pairs
from explorer.facets import Facets
from explorer.save_table import save_table


def _made() -> Choice:
    """Six patients; the last has nothing, and one has two modalities."""
    people = {f"k{n}": (f"=p{n}", n + 1) for n in range(6)}
    where = np.arange(5, dtype=np.int32)
    stage = Pairs(where[:4], np.array([0, 0, 1, 1], np.int32), ["I", "II"])
    gone = Pairs(np.array([4], np.int32), np.zeros(1, np.int32), ["withheld"])
    seen = Pairs(
        np.array([0, 0, 1, 2], np.int32), np.array([0, 1, 0, 1], np.int32), ["CT", "MR"]
    )  # fmt: skip
    age = of_numbers(
        "age", "age", "facts", "years", where[:4], np.array([50.0, 60, 60, 70]), 6,
    )  # fmt: skip
    made = (of_pairs("stage", "stage", "facts", stage, 6, states=gone),
            of_pairs("seen", "seen", "data", seen, 6), age)  # fmt: skip
    return Choice(Facets(people, {one.name: one for one in made}))


def test_facets_hold_together_and_values_are_alternatives() -> None:
    choice = _made()
    choice.only("seen", ["CT", "MR"])
    assert choice.chosen == ["k0", "k1", "k2"]
    choice.only("stage", ["I"])
    assert choice.chosen == ["k0", "k1"]
    # a facet's own condition does not hide what could be added
    assert choice.counts("stage") == {
        ("I", False): 2, ("II", False): 1, ("withheld", True): 0, ("no record", True): 0,
    }  # fmt: skip
    assert choice.counts("seen")["MR", False] == 1
    choice.only("stage")
    assert choice.chosen == ["k0", "k1", "k2"]


def test_the_flow_says_who_was_left_out_and_why() -> None:
    choice = _made()
    choice.only("stage", ["I", "II"], states=["withheld"])
    choice.only("age", low=60, high=70)
    choice.among(["k1", "k5"], "lasso")
    said = [(step.reason, step.before, step.left, step.why) for step in choice.steps]
    assert said == [
        ("stage: I or II or no value: withheld", 6, 5, {"no value: no record": 1}),
        ("age: from 60 below 70", 5, 2, {"another value": 2, "no value: no record": 1}),
        ("lasso: 2 patients", 2, 1, {"not among them": 1}),
    ]
    choice.drop("age")
    assert [step.left for step in choice.steps] == [5, 1]


def test_what_is_not_there_is_refused() -> None:
    choice = _made()
    for asked in (("nowhere", ["I"]), ("stage", ["III"])):
        with pytest.raises(NotFoundError):
            choice.only(*asked)
    # a state is no value, though it may read as one
    with pytest.raises(NotFoundError):
        choice.only("stage", ["withheld"])


def test_a_table_holds_no_formula(tmp_path: Path) -> None:
    choice = _made()
    choice.only("stage", ["I"], states=["no record"])
    place = save_table(choice, tmp_path / "t.csv", ["stage", "seen", "age"])
    assert place.read_text().splitlines() == [
        "patient,key,stage,seen,age", "'=p0,k0,I,CT; MR,50", "'=p1,k1,I,CT,60",
        "'=p5,k5,[no record],[no record],[no record]",
    ]  # fmt: skip
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        save_table(choice, place)


def test_bins_are_round_and_hold_everybody() -> None:
    age = _made().facets["age"]
    assert age.edges[0] <= 50
    assert age.edges[-1] > 70
    assert age.histogram(np.ones(6, bool)).sum() == 4
    json.dumps(age.edges.tolist())


def test_a_value_is_toggled_and_the_range_of_its_facet_stays() -> None:
    choice = _made()
    choice.only("age", low=55)
    choice.toggle("stage", "I")
    choice.toggle("stage", "withheld", state=True)
    assert choice.conditions["stage"].values == ("I",)
    assert choice.conditions["stage"].states == ("withheld",)
    assert choice.chosen == ["k1"]
    choice.toggle("stage", "withheld", state=True)
    choice.toggle("stage", "I")
    assert list(choice.conditions) == ["age"]


def test_conditions_that_mean_nothing_any_more_are_left_out() -> None:
    choice = _made()
    choice.only("seen", ["MR"])
    choice.only("stage", ["I", "II"], states=["withheld"])
    choice.among(["k0", "k2"], "lasso")
    people = {f"k{n}": (f"=p{n}", n + 1) for n in range(3)}
    stage = Pairs(np.arange(3, dtype=np.int32), np.zeros(3, np.int32), ["I"])
    found = choice.renewed(Facets(people, {"stage": of_pairs("stage", "stage", "facts", stage, 3)}))
    assert list(found.conditions) == ["stage", "lasso"]
    assert found.conditions["stage"].values == ("I",)
    assert found.conditions["stage"].states == ()
    assert found.chosen == ["k0", "k2"]
    assert list(choice.conditions) == ["seen", "stage", "lasso"]
