"""Findings as RadGraph's entities: read back, and scored against themselves."""

from __future__ import annotations

import json

from graphs.formats import radgraph
from graphs.formats.radgraph_of import radgraph_of
from graphs.node import Node
from graphs.producer import Producer
from graphs.scene import SceneGraph

TEXT = "2.5 cm nodule,right upper lobe (new). No effusion."


def _graph() -> SceneGraph:
    graph = SceneGraph(Producer("rules", "1"), "reports/r-1")
    graph.add(Node("f1", "observation", "nodule", assertion="present", detail={"chars": [7, 13]}))
    graph.add(Node("f2", "observation", "effusion", assertion="absent", detail={"chars": [41, 49]}))
    graph.add(Node("f3", "observation", "nodule", assertion="present", detail={"time": "prior"}))
    graph.add(Node("anatomy.lung_upper_lobe_right", "anatomy", "lung_upper_lobe_right"))
    graph.connect("located_at", "f1", "anatomy.lung_upper_lobe_right", detail={"chars": [14, 30]})
    graph.connect("compared_with", "f1", "f3")
    return graph


def test_tokens_are_those_of_the_text() -> None:
    made = radgraph_of(_graph(), TEXT, name="r-1")
    document = json.loads(radgraph.write(made))
    entities = document["r-1"]["entities"]
    assert [one["tokens"] for one in entities.values()] == [
        "nodule",
        "effusion",
        "right upper lobe",
    ]
    assert entities["1"]["relations"] == [["located_at", "3"]]
    assert document["r-1"]["text"].startswith("2.5 cm nodule , right")
    (back,) = radgraph.read(document)  # the reader checks every slice
    assert len(back.nodes) == 3
    assert [node.assertion for node in back.nodes.values()] == ["present", "absent", "present"]
