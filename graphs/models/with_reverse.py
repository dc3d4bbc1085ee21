"""with_reverse: a graph whose edges can be gone both ways."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData

PREFIX = "rev_"


def with_reverse(graph: HeteroData) -> HeteroData:
    """Add the reverse of each type of edge that has none, as ``rev_<name>``.

    Edges between two nodes of one type are reversed too: who is similar to whom is directed.
    """
    made = copy.copy(graph)
    for place in graph.edge_types:
        tail, name, head = place
        if name.startswith(PREFIX) or (head, PREFIX + name, tail) in graph.edge_types:
            continue
        made[head, PREFIX + name, tail].edge_index = graph[place].edge_index.flip(0)
    return made
