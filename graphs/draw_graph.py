"""Draw a patient graph: kinds one above the other, time from left to right."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from explorer.printable import printable
from graphs.errors import FormatError
from graphs.node_kinds import NODE_KINDS
from graphs.patient_graph import PatientGraph

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colours that stay apart in grey and for the colour-blind (Paul Tol's 'muted' and 'light').
_COLORS = {
    "patient": "#222222", "study": "#77AADD", "image": "#4477AA", "waveform": "#5588AA",
    "slide": "#6699CC", "segment": "#CC6677", "lesion": "#882255", "anatomy": "#999933",
    "region": "#BBCC33", "report": "#117733", "sentence": "#44AA99", "finding": "#AA4499",
    "observation": "#BB77AA", "grounding": "#EE8866", "measurement": "#DDAA33",
    "fact": "#888888", "gene set": "#332288", "treatment": "#009988", "outcome": "#CC3311",
    "event": "#AAAAAA", "prediction": "#EECC66",
}  # fmt: skip
_EDGES = {
    "similar_to": "#CC3311", "agrees": "#117733", "contradicts": "#CC3311",
    "cannot tell": "#DDAA33", "points_at": "#EE8866", "grounded_in": "#EE8866",
    "lies_on": "#4477AA", "outlines": "#999933", "located_at": "#999933",
    "measured_by": "#DDAA33", "same_as": "#882255", "compared_with": "#882255",
}  # fmt: skip
_MOST_SLOTS = 8
_LETTERS = 30


@dataclass
class _Place:
    x: float
    y: float
    label: str
    kind: str
    synthetic: bool = False


def draw_graph(graph: PatientGraph, *, patient: str | None = None, most: int = 12) -> Figure:
    """Draw a graph as a static figure.

    A row is a kind of node, a column a day (or a stretch of days); what has no day stands in
    the column of its own. Of a kind with more than `most` nodes in a column the first are drawn,
    and how many there are more.

    Parameters
    ----------
    graph : PatientGraph
        Of one patient, or of few.
    patient : str, optional
        The key of the only patient to draw.
    most : int
        Nodes of one kind in one column.

    Returns
    -------
    matplotlib.figure.Figure
        Names are shown as text, with what cannot be printed escaped.

    Raises
    ------
    FormatError
        There is nothing to draw.
    """
    from explorer.picture import Picture

    nodes = {
        node: about
        for node, about in graph.nodes(data=True)
        if patient is None or about.get("patient") == patient
    }
    if not nodes:
        raise FormatError("The graph has no node to draw", expected="a graph of a patient")
    slots = _slots(nodes)
    places, rows, left = _places(nodes, slots, most)
    width = max(7.0, 1.6 + 2.9 * len(slots.names))
    figure = Picture((width, max(3.0, 1.3 + 0.26 * rows.height)), layout="constrained")
    axes = figure.add_subplot()
    drawn = _draw_edges(axes, graph, places)
    _draw_nodes(axes, places)
    for x, y, text in left:
        axes.text(x, y, text, fontsize=7, color="0.4", va="center", style="italic")
    _frame(axes, slots, rows)
    _legend(axes, places, drawn)
    people = len({about.get("patient") for about in nodes.values()})
    who = "1 patient" if people == 1 else f"{people} patients"
    known = graph.graph.get("known_on")
    title = f"{who}, {len(nodes)} nodes"
    if known is not None and not isinstance(known, dict):
        title += f", as known on {known if isinstance(known, str) else f'day {known}'}"
    if any(about.get("synthetic") for about in nodes.values()):
        title += " (hollow: synthetic)"
    axes.set_title(title, loc="left", fontsize=9)
    return figure


@dataclass
class _Slots:
    """Columns: what has no day, then days, put together where there are many."""

    names: list[str]
    of_day: dict[int | None, int]


@dataclass
class _Rows:
    names: list[tuple[str, float, float]]
    height: float


def _slots(nodes: dict[str, dict[str, Any]]) -> _Slots:
    days = sorted({about["day"] for about in nodes.values() if about.get("day") is not None})
    each = -(-len(days) // _MOST_SLOTS) if days else 1
    parts = [days[k : k + each] for k in range(0, len(days), each)]
    names = ["no day"] if any(about.get("day") is None for about in nodes.values()) else []
    first = len(names)
    of_day: dict[int | None, int] = {None: 0}
    for place, part in enumerate(parts, first):
        names.append(f"day {part[0]}" if len(part) == 1 else f"day {part[0]} to {part[-1]}")
        of_day.update(dict.fromkeys(part, place))
    return _Slots(names, of_day)


def _places(
    nodes: dict[str, dict[str, Any]], slots: _Slots, most: int
) -> tuple[dict[str, _Place], _Rows, list[tuple[float, float, str]]]:
    cells: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for node, about in nodes.items():
        cells[str(about.get("kind"))][slots.of_day[about.get("day")]].append(node)
    kinds = [kind for kind in NODE_KINDS if kind in cells] + sorted(set(cells) - set(NODE_KINDS))
    places: dict[str, _Place] = {}
    left: list[tuple[float, float, str]] = []
    names = []
    top = 0.0
    for kind in kinds:
        deepest = 1
        for slot, found in cells[kind].items():
            shown = found if len(found) <= most else found[: most - 1]
            for k, node in enumerate(shown):
                about = nodes[node]
                synthetic = bool(about.get("synthetic"))
                places[node] = _Place(slot, top + k, _label(about), kind, synthetic)
            deepest = max(deepest, len(shown))
            if len(shown) < len(found):
                left.append((slot, top + len(shown), f"and {len(found) - len(shown)} more"))
                deepest = max(deepest, len(shown) + 1)
        names.append((kind, top, top + deepest - 1))
        top += deepest + 0.6
    return places, _Rows(names, top), left


def _label(about: dict[str, Any]) -> str:
    kind, name = about.get("kind"), str(about.get("name") or "")
    if kind == "patient":
        return "the patient"
    value = about.get("value")
    if value is None and about.get("number") is not None:
        value = f"{about['number']:.4g}"
    if value is None and about.get("values"):
        value = " x ".join(f"{one:g}" for one in about["values"])
    if kind == "finding" and about.get("assertion") not in (None, "present"):
        name = f"{name} ({about['assertion']})"
    said = name if value is None else f"{name}: {value}"
    if about.get("unit") not in (None, "", "1") and value is not None:
        said += f" {about['unit']}"
    if value is None and about.get("state") not in (None, "present"):
        said += f": {about['state']}"
    return _short(said)


def _short(text: str) -> str:
    one_line = " ".join(printable(text).split())
    cut = one_line if len(one_line) <= _LETTERS else one_line[: _LETTERS - 1] + "…"
    known = _letters()
    return "".join(c if ord(c) in known or unicodedata.category(c) == "Zs" else "▯" for c in cut)


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    """What matplotlib's own font can draw; another letter would be a warning and a box."""
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def _draw_edges(axes: Axes, graph: PatientGraph, places: dict[str, _Place]) -> set[str]:
    from matplotlib.patches import FancyArrowPatch

    drawn = set()
    for tail, head, about in graph.edges(data=True):
        if tail not in places or head not in places:
            continue
        kind = str(about.get("kind"))
        one, other = places[tail], places[head]
        color = _EDGES.get(kind, "0.6")
        if kind in _EDGES:
            drawn.add(kind)
        # within a column an arc of one width, however long: a line would run through the names
        away = abs(one.y - other.y)
        bend = min(0.35, 1.6 / away) if one.x == other.x and away > 1 else 0.06
        axes.add_patch(
            FancyArrowPatch(
                (one.x, one.y), (other.x, other.y), arrowstyle="-|>", mutation_scale=6,
                connectionstyle=f"arc3,rad={bend}", shrinkA=4, shrinkB=4, color=color,
                linewidth=0.9 if kind in _EDGES else 0.5,
                alpha=0.75 if kind in _EDGES else 0.4, zorder=1,
            )
        )  # fmt: skip
    return drawn


