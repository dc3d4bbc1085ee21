"""Builder: gathers nodes and edges, and keeps what the index date does not allow out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from graphs.assembly.index_day import IndexDay
from graphs.assembly.node_address import node_of

Attributes = dict[str, Any]
_MOST_PROBLEMS = 200


class Builder:
    """Nodes by their address, edges between them.

    Parameters
    ----------
    index : IndexDay
    kinds : collection of str or None
        Only nodes of these kinds are kept, besides patients; None keeps all.

    Attributes
    ----------
    nodes : dict
        Address to attributes.
    edges : list of tuple
        (tail, head, key, attributes).
    problems : list of str
        What a row names and nothing has, counted in `problem_count`.
    """

    def __init__(self, index: IndexDay, kinds: Collection[str] | None) -> None:
        self.index = index
        self.kinds = None if kinds is None else {*kinds, "patient"}
        self.nodes: dict[str, Attributes] = {}
        self.edges: list[tuple[str, str, str, Attributes]] = []
        self.problems: list[str] = []
        self.problem_count = 0
        # when a report or an item was made: what is derived from it was known as soon as it was
        self.times: dict[str, tuple[int | None, str | None, str | None]] = {}
        self.said: set[tuple[str, str, str, str | None, int | None]] = set()

    def wants(self, *kinds: str) -> bool:
        """Whether nodes of one of these kinds are kept."""
        return self.kinds is None or not self.kinds.isdisjoint(kinds)

    def add(self, address: str, about: Attributes) -> bool:
        """Add a node, or complete it; False where its kind is not wanted."""
        if self.kinds is not None and about["kind"] not in self.kinds:
            return False
        there = self.nodes.get(address)
        if there is None:
            self.nodes[address] = about
        else:
            for name, value in about.items():
                if there.get(name) is None:
                    there[name] = value
        return True

    def timed(
        self, address: str, about: Attributes, at: str | None = None, state: str | None = None
    ) -> bool:
        """Add a node with a day of its own, where it was known on the index date.

        Parameters
        ----------
        address : str
        about : dict
            With kind, patient and day.
        at : str or None
            ISO date.
        state : str or None
            Why there is no day; kept as ``day_state``.
        """
        if self.kinds is not None and about["kind"] not in self.kinds:
            return False
        key, day = about["patient"], about["day"]
        if not self.index.allows(key, address, about["kind"], day, at, state):
            return False
        if at is not None:
            about["date"] = at
        if day is None and state not in (None, "present"):
            about["day_state"] = state
        return self.add(address, about)

    def edge(
        self, tail: str, head: str, kind: str, by: str | None, day: int | None = None, **more: Any
    ) -> None:
        """Add an edge; it stays only if both ends are there when all is built."""
        self.edges.append((tail, head, kind, {"kind": kind, "day": day, "by": by, **more}))

    def under(self, head: str, kind: str, by: str | None, *above: str, day: int | None) -> None:
        """Hang a node below the first of `above` that is there; the patient's is the last one."""
        tail = next((one for one in above if one in self.nodes), above[-1])
        self.edge(tail, head, kind if tail == above[0] else "has", by, day)

    def seen(self, key: str, target: str | None) -> str | None:
        """Find the node that a target lies in; None where there is none, or it is left out."""
        if not target:
            return None
        found = node_of(key, target)
        if found in self.nodes:
            return found
        if found is None or (self.kinds is None and found not in self.times):
            self.problem(f"{target!r} of patient {key} is not there")
        return None

    def exact(self, key: str, target: str) -> str | None:
        """The node at a target, or else the one that it lies in; None where neither is there."""
        own = f"onco:{key}/{target}"
        found = own if own in self.nodes else node_of(key, target)
        return found if found in self.nodes else None

    def when(self, key: str, target: str | None) -> tuple[int | None, str | None, str | None]:
        """Day, date and state of the item that a target lies in."""
        found = node_of(key, target) if target else None
        return self.times.get(found or "", (None, None, "what it was made from is not known"))

    def problem(self, text: str) -> None:
        """Note what does not fit; the first two hundred are kept, all are counted."""
        self.problem_count += 1
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(text)

    def pour(self, graph: Any) -> None:
        """Put all into a graph; an edge needs both ends, and gets a key between its two nodes.

        The builder is empty afterwards: a cohort would else be in memory twice.

        Parameters
        ----------
        graph : networkx.MultiDiGraph
        """
        for address in list(self.nodes):
            graph.add_node(address, **self.nodes.pop(address))
        graph.add_edges_from(self._keyed(graph))

    def _keyed(self, graph: Any) -> Iterator[tuple[str, str, str, Attributes]]:
        seen: dict[tuple[str, str, str], int] = {}
        self.edges.reverse()
        while self.edges:
            tail, head, name, about = self.edges.pop()
            if tail in graph and head in graph:
                place = (tail, head, name)
                again = seen.get(place, 0)
                seen[place] = again + 1
                yield tail, head, f"{name} {again + 1}" if again else name, about
