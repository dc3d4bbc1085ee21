"""How a scene graph looks: a table in a notebook, and a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.html import table_html
from explorer.printable import printable
from graphs.node import Node

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from graphs.scene import SceneGraph

_MOST = 100
_DRAWN = 16
_COLUMNS = ("sentence", "observation", "lesion", "measurement", "anatomy", "region")
_COLORS = {
    "sentence": "#dddddd", "observation": "#f7c6b4", "lesion": "#f2a1a1",
    "measurement": "#fbe7a8", "anatomy": "#b9d8f2", "region": "#c5e6c1",
}  # fmt: skip
_EDGES = {"absent": "--", "uncertain": ":"}


def scene_html(graph: SceneGraph) -> str:
    """Two tables, nodes and edges; every text is text.

    Parameters
    ----------
    graph : SceneGraph
    """
    nodes = list(graph.nodes.values())
    more = f", {_MOST} shown" if len(nodes) > _MOST else ""
    of = f" of {graph.input}" if graph.input else ", not attached"
    title = f"{len(nodes)} nodes{more}{of} by {graph.producer.name} {graph.producer.version}"
    head = ["kind", "name", "assertion", "number", "unit", "where"]
    rows = [[n.kind, n.name, n.assertion, n.number, n.unit, n.target] for n in nodes[:_MOST]]
    more = f", {_MOST} shown" if len(graph.edges) > _MOST else ""
    names = {node.id: node.name for node in nodes}
    lines = [
        [names[e.tail], e.kind, names[e.head], e.detail.get("change"), e.number, e.unit]
        for e in graph.edges[:_MOST]
    ]
    ends = ["from", "edge", "to", "change", "number", "unit"]
    below = table_html(ends, lines, f"{len(graph.edges)} edges{more}") if graph.edges else ""
    return table_html(head, rows, title) + below


def scene_figure(graph: SceneGraph) -> Figure:
    """Draw a graph: a column a kind, the first nodes of each; dashed is absent, dotted uncertain.

    Parameters
    ----------
    graph : SceneGraph

    Returns
    -------
    matplotlib.figure.Figure
    """
    from explorer.picture import Picture

    columns = {kind: graph.of_kind(kind) for kind in _COLUMNS if graph.of_kind(kind)}
    tallest = max([min(len(nodes), _DRAWN) for nodes in columns.values()], default=1)
    figure = Picture(size=(2.6 * max(len(columns), 1), 0.55 * tallest + 1.2))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-0.5, max(len(columns), 1) - 0.5)
    axes.set_ylim(-tallest, 1.2)
    at: dict[str, tuple[float, float]] = {}
    for x, (kind, nodes) in enumerate(columns.items()):
        left = f" ({_DRAWN} of {len(nodes)})" if len(nodes) > _DRAWN else ""
        axes.text(x, 0.8, f"{kind}{left}", ha="center", fontsize=9, weight="bold")
        for k, node in enumerate(nodes[:_DRAWN]):
            # shorter columns in the middle of the figure
            y = -k * tallest / max(min(len(nodes), _DRAWN), 1)
            at[node.id] = (x, y)
            axes.text(x, y, _short(node), ha="center", va="center", fontsize=7,
                      parse_math=False, bbox=_box(node), zorder=3)  # fmt: skip
    for edge in graph.edges:
        if edge.tail in at and edge.head in at:
            style = {"arrowstyle": "->", "color": "#777777", "lw": 0.7,
                     "connectionstyle": "arc3,rad=0.12"}  # fmt: skip
            axes.annotate("", at[edge.head], at[edge.tail], arrowprops=style, zorder=1)
            (x0, y0), (x1, y1) = at[edge.tail], at[edge.head]
            label = edge.detail.get("change") or edge.kind
            axes.text((x0 + x1) / 2, (y0 + y1) / 2, printable(label)[:20], fontsize=5, ha="center",
                      color="#555555", parse_math=False, zorder=2)  # fmt: skip
    return figure


def _short(node: Node) -> str:
    name = printable(" ".join(node.name.split()))
    name = name if len(name) <= 30 else name[:29] + "…"
    return name if node.number is None else f"{name} {node.number:g} {node.unit or ''}".strip()


def _box(node: Node) -> dict[str, object]:
    line = _EDGES.get(node.assertion or "", "-")
    return {"boxstyle": "round", "fc": _COLORS[node.kind], "ec": "#666666", "lw": 0.8, "ls": line}
