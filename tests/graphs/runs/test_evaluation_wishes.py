"""Wishes of an evaluation are looked through when the file is read."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.errors import ConfigError
from graphs.runs.evaluation_wishes import evaluation_wishes


def test_wishes_are_taken_as_they_are() -> None:
    said = {"controls": ["alone"], "draws": 20, "subgroups": False, "margin": 0.01,
            "operating": {"sensitivity": 0.9}, "horizon": 730, "measure": "c-index"}  # fmt: skip
    assert evaluation_wishes(said) == said
    assert evaluation_wishes({"horizon": None}) == {}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"draw": 3}, r"evaluation: \['draw'\].*draws"),
        ({"draws": "many"}, "draws: 'many'.*whole number"),
        ({"draws": -3}, "draws: -3"),
        ({"horizon": "5y"}, "horizon: '5y'"),
        ({"margin": "x"}, "margin: 'x'"),
        ({"controls": "alone"}, "controls: 'alone'.*list of names"),
        ({"operating": 0.9}, "operating: 0.9"),
        (["draws"], "evaluation: "),
    ],
)
def test_a_slip_is_named(said: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        evaluation_wishes(said)
