"""What formats of grounded reports share: sentences, and boxes on one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphs.node import Node
from graphs.scene import SceneGraph

Box = tuple[float, float, float, float]


def add_sentence(
    graph: SceneGraph,
    prefix: str,
    ix: int,
    text: str,
    boxes: Sequence[Box] | None,
    form: str,
    **detail: Any,
) -> Node:
    """A sentence, its boxes, and the edges between them.

    Parameters
    ----------
    graph : SceneGraph
    prefix : str
        Of the ids in this graph.
    ix : int
        Position of the sentence.
    text : str
    boxes : sequence of (x_min, y_min, x_max, y_max) or None
        Fractions of the picture's width and height from its upper left corner.
    form : str
        The format's name.
    **detail : JSON-able
        What the format says beyond.

    Returns
    -------
    Node
        The sentence; ``detail[form]["ix"]`` is `ix`.
    """
    about = {"ix": ix, "boxed": boxes is not None, **detail}
    node = graph.add(Node(f"{prefix}.s{ix}", "sentence", text, detail={form: about}))
    for k, box in enumerate(boxes or ()):
        add_box(graph, node, f"{node.id}.b{k}", k, box, form)
    return node


def add_box(
    graph: SceneGraph, of: Node, name: str, ix: int, box: Box, form: str, **more: Any
) -> Node:
    """A box that grounds a node."""
    detail = {"box": list(box), "unit": "fraction", form: {"ix": ix, **more}}
    region = graph.add(Node(name, "region", "box", detail=detail))
    graph.connect("grounded_in", of, region)
    return region


def sentences(graph: SceneGraph) -> list[tuple[str, list[Box] | None]]:
    """The sentences of a grounded report in order, each with its boxes.

    Returns
    -------
    list of (str, list of (x_min, y_min, x_max, y_max) or None)
        Fractions of the picture; None where a sentence is not grounded.
    """
    return [(node.name, boxes_of(graph, node)) for node in in_order(graph, "sentence")]


def boxes_of(graph: SceneGraph, node: Node) -> list[Box] | None:
    """The boxes of a node in order, or None where it has none."""
    found = [head for edge, head in graph.out(node, "grounded_in") if "box" in head.detail]
    found.sort(key=position)
    return [tuple(one.detail["box"]) for one in found] or None


def in_order(graph: SceneGraph, kind: str) -> list[Node]:
    """Nodes of a kind by their position in the document."""
    return sorted(graph.of_kind(kind), key=position)


def position(node: Node) -> int:
    """Where a node stands among those of its kind in the document that it came from."""
    for about in node.detail.values():
        if isinstance(about, dict) and isinstance(about.get("ix"), int):
            return int(about["ix"])
    return 0
