"""Sides: of structures, of lists of sides, before and after the name."""

from __future__ import annotations

import pytest

from graphs.text.laterality import laterality
from graphs.text.lexicon import Lexicon
from graphs.text.statement import Statement


def places(text: str) -> list[tuple[str, str, str | None]]:
    statement = Statement(Lexicon.default(), text, 0, len(text))
    return [(text[p.start : p.end], p.entity, p.side) for p in statement.places]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("right upper lobe", ("right upper lobe", "lung_upper_lobe_{side}", "right")),
        ("RUL", ("RUL", "lung_upper_lobe_right", "right")),
        ("right and left lower lobes",
         ("right and left lower lobes", "lung_lower_lobe_{side}", "bilateral")),
        ("both kidneys", ("both kidneys", "kidney_{side}", "bilateral")),
        ("Axillary left", ("Axillary left", "axilla_{side}", "left")),
        ("lóbulo superior derecho", ("lóbulo superior derecho", "lung_upper_lobe_{side}", "right")),
        ("左下葉", ("左下葉", "lung_lower_lobe_{side}", "left")),
        ("segment 6 of the left lower lobe",
         ("segment 6 of the left lower lobe", "lung_lower_lobe_{side}", "left")),
        ("kidney", ("kidney", "kidney_{side}", None)),
        ("bibasilar", ("bibasilar", "lung_base_{side}", "bilateral")),
    ],
)  # fmt: skip
def test_places(text: str, expected: tuple[str, str, str | None]) -> None:
    assert places(text) == [expected]


def test_all_that_was_said_in_one_word() -> None:
    assert laterality([]) is None
    assert laterality(["right", "right"]) == "right"
    assert laterality(["right", "left"]) == "bilateral"
    assert laterality(["bilateral", "left"]) == "bilateral"
