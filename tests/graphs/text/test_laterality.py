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


UPPER, MIDDLE, LOWER = (
    "lung_upper_lobe_{side}", "lung_middle_lobe_right", "lung_lower_lobe_{side}",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nodules in the right upper and left lower lobes",
         [("right upper", UPPER, "right"), ("left lower lobes", LOWER, "left")]),
        ("the right middle and lower lobes",
         [("right middle", MIDDLE, "right"), ("lower lobes", LOWER, "right")]),
        ("right upper, middle and left lower lobes",
         [("right upper", UPPER, "right"), ("middle", MIDDLE, "right"),
          ("left lower lobes", LOWER, "left")]),
        ("upper and lower lobes", [("upper", UPPER, None), ("lower lobes", LOWER, None)]),
        ("bilateral upper/lower lobes",
         [("bilateral upper", UPPER, "bilateral"), ("lower lobes", LOWER, "bilateral")]),
        ("left mid and lower lung zones",
         [("left mid", "lung_mid_zone_{side}", "left"),
          ("lower lung zones", "lung_lower_zone_{side}", "left")]),
        # each has its noun, or the level is of something else
        ("right upper lobe and left lower lobe",
         [("right upper lobe", UPPER, "right"), ("left lower lobe", LOWER, "left")]),
        ("right upper and left kidney", [("left kidney", "kidney_{side}", "left")]),
    ],
)  # fmt: skip
def test_a_list_of_lobes_says_its_noun_once(text: str, expected: list[tuple[str, ...]]) -> None:
    assert places(text) == expected


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("A lesion in liver segment 7.", [7]),
        ("A lesion in segment IVa.", [4]),
        ("A lesion in hepatic segment IVb.", [4]),
        ("A lesion in the liver, segment 7.", [7]),
        ("A liver metastasis (segment 4b).", [4]),
        ("A metastasis in segment 6/7 of the liver.", [6, 7]),
        ("Lesions in hepatic segments 2, 3 and 7.", [2, 3, 7]),
        ("Lesions in segments V-VIII.", [5, 6, 7, 8]),
        ("A mass in Couinaud segment V, 5 cm.", [5]),
        ("A lesion in liver segment 4, 5 mm.", [4]),
        ("Lesions in segments 4 and 5, 6 x 7 mm, of the liver.", [4, 5]),
        ("A nodule in segment 6 of the left lower lobe; the liver is normal.", []),
        ("A nodule in segment VI of the lung.", []),
        ("A nodule in the right lower lobe, segment 6.", []),
        ("A cyst in segment II of the pancreas.", []),
        ("A lesion in segment 7.", []),  # of what is not said
    ],
)
def test_segments_of_the_liver(text: str, numbers: list[int]) -> None:
    found = [entity for _, entity, _ in places(text) if entity.startswith("liver_segment")]
    assert found == [f"liver_segment_{number}" for number in numbers]


def test_all_that_was_said_in_one_word() -> None:
    assert laterality([]) is None
    assert laterality(["right", "right"]) == "right"
    assert laterality(["right", "left"]) == "bilateral"
    assert laterality(["bilateral", "left"]) == "bilateral"
