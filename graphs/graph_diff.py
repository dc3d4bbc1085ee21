"""The difference of two patient graphs: who came, who went, what changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from explorer.html import table_html
from explorer.shown_list import ShownList

Edge = tuple[str, str, str]
_HEAD = ["what", "kind", "name or ends", "attribute", "before", "after"]


@dataclass(frozen=True)
class GraphChange:
    """One thing that is not as it was.

    Attributes
    ----------
    what : {'came', 'went', 'changed'}
    place : str or tuple of str
        A node's address, or (tail, head, key) of an edge.
    kind, name : str
        `name` is hostile; of an edge both ends.
    attribute : str or None
        Of 'changed'.
    before, after : object
    """

    what: str
    place: str | Edge
    kind: str
    name: str
    attribute: str | None = None
    before: Any = None
    after: Any = None

    @property
    def is_edge(self) -> bool:
        """Whether it is of an edge."""
        return isinstance(self.place, tuple)


@dataclass
class GraphDiff:
    """What is different in the second of two graphs.

    Attributes
    ----------
    changes : ShownList of GraphChange
        Nodes, then edges; those that came, went, changed.
    versions : dict
        Key to (version before, version after) of patients whose version differs; None where the
        patient is not there.
    """

    changes: ShownList[GraphChange] = field(
        default_factory=lambda: ShownList([], _HEAD, _cells, "changes")
    )
    versions: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.changes)

    def of(self, what: str, *, edges: bool = False) -> list[GraphChange]:
        """Changes of nodes, or of edges, of one sort: 'came', 'went' or 'changed'."""
        return [one for one in self.changes if one.what == what and one.is_edge == edges]

    def __repr__(self) -> str:
        counts = Counter(("edges" if one.is_edge else "nodes", one.what) for one in self.changes)
        said = ", ".join(f"{n} {of} {what}" for (of, what), n in sorted(counts.items()))
        return f"<GraphDiff: {said or 'no difference'}>"

    def _repr_html_(self) -> str:
        counts = Counter((one.what, one.is_edge, one.kind) for one in self.changes)
        rows = [
            ["edge" if edge else "node", kind, what, count]
            for (what, edge, kind), count in sorted(counts.items())
        ]
        title = "no difference" if not rows else f"{len(self.changes)} changes"
        return table_html(["of", "kind", "what", "count"], rows, title) + self.changes._repr_html_()


def graph_diff(before: nx.MultiDiGraph, after: nx.MultiDiGraph) -> GraphDiff:
    """Compare two graphs: of two versions of a patient, two index dates, two cohorts.

    Nodes are the same where their address is, edges where both ends and the key are.

    Parameters
    ----------
    before, after : PatientGraph

    Returns
    -------
    GraphDiff
        Falsy where there is none.
    """
    found = [*_nodes(before, after), *_edges(before, after)]
    was, is_ = (graph.graph.get("patients") or {} for graph in (before, after))
    versions = {
        key: (was.get(key), is_.get(key))
        for key in sorted({*was, *is_})
        if was.get(key) != is_.get(key)
    }
    return GraphDiff(ShownList(found, _HEAD, _cells, "changes"), versions)


def _nodes(before: nx.MultiDiGraph, after: nx.MultiDiGraph) -> list[GraphChange]:
    old, new = dict(before.nodes(data=True)), dict(after.nodes(data=True))
    return _compared(old, new, lambda place, about: str(about.get("name") or ""))


def _edges(before: nx.MultiDiGraph, after: nx.MultiDiGraph) -> list[GraphChange]:
    old, new = (
        {(tail, head, key): about for tail, head, key, about in graph.edges(keys=True, data=True)}
        for graph in (before, after)
    )
    names = {
        node: str(about.get("name") or "")
        for graph in (before, after)
        for node, about in graph.nodes(data=True)
    }
    return _compared(old, new, lambda place, about: f"{names[place[0]]} → {names[place[1]]}")


def _compared(old: dict[Any, Any], new: dict[Any, Any], name: Any) -> list[GraphChange]:
    came = [
        GraphChange("came", one, str(new[one].get("kind")), name(one, new[one]))
        for one in new
        if one not in old
    ]
    went = [
        GraphChange("went", one, str(old[one].get("kind")), name(one, old[one]))
        for one in old
        if one not in new
    ]
    changed = [
        GraphChange(
            "changed", one, str(new[one].get("kind")), name(one, new[one]), attribute,
            old[one].get(attribute), new[one].get(attribute),
        )
        for one in new
        if one in old and old[one] != new[one]
        for attribute in sorted({*old[one], *new[one]})
        if old[one].get(attribute) != new[one].get(attribute)
    ]  # fmt: skip
    return [*came, *went, *changed]


def _cells(one: GraphChange) -> list[Any]:
    what = f"edge {one.what}" if one.is_edge else one.what
    shown = [None if value is None else str(value)[:200] for value in (one.before, one.after)]
    return [what, one.kind, one.name, one.attribute, *shown]
