"""Boxes in Chest ImaGenome's form are read back."""

from __future__ import annotations

import json

import pytest

from graphs.formats import chest_imagenome
from graphs.formats.imagenome_of import imagenome_of


def test_a_graph_of_boxes_is_read_back() -> None:
    boxes = {"right lung": (10.0, 20.0, 300.0, 400.0), "trachea": (150.0, 0.0, 190.0, 90.0)}
    made = imagenome_of("made-up", boxes, (400, 448))
    document = json.loads(chest_imagenome.write(made))
    assert [one["bbox_name"] for one in document["objects"]] == ["right lung", "trachea"]
    (back,) = chest_imagenome.read(document)
    assert json.loads(chest_imagenome.write(back)) == document
    assert document["objects"][0]["original_x2"] == 300.0
    # 448 pixels high become 224; the picture is padded to a square at both sides
    assert document["objects"][0]["x1"] == pytest.approx((10 + 24) / 2)
    assert document["objects"][0]["y1"] == pytest.approx(10)
