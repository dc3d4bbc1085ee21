"""SceneGraph: what is said and seen, as typed nodes and edges."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from explorer.run_draft import RunDraft
from graphs.edge import Edge
from graphs.node import Node
from graphs.producer import Producer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FORM = "oncograph-scene"
_VERSION = 1


@dataclass
class SceneGraph:
    """Nodes and edges that one producer made of one report or image.

    Attributes
    ----------
    producer : Producer
    input : str
        Address without key and version of what it is of (``reports/r-1``); empty where a graph
        that was imported is not attached to anything.
    nodes : dict
        Id to node, in order.
    edges : list of Edge
    document : str or None
        The original document of an imported graph, every character.
    detail : dict
        JSON-able; of an imported graph what its format says of the whole, under the format's name.
    """

    producer: Producer
    input: str = ""
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    document: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    def add(self, node: Node) -> Node:
        """Take in a node; one with the same id must be the same.

        Raises
        ------
        ValueError
            Another node has its id.
        """
        there = self.nodes.setdefault(node.id, node)
        if there != node:
            raise ValueError(f"Two nodes with the id {node.id!r}")
        return there

    def connect(
        self,
        kind: str,
        tail: Node | str,
        head: Node | str,
        *,
        number: float | None = None,
        unit: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> Edge:
        """Draw an edge from `tail` to `head`.

        Raises
        ------
        KeyError
            One of them is not in the graph.
        """
        ends = [one if isinstance(one, str) else one.id for one in (tail, head)]
        for end in ends:
            if end not in self.nodes:
                raise KeyError(f"No node {end!r} in the graph")
        edge = Edge(kind, ends[0], ends[1], number, unit, detail or {})
        self.edges.append(edge)
        return edge

    def extend(self, edges: Iterable[Edge]) -> None:
        """Take in edges, such as spatial relations; those that are there already stay once."""
        there: dict[str, list[Edge]] = {}
        for edge in self.edges:
            there.setdefault(edge.id, []).append(edge)
        for edge in edges:
            if edge not in there.setdefault(edge.id, []):
                there[edge.id].append(edge)
                about = {"number": edge.number, "unit": edge.unit, "detail": edge.detail}
                self.connect(edge.kind, edge.tail, edge.head, **about)  # type: ignore[arg-type]

    def of_kind(self, kind: str) -> list[Node]:
        """Nodes of a kind, in order."""
        return [node for node in self.nodes.values() if node.kind == kind]

    def out(self, node: Node | str, kind: str | None = None) -> Iterator[tuple[Edge, Node]]:
        """Edges from a node, of a kind, with where they lead."""
        tail = node if isinstance(node, str) else node.id
        for edge in self.edges:
            if edge.tail == tail and kind in (None, edge.kind):
                yield edge, self.nodes[edge.head]

    def said_by(self, part: Node | Edge) -> dict[str, Any]:
        """Who said it, and of what: its provenance, from before a merge where there was one."""
        own = {
            "producer": self.producer.name,
            "version": self.producer.version,
            "checkpoint": self.producer.checkpoint,
            "input": self.input,
        }
        return {**own, **part.detail.get("from", {})}

    def merge(self, other: SceneGraph) -> SceneGraph:
        """Both in one, under this graph's producer; each part keeps who said it.

        Parameters
        ----------
        other : SceneGraph

        Returns
        -------
        SceneGraph
            A new one. Nodes with one id are one node, the first; edges that are equal are one.
        """
        made = SceneGraph(self.producer, self.input, dict(self.nodes), list(self.edges))
        made.detail = {**other.detail, **self.detail}
        for node in other.nodes.values():
            if node.id not in made.nodes:
                made.nodes[node.id] = replace(node, detail=self._from(other, node))
        made.extend(replace(edge, detail=self._from(other, edge)) for edge in other.edges)
        return made

    def _from(self, other: SceneGraph, part: Node | Edge) -> dict[str, Any]:
        said = other.said_by(part)
        return part.detail if said == self.said_by(part) else {**part.detail, "from": said}

    def to_networkx(self) -> Any:
        """As a ``networkx.MultiDiGraph``.

        Every node and edge has `kind`, its other fields, and who said it (`producer`, `version`,
        `input`).
        """
        import networkx as nx

        made = nx.MultiDiGraph(producer=self.producer.name, input=self.input)
        for node in self.nodes.values():
            fields = {name: value for name, value in vars(node).items() if name != "id"}
            made.add_node(node.id, **fields, **self.said_by(node))
        for edge in self.edges:
            fields = {k: v for k, v in vars(edge).items() if k not in ("tail", "head")}
            made.add_edge(edge.tail, edge.head, **fields, **self.said_by(edge))
        return made

    def to_graphml(self) -> str:
        """As GraphML; every attribute is text, what XML cannot hold is replaced."""
        from graphs.graphml import graphml

        return graphml(self.to_networkx())

    def to_json(self, *, document: bool = False) -> str:
        """As JSON of our own.

        Parameters
        ----------
        document : bool
            Also the original document of an imported graph.
        """
        whole = {
            "format": _FORM,
            "version": _VERSION,
            "producer": vars(self.producer),
            "input": self.input,
            "detail": self.detail,
            "nodes": [vars(node) for node in self.nodes.values()],
            "edges": [vars(edge) for edge in self.edges],
        }
        if document:
            whole["document"] = self.document
        return json.dumps(whole, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> SceneGraph:
        """Read JSON of our own.

        Raises
        ------
        FormatError
        """
        from graphs.scene_json import scene_of_json

        return scene_of_json(text, _FORM, _VERSION)

    def run(self, kind: str = "scene", *, input_sha256: str | None = None) -> RunDraft:
        """As a run for `Transaction.put_run`.

        Parameters
        ----------
        kind : str
            'scene', or 'import'.
        input_sha256 : str or None
            Of the report's text, by `explorer.derived.text_sha256`.
        """
        return RunDraft(
            kind,
            self.producer.name,
            self.producer.version,
            self.input,
            input_sha256,
            self.producer.checkpoint,
            self.producer.settings,
            document=self.document,
            detail=self.detail,
            nodes=[node.row() for node in self.nodes.values()],
            edges=[
                # a table has no order, and formats do
                {**edge.row(), "detail": _ordered(edge, at)}
                for at, edge in enumerate(self.edges)
            ],
        )

    @classmethod
    def of_rows(
        cls, run: dict[str, Any], nodes: Iterable[dict[str, Any]], edges: Iterable[dict[str, Any]]
    ) -> SceneGraph:
        """Read a graph back from its row of ``runs`` and the rows of ``nodes`` and ``edges``."""
        producer = Producer(
            run["producer"], run["version"], run["checkpoint"], json.loads(run["settings"] or "{}")
        )
        made = cls(producer, run["input"] or "", document=run["document"])
        made.detail = json.loads(run["detail"] or "{}")
        for row in nodes:
            if row["run"] == run["run"]:
                made.add(Node.of_row(row))
        found = [Edge.of_row(row) for row in edges if row["run"] == run["run"]]
        found.sort(key=lambda edge: edge.detail.get("at", 0))
        for edge in found:
            edge.detail.pop("at", None)
        made.edges = found
        return made

    def _repr_html_(self) -> str:
        from graphs.scene_shown import scene_html

        return scene_html(self)

    def figure(self) -> Figure:
        """Draw it: a column a kind, edges between them."""
        from graphs.scene_shown import scene_figure

        return scene_figure(self)


def _ordered(edge: Edge, at: int) -> str:
    return json.dumps({**edge.detail, "at": at}, ensure_ascii=False, sort_keys=True)
