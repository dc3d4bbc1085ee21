"""NodeGrid: where nodes stand, and what is drawn behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Above so many nodes names have no room: they are shown where one looks.
ROOMY = 400


@dataclass
class NodeGrid:
    """A layout of a graph.

    Attributes
    ----------
    name : {'time', 'anatomy', 'force'}
    xy : ndarray, (nodes, 2), float32
        To the right and down, in CSS pixels at zoom 1.
    rows : list of (str, float, float)
        Lanes: name, top, bottom.
    columns : list of (str, float, float)
        Name, left, right.
    words : list of (str, float, float)
        What is written behind the nodes: text, x, y.
    lines : list of (float, float, float, float)
        What joins those: x0, y0, x1, y1.
    note : str
        What to know of it, for people.
    """

    name: str
    xy: NDArray[np.float32]
    rows: list[tuple[str, float, float]] = field(default_factory=list)
    columns: list[tuple[str, float, float]] = field(default_factory=list)
    words: list[tuple[str, float, float]] = field(default_factory=list)
    lines: list[tuple[float, float, float, float]] = field(default_factory=list)
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """What the browser needs; the places as bytes."""
        return {
            "name": self.name,
            "xy": np.ascontiguousarray(self.xy, "<f4").tobytes(),
            "rows": [list(one) for one in self.rows],
            "columns": [list(one) for one in self.columns],
            "words": [list(one) for one in self.words],
            "lines": [list(one) for one in self.lines],
            "note": self.note,
        }


def cell_size(count: int) -> tuple[float, float]:
    """Width and height of a node's cell, its name included where there is room for one.

    Parameters
    ----------
    count : int
        Nodes of the whole graph.
    """
    return (172.0, 30.0) if count <= ROOMY else (20.0, 20.0)
