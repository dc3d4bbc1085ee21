"""Every kind has a colour, and colours that stand side by side differ."""

from __future__ import annotations

from typing import get_args

from graphs.grounding.grounding import Status
from graphs.node_kinds import NODE_KINDS
from graphs.verdict import Answer
from widgets import palette


def test_every_kind_has_a_colour() -> None:
    assert set(palette.NODES) == set(NODE_KINDS)
    assert set(palette.VERDICTS) == set(get_args(Answer))
    assert set(palette.GROUNDINGS) == set(get_args(Status))


def test_colours_of_one_group_differ() -> None:
    for group in (palette.ASSERTIONS, palette.VERDICTS, palette.GROUNDINGS):
        assert len(set(group.values())) == len(group)
