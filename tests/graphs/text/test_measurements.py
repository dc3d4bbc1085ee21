"""Measurements: one to three axes, units, ranges, uptake, density, and earlier values."""
# ruff: noqa: RUF001 - signs as reports have them

from __future__ import annotations

import pytest

from graphs.text.measurements import measurements


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.3 cm", [((2.3,), "cm", "size", False)]),
        ("7-millimeter", [((7.0,), "mm", "size", False)]),
        ("68 x 40 mm", [((68.0, 40.0), "mm", "size", False)]),
        ("13 × 9 × 7 mm", [((13.0, 9.0, 7.0), "mm", "size", False)]),
        ("2.3cm by 1.8cm", [((2.3, 1.8), "cm", "size", False)]),
        ("10 mm x 1.2 cm", [((1.0, 1.2), "cm", "size", False)]),
        ("3-4 mm", [((3.0, 4.0), "mm", "range", False)]),
        ("204-236 HU", [((204.0, 236.0), "HU", "hu", False)]),
        ("-20 HU", [((-20.0,), "HU", "hu", False)]),
        ("SUVmax of 5.4 and SUVmean 3,1",
         [((5.4,), "SUV", "suvmax", False), ((3.1,), "SUV", "suvmean", False)]),
        ("maximum SUV 7.2", [((7.2,), "SUV", "suvmax", False)]),
        ("SUV 12.3, 2.1 cm", [((12.3,), "SUV", "suv", False), ((2.1,), "cm", "size", False)]),
        ("68 cc", [((68.0,), "ml", "volume", False)]),
        ("4 cm above the carina", [((4.0,), "cm", "distance", False)]),
        ("increased from 1.8 to 2.3 cm",
         [((1.8,), "cm", "size", True), ((2.3,), "cm", "size", False)]),
        ("2.3 cm (previously 1.8 cm)",
         [((2.3,), "cm", "size", False), ((1.8,), "cm", "size", True)]),
        ("previously 1.8 cm, now 2.3 cm",
         [((1.8,), "cm", "size", True), ((2.3,), "cm", "size", False)]),
        ("2.3 cm (1.8 cm on 3/4/2019)",
         [((2.3,), "cm", "size", False), ((1.8,), "cm", "size", True)]),
        ("sub-5-mm", [((5.0,), "mm", "limit", False)]),
        ("2.3cms, .5 cm", [((2.3,), "cm", "size", False), ((0.5,), "cm", "size", False)]),
        ("2.3 (AP) x 1.8 (TR) x 3.0 (CC) cm", [((2.3, 1.8, 3.0), "cm", "size", False)]),
        ("2 cm AP x 3 cm transverse", [((2.0, 3.0), "cm", "size", False)]),
        ("SUVmax of the hepatic lesion is 12.5", [((12.5,), "SUV", "suvmax", False)]),
        ("SUVmax 8.4 (previously 6.2)",
         [((8.4,), "SUV", "suvmax", False), ((6.2,), "SUV", "suvmax", True)]),
        ("SUVmax increased from 6.2 to 8.4",
         [((6.2,), "SUV", "suvmax", True), ((8.4,), "SUV", "suvmax", False)]),
        ("SUVmax 8.4, previously 6.2 cm",
         [((8.4,), "SUV", "suvmax", False), ((6.2,), "cm", "size", True)]),
        ("1,8 cm previo", [((1.8,), "cm", "size", True)]),
        ("径２３ｍｍ", [((23.0,), "mm", "size", False)]),
        ("T2 image 57, 3 nodules, 12/04/2019", []),
    ],
)  # fmt: skip
def test_measurements(text: str, expected: list[tuple[tuple[float, ...], str, str, bool]]) -> None:
    found = measurements(text)
    assert [(one.value, one.unit, one.kind, one.prior) for one in found] == expected
    assert all(text[one.start : one.end].strip() == text[one.start : one.end] for one in found)


def test_a_part_of_a_text_keeps_the_texts_places() -> None:
    text = "5 mm. A 7 mm nodule."
    (one,) = measurements(text, 6, len(text))
    assert text[one.start : one.end] == "7 mm"
    assert one.mm == (7.0,)
