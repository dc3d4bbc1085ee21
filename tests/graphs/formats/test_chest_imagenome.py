"""Chest ImaGenome: what is said of each anatomy, and how it compares with earlier pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphs.errors import FormatError
from graphs.formats import chest_imagenome
from graphs.scene import SceneGraph

DATA = Path(__file__).parents[2] / "data" / "formats"
TEXT = (DATA / "chest_imagenome_described.json").read_text("utf-8")


@pytest.fixture(scope="module")
def graph() -> SceneGraph:
    (found,) = chest_imagenome.read(TEXT)
    return found


def test_anatomies_of_the_described_document_have_their_names_and_boxes(graph: SceneGraph) -> None:
    right = next(node for node in graph.of_kind("anatomy") if node.name == "right lung")
    assert right.detail["structure"] == "lung_right"
    assert right.code == "SCT:39607008"
    (region,) = [head for _, head in graph.out(right, "grounded_in")]
    assert region.detail["box"] == [250, 375, 1250, 2250]
    assert region.detail["chest_imagenome"]["small"] == [20, 30, 100, 180]


def test_comparisons_of_the_described_document_are_exact(graph: SceneGraph) -> None:
    found = [
        (graph.nodes[edge.tail].name, edge.detail["change"], graph.nodes[edge.head].detail["time"])
        for edge in graph.edges
        if edge.kind == "compared_with" and "change" in edge.detail
    ]
    assert sorted(found) == [
        ("left lung", "no change", "prior"),  # the cue
        ("left lung", "no change", "prior"),  # the relationship
        ("right lung", "improved", "prior"),
        ("right lung", "improved", "prior"),
    ]


def test_assertions_of_the_described_document(graph: SceneGraph) -> None:
    said = {node.name: node.assertion for node in graph.of_kind("observation")}
    assert said == {"lung opacity": "present", "abnormal": "present", "pneumonia": "absent",
                    "pneumothorax": "absent"}  # fmt: skip


def test_lists_that_do_not_run_side_by_side_are_refused() -> None:
    document = json.loads(TEXT)
    document["attributes"][0]["comparison_cues"].pop()
    with pytest.raises(FormatError) as error:
        chest_imagenome.read(document)
    assert error.value.where == "$.attributes[0].comparison_cues"
