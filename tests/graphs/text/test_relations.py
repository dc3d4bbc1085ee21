"""Relations between the observations of a sentence."""

from __future__ import annotations

import pytest

from graphs.text.rules import RulesExtractor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Opacity suggestive of pneumonia.", (0, "suggestive_of", "1")),
        ("Nodule most consistent with a granuloma.", (0, "suggestive_of", "1")),
        ("Nodule within the consolidation.", (0, "located_at", "1")),
        ("Nodule with central calcification.", (1, "modify", "0")),
    ],
)
def test_relations(text: str, expected: tuple[int, str, str]) -> None:
    found = RulesExtractor().extract(text)
    assert len(found) == 2
    said = [(place, r.kind, r.other) for place, one in enumerate(found) for r in one.relations]
    assert said == [expected]


def test_positions_count_over_the_whole_report() -> None:
    found = RulesExtractor().extract("No effusion. Opacity suggestive of pneumonia.")
    assert [(r.kind, r.other) for r in found[1].relations] == [("suggestive_of", "2")]


def test_neighbours_are_not_related() -> None:
    found = RulesExtractor().extract("Nodule and effusion.")
    assert all(not one.relations for one in found)
