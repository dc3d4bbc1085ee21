"""kept_apart: a graph in which patients hear of nobody but those who were learnt of."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from graphs.models.owners import SHARED, owners

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData


def kept_apart(graph: HeteroData, learnt: NDArray[np.bool_]) -> HeteroData:
    """Leave out every edge by which a patient who was not learnt of would reach anybody else.

    What remains carries messages within each patient, and from the training patients and what is
    shared among them to all. So nothing of a validation or test patient enters the training, and
    what is predicted of one does not depend on which others the graph holds, nor on what they
    lack.

    Parameters
    ----------
    graph : HeteroData
    learnt : ndarray of bool, (patient node,)
        Who was, or is, trained on.

    Returns
    -------
    HeteroData
        The same nodes with their own tensors, and fewer edges.
    """
    import torch

    owner = owners(graph)
    made = copy.copy(graph)
    for place in graph.edge_types:
        tail, _, head = place
        ends = graph[place].edge_index
        told, by = owner[head][ends[1].numpy()], owner[tail][ends[0].numpy()]
        free = (by == SHARED) | learnt[np.maximum(by, 0)]
        kept = torch.from_numpy(free | (by == told))
        for name, value in graph[place].items():
            if isinstance(value, torch.Tensor) and value.shape[:1] == kept.shape:
                made[place][name] = value[kept]
        made[place].edge_index = ends[:, kept]
    return made
