"""SceneGraph: what is said and seen, as typed nodes and edges."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphs.edge import Edge
from graphs.node import Node
from graphs.producer import Producer


@dataclass
class SceneGraph:
    """Nodes and edges that one producer made of one report or image.

    Attributes
    ----------
    producer : Producer
    input : str
        Address without key and version of what it is of.
    nodes : dict
        Id to node, in order.
    edges : list of Edge
    document : str or None
        The original document of an imported graph, every character.
    """

    producer: Producer
    input: str = ""
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    document: str | None = None
