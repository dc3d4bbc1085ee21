"""KnnNet: a network over the nearest patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, eq=False)
class NearestGraph:
    """Patients and their nearest ones among them.

    Attributes
    ----------
    numbers : Tensor, (patient, number)
    index : Tensor of int64, (patient, neighbour)
    weight : Tensor, (patient, neighbour)
        Sums to 1, or to 0 where a patient has no neighbour.
    """

    numbers: Tensor
    index: Tensor
    weight: Tensor

    def to(self, device: Any) -> NearestGraph:
        """The same on a device."""
        return NearestGraph(self.numbers.to(device), self.index.to(device), self.weight.to(device))


@dataclass(frozen=True, eq=False)
class KnnBatch:
    """Patients with their neighbours in the graph of the training patients.

    Attributes
    ----------
    asked : NearestGraph
        Numbers of the patients; neighbours are positions in `graph`.
    graph : NearestGraph
    present : Tensor of bool, (patient, modality)
    outcome : dict of str to Tensor
    """

    asked: NearestGraph
    graph: NearestGraph
    present: Tensor
    outcome: dict[str, Tensor] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.present)

    def to(self, device: Any, non_blocking: bool = False) -> KnnBatch:
        """The same on a device."""
        return KnnBatch(
            self.asked.to(device), self.graph.to(device), self.present.to(device),
            {name: one.to(device) for name, one in self.outcome.items()},
        )  # fmt: skip


class KnnNet(nn.Module):
    """Each layer adds to a patient's state what it and the mean of its neighbours' states say.

    Hamilton, Ying, Leskovec (2017), Inductive representation learning on large graphs, with
    GraphSAGE's mean; a residual keeps the patient's own features when neighbours say nothing.

    Parameters
    ----------
    spans : sequence of slice
        Of the numbers, those of each modality.
    hidden, depth : int
        Size of a state; layers, and so hops.
    outputs : int
    dropout : float
    modality_dropout : float
        Chance of each modality of a patient to be left out in training; one always stays.
    """

    def __init__(
        self, spans: Sequence[slice], hidden: int, depth: int, outputs: int, dropout: float,
        modality_dropout: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.spans, self.dropout, self.thinning = list(spans), dropout, modality_dropout
        self.enter = nn.Linear(spans[-1].stop, hidden)
        self.layers = nn.ModuleList(nn.Linear(2 * hidden, hidden) for _ in range(depth))
        self.out = nn.Linear(hidden, outputs)

    def _drop(self, state: Tensor) -> Tensor:
        return functional.dropout(state, self.dropout, self.training)

    def first(self, numbers: Tensor) -> Tensor:
        """The state before any neighbour is asked, (patient, hidden)."""
        return self._drop(functional.elu(self.enter(self._drop(numbers))))

    def _next(self, layer: int, state: Tensor, near: Tensor, weight: Tensor) -> Tensor:
        mean = (near * weight[..., None]).sum(dim=1)
        asked = self.layers[layer](torch.cat([state, mean], dim=1))
        return state + functional.elu(asked)

    def state_of(self, graph: NearestGraph, nodes: Tensor, layer: int) -> Tensor:
        """States of some patients of a graph before a layer, (node, hidden)."""
        if not layer:
            return self.first(graph.numbers[nodes])
        index = graph.index[nodes]
        # each is computed once, however many ask for it
        needed, place = torch.unique(torch.cat([nodes, index.flatten()]), return_inverse=True)
        below = self.state_of(graph, needed, layer - 1)
        own, near = below[place[: len(nodes)]], below[place[len(nodes) :]]
        near = near.reshape(*index.shape, -1)
        return self._next(layer - 1, own, near, graph.weight[nodes])

    def near(self, batch: KnnBatch) -> list[Tensor]:
        """States of the neighbours before each layer, (patient, neighbour, hidden)."""
        needed, place = torch.unique(batch.asked.index, return_inverse=True)
        return [
            self.state_of(batch.graph, needed, layer)[place] for layer in range(len(self.layers))
        ]

    def answer(self, numbers: Tensor, weight: Tensor, near: Sequence[Tensor]) -> Tensor:
        """Outputs of patients whose neighbours' states stand, (patient, output)."""
        state = self.first(numbers)
        for layer, states in enumerate(near):
            state = self._next(layer, state, states, weight)
        made: Tensor = self.out(self._drop(state))
        return made

    def _thinned(self, batch: KnnBatch) -> Tensor:
        numbers, has = batch.asked.numbers, batch.present
        if not (self.training and self.thinning and has.shape[1] > 1):
            return numbers
        kept = (torch.rand(has.shape, device=has.device) >= self.thinning) & has
        # who would be left with nothing keeps all
        kept = torch.where(kept.any(dim=1, keepdim=True), kept, has)
        parts = [numbers[:, span] * kept[:, k, None] for k, span in enumerate(self.spans)]
        return torch.cat(parts, dim=1)

    def forward(self, batch: KnnBatch) -> Tensor:
        """Outputs, (patient, output)."""
        return self.answer(self._thinned(batch), batch.asked.weight, self.near(batch))
