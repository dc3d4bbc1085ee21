"""GraphView: the graph of a patient, or of many, to look at and to walk along."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from explorer.address import Address
from explorer.errors import AddressError, NotFoundError, OncographError
from explorer.patient import Patient
from graphs.assemble import assemble
from graphs.patient_graph import PatientGraph
from widgets.anatomy_layout import anatomy_layout
from widgets.esm import css, esm
from widgets.made_up_nodes import made_up_nodes
from widgets.node_facts import node_facts
from widgets.node_grid import NodeGrid
from widgets.node_label import node_label
from widgets.palette import NODES, VERDICTS
from widgets.selection import Selection
from widgets.time_layout import time_layout
from widgets.whole_widget import WholeWidget

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SELF = "GraphView"


class GraphView(WholeWidget):
    """Look at a patient graph: kinds by colour and shape, in time, by anatomy, or by force.

    A click picks the node's address; what is selected elsewhere is highlighted with its
    neighbours, and the view moves there. Every trait can be set from Python.

    Parameters
    ----------
    source : Patient or PatientGraph
        Of a graph of many patients, thousands of nodes can be shown.
    selection : Selection, optional
        Shared with other views; its own by default.
    **traits
        Initial values of the traits below.

    Attributes
    ----------
    graph : PatientGraph
    selection : Selection
    layout_by : {'time', 'anatomy', 'force'}
        'time': days from left to right, a lane a kind; 'anatomy': the tree of structures with
        what hangs on it; 'force': what is joined stands together.
    kinds, edge_kinds : list of str
        Those that are shown.
    known_on : int or None
        Show only what was known on this day from time zero; as `graphs.assemble` tells it. What
        has no day is left out, and counted.
    search : str
        Nodes whose name has it are marked, and listed.
    renderer : {'auto', 'canvas', 'webgl'}
        'auto' takes what draws large graphs the most quickly without a graphics card.
    height : int
        CSS pixels.

    Raises
    ------
    StoreError, ConflictError
        As `graphs.assemble`.
    """

    _esm = esm("graph_view.js")
    _css = css("theme.css", "graph_view.css")

    layout_by = t.Enum(["time", "anatomy", "force"], "time").tag(sync=True)
    kinds: Any = t.List(t.Unicode()).tag(sync=True)
    edge_kinds: Any = t.List(t.Unicode()).tag(sync=True)
    known_on = t.Int(None, allow_none=True).tag(sync=True)
    search = t.Unicode("").tag(sync=True)
    renderer = t.Enum(["auto", "canvas", "webgl"], "auto").tag(sync=True)
    height = t.Int(560, min=240).tag(sync=True)
    _graph: Any = t.Dict().tag(sync=True)
    _places: Any = t.Dict().tag(sync=True)
    _hidden = t.Bytes(b"").tag(sync=True)
    _known_note = t.Unicode("").tag(sync=True)
    _lit: Any = t.List(t.Int()).tag(sync=True)
    _centre = t.Int(0).tag(sync=True)

    def __init__(
        self,
        source: Patient | PatientGraph,
        selection: Selection | None = None,
        **traits: Any,
    ) -> None:
        super().__init__()
        self._patient = source if isinstance(source, Patient) else None
        self.selection = Selection() if selection is None else selection
        self.on_msg(self._on_message)
        self._show(assemble(source) if isinstance(source, Patient) else source)
        for name, value in traits.items():
            if not self.has_trait(name) or name.startswith("_"):
                raise TypeError(f"GraphView has no trait {name!r}")
            setattr(self, name, value)
        self.selection.observe(self._on_lit, "lit")
        self._on_lit()

    def _show(self, graph: PatientGraph) -> None:
        self.graph = graph
        self._order = list(graph)
        self._index = {node: place for place, node in enumerate(self._order)}
        self._labels = [self._label(graph.nodes[node]) for node in self._order]
        with self.hold_sync():
            self._graph = self._columns()
            self._places = self._placed().to_json()
            self.kinds = [one[0] for one in self._graph["kinds"]]
            self.edge_kinds = [one[0] for one in self._graph["edgeKinds"]]

    def _label(self, about: dict[str, Any]) -> str:
        """A node's name; of the patient what people know it by, as the graph has only a key."""
        if self._patient is not None and about.get("kind") == "patient":
            about = {"kind": "", "name": self._patient.label}
        return node_label(about)

    def find(self, text: str) -> list[str]:
        """Addresses of the nodes whose name has a text, in whatever case."""
        wanted = text.casefold()
        pairs = zip(self._order, self._labels, strict=True)
        return [node for node, label in pairs if wanted in label.casefold()]

    def pick(self, *nodes: str | Address) -> None:
        """Select nodes, and move to them.

        Raises
        ------
        NotFoundError
            One of them is not in the graph.
        """
        for one in nodes:
            if str(one) not in self._index:
                raise NotFoundError(
                    f"No node {str(one)!r}", expected="an address of GraphView.graph"
                )
        self.selection.pick(*nodes, by="Python")

    def figure(self, **options: Any) -> Figure:
        """What is shown now, as a static figure in time.

        Parameters
        ----------
        **options
            Of `graphs.draw_graph`.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        FormatError
            Nothing is shown.
        """
        from graphs.draw_graph import draw_graph

        kinds, hidden = set(self.kinds), np.frombuffer(self._hidden, np.uint8)
        nodes = [
            node
            for place, node in enumerate(self._order)
            if self.graph.nodes[node].get("kind") in kinds
            and not (len(hidden) and hidden[place])
        ]  # fmt: skip
        shown = self.graph.subgraph(nodes).copy()
        wanted = set(self.edge_kinds)
        shown.remove_edges_from(
            [
                (tail, head, key)
                for tail, head, key, about in shown.edges(keys=True, data=True)
                if about.get("kind") not in wanted
            ]
        )
        if self.known_on is not None:
            shown.graph["known_on"] = self.known_on
        return draw_graph(shown, **options)

    def _columns(self) -> dict[str, Any]:
        """The graph in few long pieces: a message of dicts would take seconds."""
        graph, order = self.graph, self._order
        nodes = [graph.nodes[node] for node in order]
        counts, edges = graph.counts(), graph.edge_counts()
        kinds = {kind: place for place, kind in enumerate(counts)}
        edge_kinds = {kind: place for place, kind in enumerate(edges)}
        days = [np.nan if one.get("day") is None else float(one["day"]) for one in nodes]
        joined = [
            (self._index[tail], self._index[head], edge_kinds[str(about.get("kind"))])
            for tail, head, about in graph.edges(data=True)
        ]
        synthetic = made_up_nodes(nodes)
        made_up = int(synthetic.sum())
        people = len(graph.graph.get("patients", {})) or counts.get("patient", 0)
        return {
            "kinds": [[kind, n, NODES.get(kind, "#666666")] for kind, n in counts.items()],
            "edgeKinds": [[kind, n, VERDICTS.get(kind, "")] for kind, n in edges.items()],
            "labels": self._labels,
            "kind": np.array([kinds[str(one.get("kind"))] for one in nodes], "<u1").tobytes(),
            "day": np.array(days, "<f4").tobytes(),
            "synthetic": synthetic.tobytes(),
            "edges": np.array(joined, "<i4").reshape(-1, 3).tobytes(),
            "people": people,
            "remark": f"{made_up} of these nodes are synthetic: made up, not measured."
            if made_up
            else "",
        }

    def _placed(self) -> NodeGrid:
        if self.layout_by == "anatomy":
            return anatomy_layout(self.graph)
        grid = time_layout(self.graph)
        if self.layout_by == "force":  # the browser goes on from there, the same way every time
            note = "What is joined stands together; places have no other meaning."
            return NodeGrid("force", grid.xy, note=note)
        return grid

    @t.observe("layout_by")
    def _on_layout(self, _: Any) -> None:
        if hasattr(self, "_order"):
            self._places = self._placed().to_json()

    @t.observe("known_on")
    def _on_known(self, _: Any) -> None:
        if not hasattr(self, "_order"):
            return
        with self.hold_sync():
            if self.known_on is None:
                self._hidden, self._known_note = b"", ""
                return
            known, later, untold = self._known(self.known_on)
            hidden = np.array([node not in known for node in self._order], np.uint8)
            self._hidden = hidden.tobytes()
            self._known_note = (
                f"Known on day {self.known_on}: {len(known)} nodes. {later} came later; "
                f"of {untold} it cannot be told."
            )

    def _known(self, day: int) -> tuple[set[str], int, int]:
        """Nodes that were known, how many came later, and of how many it cannot be told."""
        days = dict(self.graph.nodes(data="day"))
        if self._patient is not None:
            known = set(assemble(self._patient, known_on=day)) & set(self._index)
        else:
            known = {node for node, at in days.items() if at is not None and at <= day}
            # who it is needs no day, nor does a structure that something known lies in
            known |= set(self.graph.of_kind("patient"))
            known |= {
                node
                for node in self.graph.of_kind("anatomy")
                if any(one in known for one in self.graph.predecessors(node))
            }
        later = sum(at is not None and at > day for n, at in days.items() if n not in known)
        return known, later, len(self._order) - len(known) - later

    @t.validate("kinds")
    def _valid_kinds(self, proposal: Any) -> list[str]:
        return _only(proposal["value"], self._graph.get("kinds", ()), "kinds")

    @t.validate("edge_kinds")
    def _valid_edge_kinds(self, proposal: Any) -> list[str]:
        return _only(proposal["value"], self._graph.get("edgeKinds", ()), "edge_kinds")

    def _on_lit(self, _: Any = None) -> None:
        found = dict.fromkeys(place for one in self.selection.lit for place in self._places_of(one))
        with self.hold_sync():
            self._lit = list(found)
            if found and self.selection.by != _SELF:
                self._centre += 1

    def _places_of(self, address: str) -> list[int]:
        """The node of an address; of a box, a voxel or words the item that they lie in."""
        if address in self._index:
            return [self._index[address]]
        try:
            whole = Address.parse(address)
        except AddressError:
            return []
        bare = str(Address(whole.key, whole.kind, whole.item))
        return [self._index[bare]] if bare in self._index else []

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        places = [
            place
            for place in content.get("nodes", ())
            if isinstance(place, int) and 0 <= place < len(self._order)
        ]
        if content.get("kind") == "pick":
            nodes = [self._order[place] for place in places]
            try:
                self.selection.pick(*nodes, add=bool(content.get("add")), by=_SELF)
            except OncographError as error:
                self.send({"kind": "notice", "message": str(error)})
        elif content.get("kind") == "about" and places:
            node = self._order[places[0]]
            rows = node_facts(node, self.graph.nodes[node])
            self.send({"kind": "about", "node": places[0], "rows": rows})


def _only(asked: Iterable[str], there: Iterable[list[Any]], name: str) -> list[str]:
    names = [str(one[0]) for one in there]
    unknown = [one for one in asked if one not in names]
    if unknown:
        raise t.TraitError(f"{name} has {unknown}: the graph has {names}")
    return [one for one in names if one in set(asked)]
