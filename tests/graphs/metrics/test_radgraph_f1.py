from __future__ import annotations

import pytest

from graphs.edge import Edge
from graphs.metrics.radgraph_f1 import facts, radgraph_f1
from graphs.node import Node
from graphs.producer import Producer
from graphs.scene import SceneGraph

REFERENCE = {
    "entities": {
        "1": {"tokens": "Effusion", "label": "OBS-DA", "relations": [["located_at", "2"]]},
        "2": {"tokens": "left", "label": "ANAT-DP", "relations": []},
        "3": {"tokens": "nodule", "label": "OBS-DP", "relations": []},
    }
}
OTHER = {
    "entities": {
        "1": {"tokens": "effusion", "label": "OBS-DA", "relations": [["located_at", "2"]]},
        "2": {"tokens": "right", "label": "ANAT-DP", "relations": []},
    }
}


def test_by_hand() -> None:
    # entities in common: effusion (1 of 2, 1 of 3)
    assert radgraph_f1([OTHER], [REFERENCE], "entity").value == pytest.approx(2 / 5)
    assert radgraph_f1([OTHER], [REFERENCE], "relation").value == pytest.approx(2 / 5)
    # complete: its place differs
    assert radgraph_f1([OTHER], [REFERENCE], "complete").value == 0.0
    assert radgraph_f1([REFERENCE], [REFERENCE], "complete").value == 1.0


def test_empty_graphs() -> None:
    nothing: dict = {"entities": {}}
    assert radgraph_f1([nothing], [nothing]).value == 1.0
    assert radgraph_f1([nothing], [REFERENCE]).value == 0.0


def test_a_scene_graph_has_the_same_facts() -> None:
    nodes = [
        Node("a", "observation", "Effusion", assertion="absent"),
        Node("b", "anatomy", "left"),
        Node("c", "observation", "nodule", assertion="present"),
        Node("d", "sentence", "No effusion on the left."),
    ]
    graph = SceneGraph(
        Producer("test", "1"), "", {n.id: n for n in nodes}, [Edge("located_at", "a", "b")]
    )
    for level in ("entity", "relation", "complete"):
        assert facts(graph, level) == facts(REFERENCE, level)
