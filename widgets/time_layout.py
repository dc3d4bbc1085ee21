"""Lay a patient graph out in time: days from left to right, a lane a kind."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np

from graphs.node_kinds import NODE_KINDS
from graphs.patient_graph import PatientGraph
from widgets.node_grid import NodeGrid, cell_size

_UNDATED = "no day"
_GAP = 14.0
_STAGE = (640.0, 500.0)  # about what a notebook gives the drawing


def time_layout(graph: PatientGraph) -> NodeGrid:
    """Place nodes by their day and kind.

    A later day stands further to the right, but a year is not drawn twelve times as wide as a
    month: the gap between two days grows with the logarithm of the days between them. Nodes
    without a day have a column of their own, named so, on the left.

    Parameters
    ----------
    graph : PatientGraph

    Returns
    -------
    NodeGrid
        In the order of the graph's nodes.
    """
    about = [one for _, one in graph.nodes(data=True)]
    wide, high = cell_size(len(about))
    cells: dict[tuple[str, int | None], list[int]] = defaultdict(list)
    for place, one in enumerate(about):
        cells[str(one.get("kind")), one.get("day")].append(place)
    days = sorted({day for _, day in cells if day is not None})
    kinds = {kind for kind, _ in cells}
    lanes = [kind for kind in NODE_KINDS if kind in kinds] + sorted(kinds - set(NODE_KINDS))
    slots: list[int | None] = [None, *days] if any(day is None for _, day in cells) else [*days]
    deep = _deep(cells, (wide, high))
    left, columns = _columns(slots, cells, wide, deep)
    xy = np.zeros((len(about), 2), np.float32)
    rows: list[tuple[str, float, float]] = []
    top = 0.0
    for kind in lanes:
        depth = max(min(deep, len(cells[kind, slot])) for slot in slots if (kind, slot) in cells)
        for slot in slots:
            for k, place in enumerate(cells.get((kind, slot), ())):
                xy[place] = (
                    left[slot] + (k // deep) * wide + min(wide, 24.0) / 2,
                    top + (k % deep + 0.5) * high,
                )
        rows.append((kind, top - 3, top + depth * high + 3))
        top += depth * high + _GAP
    return NodeGrid("time", xy, rows, columns, note=_note(graph, slots))


def _deep(cells: dict[tuple[str, int | None], list[int]], cell: tuple[float, float]) -> int:
    """How many nodes stand below each other at most, so that all is drawn as large as can be."""
    most_of_slot: dict[int | None, int] = defaultdict(int)
    most_of_kind: dict[str, int] = defaultdict(int)
    for (kind, slot), found in cells.items():
        most_of_slot[slot] = max(most_of_slot[slot], len(found))
        most_of_kind[kind] = max(most_of_kind[kind], len(found))
    if not cells:
        return 1

    def scale(deep: int) -> float:
        width = sum(-(-n // deep) * cell[0] for n in most_of_slot.values())
        height = sum(min(deep, n) * cell[1] + _GAP for n in most_of_kind.values())
        return min(_STAGE[0] / width, _STAGE[1] / height)

    return max(range(2, 61), key=scale)


def _columns(
    slots: list[int | None],
    cells: dict[tuple[str, int | None], list[int]],
    wide: float,
    deep: int,
) -> tuple[dict[int | None, float], list[tuple[str, float, float]]]:
    most: dict[int | None, int] = defaultdict(int)
    for (_, slot), found in cells.items():
        most[slot] = max(most[slot], len(found))
    left: dict[int | None, float] = {}
    columns = []
    at, before = 0.0, None
    for slot in slots:
        if at and slot is not None:
            days = 1 if before is None else slot - before
            at += wide * 0.25 + _GAP * math.log2(1 + days)
        left[slot] = at
        end = at + -(-most[slot] // deep) * wide
        columns.append((_UNDATED if slot is None else f"day {slot}", at - 4, end))
        at, before = end, slot
    return left, columns


def _note(graph: PatientGraph, slots: list[int | None]) -> str:
    if slots == [None]:
        return "Nothing here has a day."
    zero = _zero(graph)
    return f"Days from time zero{zero}; the gaps are not to scale."


def _zero(graph: PatientGraph) -> str:
    found: list[dict[str, Any]] = [graph.nodes[node] for node in graph.of_kind("patient")]
    if len(found) != 1:
        return " of each patient"
    what, at = found[0].get("time_zero_is"), found[0].get("time_zero")
    said = " ".join(str(one) for one in (what, at) if one)
    return f" ({said})" if said else ""
