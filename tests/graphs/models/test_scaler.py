"""Scaling is learnt of the training patients alone."""

import json

import numpy as np
import pandas as pd
import pytest

from graphs.errors import ModelError
from graphs.examples.block import Block
from graphs.models.scaler import Scaler

TRAIN = Block.of(
    "clinical",
    pd.DataFrame(
        {
            "age": [40, 60, np.nan, np.nan],
            "stage": ["I", "II", "II", None],
            "same": [1, 1, 1, None],
        },
        index=list("abcd"),
    ),
)


def test_numbers_categories_and_what_is_missing_become_columns() -> None:
    scaler = Scaler(least=1).fit(TRAIN)
    assert scaler.columns == ["age", "age missing", "stage = I", "stage = II", "same"]
    assert scaler.transform(TRAIN).tolist() == [
        [-1, 0, 1, 0, 0], [1, 0, 0, 1, 0], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0],
    ]  # fmt: skip


def test_other_patients_do_not_change_it() -> None:
    scaler = Scaler(least=1).fit(TRAIN)
    other = Block.of(
        "clinical",
        pd.DataFrame(
            {"age": [50.0, 900], "stage": ["IV", "I"], "same": [7.0, 1]}, index=["x", "y"]
        ),
    )
    assert scaler.transform(other).tolist() == [[0, 0, 0, 0, 0], [5, 0, 1, 0, 0]]


def test_it_is_the_same_after_json() -> None:
    scaler = Scaler(least=1).fit(TRAIN)
    again = Scaler.of(json.loads(json.dumps(scaler.plain())))
    np.testing.assert_array_equal(again.transform(TRAIN), scaler.transform(TRAIN))


def test_weights_of_columns_are_summed_over_their_feature() -> None:
    scaler = Scaler(least=1).fit(TRAIN)
    weights = np.arange(10, dtype=float).reshape(2, 5)
    assert scaler.gather(weights).tolist() == [[1, 5, 4], [11, 15, 9]]


def test_a_feature_that_is_not_there_is_named() -> None:
    scaler = Scaler(least=1).fit(TRAIN)
    with pytest.raises(ModelError, match="age"):
        scaler.transform(TRAIN.select(["stage"]))
