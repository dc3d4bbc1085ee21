"""MAIRA-2's bins, and the square that it cuts from a picture."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.errors import FormatError
from graphs.formats import maira2, radfact
from graphs.formats.grounded import sentences

TEXT = "<obj>Right effusion. <box><x55><y45><x70><y56></box></obj> <obj>Heart normal.</obj>"


def test_bins_are_the_middles_of_hundredths() -> None:
    (graph,) = maira2.read(TEXT)
    (effusion, boxes), (heart, none) = sentences(graph)
    assert effusion == "Right effusion."
    assert boxes == [(0.555, 0.455, 0.705, 0.565)]
    assert (heart, none) == ("Heart normal.", None)


def test_the_square_of_wide_and_high_pictures() -> None:
    assert maira2.square(2000, 1000) == (500, 0, 1000)
    assert maira2.square(1000, 2500) == (0, 750, 1000)
    assert maira2.to_pixels((0, 0, 1, 1), 2000, 1000) == (500, 0, 1500, 1000)
    assert maira2.to_pixels((0.25, 0.5, 0.75, 1), 1000, 2500) == (250, 1250, 750, 1750)


def test_boxes_that_leave_the_square() -> None:
    box, seen = maira2.from_pixels((0, 0, 1000, 1000), 2000, 1000)
    assert box == (0, 0, 0.5, 1)
    assert seen == 0.5
    assert maira2.from_pixels((0, 0, 400, 1000), 2000, 1000) == (None, 0.0)
    box, seen = maira2.from_pixels((600, 100, 700, 200), 2000, 1000)
    assert box == pytest.approx((0.1, 0.1, 0.2, 0.2))
    assert seen == pytest.approx(1)


@settings(deadline=None, max_examples=50)
@given(
    width=st.integers(1, 5000),
    height=st.integers(1, 5000),
    bins=st.lists(st.integers(0, 99), min_size=4, max_size=4),
)
def test_bins_survive_the_way_to_pixels_and_back(width: int, height: int, bins: list[int]) -> None:
    x0, x1 = sorted(bins[:2])
    y0, y1 = sorted(bins[2:])
    text = f"<obj>a <box><x{x0}><y{y0}><x{x1}><y{y1}></box></obj>"
    (graph,) = maira2.read(text)
    on = maira2.on_picture(graph, width, height)
    ((_, boxes),) = sentences(on)
    assert boxes is not None
    left, top, right, bottom = boxes[0]
    assert 0 <= left <= right <= 1
    assert 0 <= top <= bottom <= 1
    if x0 < x1 and y0 < y1:
        pixels = (left * width, top * height, right * width, bottom * height)
        back, seen = maira2.from_pixels(pixels, width, height)
        assert back is not None
        assert seen == pytest.approx(1)
        assert maira2.bins_of(back) == [x0, y0, x1, y1]
    assert maira2.write(graph) == text


def test_another_format_s_report_as_maira_writes_it() -> None:
    box = {"x_min": 0, "y_min": 0.1, "x_max": 0.5, "y_max": 1}
    document = [{"text": "Nodule.", "boxes": [box]}, {"text": "Clear.", "boxes": None}]
    (graph,) = radfact.read(document)
    said = "<obj>Nodule. <box><x0><y10><x50><y99></box></obj> <obj>Clear.</obj>"
    assert maira2.write(graph) == said
    (back,) = maira2.read(said)
    assert [one["text"] for one in json.loads(radfact.write(back))[0]["target"]] == [
        "Nodule.", "Clear."
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "<obj>a", "a</obj>", "<obj>a <box><x1><y1><x2></box></obj>", "<x1>",
        "<obj>a <box><x1><y1><x100><y2></box></obj>", "<obj>a <box><x9><y1><x2><y2></box></obj>",
        "<obj>a <box><x01><y1><x2><y2></box></obj>", "<obj><obj>a</obj></obj>",
    ],
)  # fmt: skip
def test_answers_that_are_wrong_say_where(text: str) -> None:
    with pytest.raises(FormatError) as error:
        maira2.read(text)
    assert "characters" in str(error.value.where)
