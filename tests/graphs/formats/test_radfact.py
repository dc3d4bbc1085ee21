"""RadFact's pairs of grounded reports; the real file of the project."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graphs.errors import FormatError
from graphs.formats import radfact
from graphs.formats.grounded import sentences

REAL = Path(__file__).parents[2] / "data" / "grounded_reports" / "grounded_reporting_examples.json"


def test_the_real_file_comes_back_equal() -> None:
    text = REAL.read_text("utf-8")
    graphs = radfact.read(text)
    bare = [replace(graph, document=None) for graph in graphs]
    assert json.loads(radfact.write(bare)) == json.loads(text)


def test_what_the_real_file_holds() -> None:
    both = radfact.pairs(radfact.read(REAL.read_bytes()))
    assert len(both) == 20
    targets = [one for _, target in both if target is not None for one in sentences(target)]
    assert len(targets) == 133
    assert sum(boxes is not None for _, boxes in targets) == 38
    prediction, target = both[0]
    assert prediction is not None
    assert target is not None
    assert prediction.detail["radfact"]["other"] == {"example_id": 0}
    text, boxes = sentences(prediction)[1]
    assert text.startswith("Moderate-sized area of airspace opacity")
    assert boxes == [(0.535, 0.355, 0.865, 0.725)]


def test_one_report_alone() -> None:
    document = [{"text": "Clear.", "boxes": None, "seen": 1}]
    (graph,) = radfact.read(document)
    assert json.loads(radfact.write(graph)) == document
    alone = {"target": document}
    assert json.loads(radfact.write(radfact.read(alone))) == alone


@pytest.mark.parametrize(
    ("boxes", "where"),
    [
        ([], ".boxes"),
        ([{"x_min": 0.5, "y_min": 0, "x_max": 0.4, "y_max": 1}], ".boxes[0]"),
        ([{"x_min": 0, "y_min": 0, "x_max": 1.5, "y_max": 1}], ".boxes[0]"),
        ([{"x_min": 0, "y_min": 0, "x_max": 1}], ".boxes[0]"),
        ([{"x_min": "0", "y_min": 0, "x_max": 1, "y_max": 1}], ".boxes[0].x_min"),
        ([{"x_min": True, "y_min": 0, "x_max": 1, "y_max": 1}], ".boxes[0].x_min"),
        ("none", ".boxes"),
    ],
)
def test_boxes_that_are_none_say_where(boxes: Any, where: str) -> None:
    document = [{"prediction": [{"text": "a", "boxes": None}, {"text": "b", "boxes": boxes}]}]
    with pytest.raises(FormatError) as error:
        radfact.read(json.dumps(document))
    assert error.value.where == f"$[0].prediction[1]{where}"
