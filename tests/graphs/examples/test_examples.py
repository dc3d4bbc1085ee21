"""Patients with features of several modalities are taken, hidden and dealt anew."""

import numpy as np
import pandas as pd
import pytest

from graphs.errors import ExamplesError
from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.examples.examples import Examples
from graphs.examples.target import Target

KEYS = tuple("abcd")


def made() -> Examples:
    clinical = pd.DataFrame(
        {"age": [50, 60, np.nan, 70.0], "sex": ["m", "f", None, "m"]}, index=list(KEYS)
    )
    owner = np.array([0, 0, 1, 3])
    reports = Bag(
        "reports", KEYS, np.arange(8, dtype=np.float32).reshape(4, 2), owner, ("u", "v"),
        ("s1", "s2", "s3", "s4"), np.array(["present", "present", "not acquired", "present"]),
    )  # fmt: skip
    blocks = {"clinical": Block.of("clinical", clinical), "reports": reports}
    return Examples(KEYS, blocks, Target.survival([1, 2, 3, 4], [0, 1, 1, 0], "years"))


def test_who_has_nothing_of_a_modality_is_not_present() -> None:
    assert made().present.tolist() == [[1, 1], [1, 1], [0, 0], [1, 1]]


def test_patients_are_taken_in_the_order_asked_for() -> None:
    some = made().take([3, 0])
    bag = some.blocks["reports"]
    assert isinstance(bag, Bag)
    assert bag.addresses == ("s4", "s1", "s2")
    assert bag.values.tolist() == [[6, 7], [0, 1], [2, 3]]
    assert some.outcome().time.tolist() == [4, 1]


def test_nobody_can_be_taken() -> None:
    nobody = made().take([])
    assert len(nobody) == len(nobody.take([])) == 0
    assert nobody.blocks["reports"].keys == ()
    assert len(made().take([False] * 4)) == 0


def test_a_bag_is_averaged_and_an_address_is_kept_where_there_is_one_instance() -> None:
    block = made().vectors("reports")
    assert block.frame.loc["a"].tolist() == [1, 2]
    assert block.frame.loc["c"].isna().all()
    assert [block.address(key, "u") for key in KEYS] == ["", "s3", "", "s4"]


def test_a_hidden_modality_is_withheld_and_leaves_nothing_behind() -> None:
    hidden = made().hide("clinical", [1, 0, 1, 0]).hide("reports")
    assert hidden.blocks["clinical"].state.tolist() == ["withheld", "present", "unknown", "present"]
    block = hidden.blocks["clinical"]
    assert isinstance(block, Block)
    assert block.frame.loc["a"].isna().all()
    bag = hidden.blocks["reports"]
    assert isinstance(bag, Bag)
    assert not len(bag.values)


def test_shuffling_deals_among_those_who_have_it() -> None:
    for seed in range(5):
        dealt = made().shuffled("clinical", np.random.default_rng(seed))
        block = dealt.blocks["clinical"]
        assert isinstance(block, Block)
        assert block.state.tolist() == ["present", "present", "unknown", "present"]
        assert sorted(block.frame["age"].dropna()) == [50, 60, 70]
        assert block.keys == KEYS


def test_permuted_outcomes_stay_among_the_known() -> None:
    target = Target.survival([1, 2, np.nan, 4], [1, 1, 0, 0])
    dealt = target.permuted(np.random.default_rng(3))
    assert dealt.known.tolist() == target.known.tolist()
    assert sorted(dealt.time[dealt.known]) == [1, 2, 4]


def test_blocks_of_other_patients_are_refused() -> None:
    frame = pd.DataFrame({"x": [1.0]}, index=["z"])
    with pytest.raises(ExamplesError, match="other patients"):
        Examples(("a",), {"x": Block.of("x", frame)})


def test_a_time_below_zero_is_not_known() -> None:
    assert Target.survival([-1, 1], [1, 1]).known.tolist() == [False, True]
