"""References to images, as the usual systems write them."""

from __future__ import annotations

import pytest

from graphs.text.image_references import image_references


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(series 4, image 57)", (4, 57)),
        ("(Series 5, Image 456)", (5, 456)),
        ("se 4 im 57", (4, 57)),
        ("im 57/4", (4, 57)),
        ("IMA 8-34", (8, 34)),
        ("image 12 of series 3", (3, 12)),
        ("slice 57", (None, 57)),
        ("9 mm (9-101)", (9, 101)),
        ("6 mm (5/112)", (5, 112)),
        ("(5/112, 6 mm)", (5, 112)),
        ("(4/57, previously 4/60)", (4, 57)),
        ("シリーズ4、画像57", (4, 57)),
        ("第57层", (None, 57)),
    ],
)
def test_references(text: str, expected: tuple[int | None, int | None]) -> None:
    (one,) = image_references(text)
    assert (one.series, one.image) == expected
    assert str(one.image) in text[one.start : one.end]


@pytest.mark.parametrize(
    "text",
    [
        "slice 5 mm", "imaging in 2019", "segment 4", "3-4 mm",
        # a day, a month, a score, a pressure, nodes, a dose of two lines
        "since (5/12)", "(5/12/2020)", "(5/2020)", "strength (4/5)", "(120/80)", "(95/60)",
        "positive nodes (3/45)", "0/12 nodes", "(5/112 mg)",
    ],
)  # fmt: skip
def test_no_reference(text: str) -> None:
    assert image_references(text) == []