def _draw_nodes(axes: Axes, places: dict[str, _Place]) -> None:
    for place in places.values():
        color = _COLORS.get(place.kind, "#666666")
        axes.plot(
            place.x, place.y, "o", markersize=6, zorder=2, color=color,
            markerfacecolor="white" if place.synthetic else color,
        )  # fmt: skip
        axes.annotate(
            place.label, (place.x, place.y), (6, 0), textcoords="offset points", fontsize=7,
            va="center", zorder=3, parse_math=False,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.4},
        )  # fmt: skip


def _frame(axes: Axes, slots: _Slots, rows: _Rows) -> None:
    axes.set_xlim(-0.3, len(slots.names) - 0.05)
    axes.set_ylim(rows.height - 0.4, -0.9)
    axes.set_xticks(range(len(slots.names)), slots.names, fontsize=8)
    axes.set_xlabel("days from the patient's time zero", fontsize=8)
    axes.set_yticks(
        [(top + bottom) / 2 for _, top, bottom in rows.names],
        [kind for kind, _, _ in rows.names],
        fontsize=8,
    )
    for _, top, bottom in rows.names[::2]:
        axes.axhspan(top - 0.7, bottom + 0.8, color="0.965", zorder=0)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _legend(axes: Axes, places: dict[str, _Place], drawn: set[str]) -> None:
    from matplotlib.lines import Line2D

    kinds = dict.fromkeys(place.kind for place in places.values())
    lines = [
        Line2D([], [], marker="o", linestyle="", color=_COLORS.get(kind, "#666666"), label=kind)
        for kind in kinds
    ]
    lines += [Line2D([], [], color=_EDGES[kind], label=kind) for kind in _EDGES if kind in drawn]
    lines.append(Line2D([], [], color="0.6", linewidth=0.7, label="other edges"))
    axes.legend(
        handles=lines, fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False
    )
