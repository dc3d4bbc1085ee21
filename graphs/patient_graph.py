"""PatientGraph: everything known of patients as one graph, whose nodes are addresses."""

from __future__ import annotations

from collections import Counter
from typing import Any

import networkx as nx

from explorer.html import table_html
from explorer.shown_list import ShownList
from graphs.node_kinds import NODE_KINDS as NODE_KINDS


class PatientGraph(nx.MultiDiGraph):  # type: ignore[misc] # networkx has no types
    """A `networkx.MultiDiGraph`; see `graphs.assemble.assemble` for what is in it.

    A node is the text of an address without a version (``onco:<key>/images/ct-1``). Its
    attributes: ``kind`` (one of `NODE_KINDS`), ``name`` (hostile text), ``patient`` (the key),
    ``day`` (from the patient's time zero, or None), and what its table says of it; ``synthetic``
    stands, and is True, on what is made up, and ``predicted`` on what a model said (kind
    'prediction'), which is no measurement. An edge has ``kind``, ``day`` (of what it says) and
    ``by`` (the source or run that says it).

    ``graph`` (networkx' dict of the whole) has ``store`` (its id), ``patients`` (key to version),
    ``known_on``, ``similar_by``, ``cannot_tell``, ``later``, ``problems`` and ``runs``.
    """

    def of_kind(self, *kinds: str) -> list[str]:
        """Nodes of these kinds, in order."""
        return [node for node, about in self.nodes(data=True) if about.get("kind") in kinds]

    def counts(self) -> dict[str, int]:
        """Nodes by kind, in the order of `NODE_KINDS`."""
        return _counted((about.get("kind") for _, about in self.nodes(data=True)), NODE_KINDS)

    def edge_counts(self) -> dict[str, int]:
        """Edges by kind, in the alphabet's order."""
        found = _counted((about.get("kind") for _, _, about in self.edges(data=True)), ())
        return dict(sorted(found.items()))

    @property
    def cannot_tell(self) -> ShownList[tuple[str, str, str]]:
        """What was left out because it cannot be told whether it was known: node, kind, why."""
        return ShownList(
            [(address, kind, why) for address, kind, why in self.graph.get("cannot_tell", ())],
            ["node", "kind", "why it cannot be told"],
            list,
            "nodes left out",
        )

    def __repr__(self) -> str:
        return (
            f"<PatientGraph: {len(self.graph.get('patients', {}))} patients, "
            f"{self.number_of_nodes()} nodes, {self.number_of_edges()} edges>"
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        made_up = Counter(
            about.get("kind") for _, about in self.nodes(data=True) if about.get("synthetic")
        )
        nodes = [[kind, n, made_up[kind] or None] for kind, n in self.counts().items()]
        edges = [[kind, n] for kind, n in self.edge_counts().items()]
        left = Counter(kind for _, kind, _ in self.graph.get("cannot_tell", ()))
        later = self.graph.get("later", {})
        kinds = [kind for kind in NODE_KINDS if left[kind] or later.get(kind)]
        out = [[kind, later.get(kind, 0), left[kind]] for kind in kinds]
        known = self.graph.get("known_on")
        title = f"{len(self.graph.get('patients', {}))} patients"
        if known is not None:
            title += f", as known on {known if isinstance(known, str) else f'day {known}'}"
            if isinstance(known, dict):
                title = f"{len(known)} patients, each as known on a day of its own"
        parts = [table_html(["node", "count", "of them synthetic"], nodes, title)]
        parts.append(table_html(["edge", "count"], edges))
        if out:
            parts.append(table_html(["left out", "came later", "cannot tell"], out))
        problems = self.graph.get("problems") or []
        if problems:
            parts.append(table_html(["problem"], [[one] for one in problems[:20]]))
        style = "display:inline-block;vertical-align:top;margin-right:2em"
        return "".join(f'<div style="{style}">{part}</div>' for part in parts)


def _counted(kinds: Any, order: tuple[str, ...]) -> dict[str, int]:
    counts = Counter(str(kind) for kind in kinds)
    known = [kind for kind in order if kind in counts]
    return {kind: counts[kind] for kind in [*known, *sorted(set(counts) - set(known))]}
