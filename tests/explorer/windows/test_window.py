"""Which days belong to which window, to the day."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import TaskError
from explorer.windows.index import Index
from explorer.windows.window import PLACES, Window


def _of(window: Window, *days: float) -> list[str]:
    return [PLACES[code] for code in window.place(np.array(days, float))]


def test_the_ends_of_the_windows() -> None:
    window = Window("treatment", look_back=30, outcome=(10, 20), gap=2)
    assert _of(window, -31, -30, -2, -1, 0, 1, 10, 11, 20, 21, np.nan) == [
        "before the look-back", "look-back", "look-back", "gap", "gap", "after the index",
        "after the index", "outcome window", "outcome window", "after the outcome window",
        "cannot tell",
    ]  # fmt: skip
    assert _of(Window(), -9999, 0, 1, 9999) == ["look-back"] * 2 + ["outcome window"] * 2
    assert _of(Window(outcome=None), 0, 1, 9999) == ["look-back"] + ["after the index"] * 2


days = st.integers(0, 4000)


@given(
    back=st.none() | days,
    gap=st.integers(0, 40),
    start=days,
    length=st.none() | st.integers(1, 90),
    day=st.integers(-9000, 9000),
)
def test_a_day_is_in_one_place(
    back: int | None, gap: int, start: int, length: int | None, day: int
) -> None:
    if back is not None:
        back += gap
    end = None if length is None else start + length
    window = Window(Index(), back, (start, end), gap)
    place = _of(window, day)[0]
    # the docstring's own words, written down once more
    feature = day <= -gap and (back is None or day >= -back)
    outcome = day > start and (end is None or day <= end)
    assert (place == "look-back") == feature
    assert (place == "outcome window") == outcome
    assert not (feature and outcome)
    assert Window.of(window.plain()) == window


@pytest.mark.parametrize(
    "said",
    [
        {"look_back": -1}, {"look_back": 1, "gap": 2}, {"gap": 0.5}, {"outcome": (5, 5)},
        {"outcome": (-1, 5)}, {"outcome": "1-5"}, {"outcome": [1]}, {"gap": True},
        {"index": {"table": "files"}}, {"index": {"table": "events", "where": {"x'; drop": "y"}}},
        {"index": {"which": "best"}}, {"index": " "}, {"index": {"when": 1}}, {"until": 3},
    ],
)  # fmt: skip
def test_what_is_no_window_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(TaskError):
        Window.of(said)
