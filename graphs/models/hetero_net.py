"""HeteroNet: messages between nodes of several types, read out at the patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

EdgeType = tuple[str, str, str]


@dataclass(frozen=True)
class Layout:
    """Which nodes and edges a network knows.

    Attributes
    ----------
    widths : mapping of str to int
        Node type to numbers.
    sizes : mapping of str to sequence of int
        Node type to the codes that each of its words has.
    edges : sequence of (str, str, str)
        Reverse ones included.
    block : sequence of int
        Columns of the examples' modalities that are fused at the readout.
    """

    widths: Mapping[str, int]
    sizes: Mapping[str, Sequence[int]]
    edges: Sequence[EdgeType]
    block: Sequence[int] = ()


@dataclass(frozen=True, eq=False)
class HeteroBatch:
    """Patients with what surrounds them.

    Attributes
    ----------
    numbers : dict of str to Tensor, (node, number)
        Node type to values; 0 where not known.
    known : dict of str to Tensor of bool, (node, number)
    codes : dict of str to Tensor of int64, (node, word)
    edges : dict of edge type to Tensor of int64, (2, edge)
    seeds : Tensor of int64, (patient,)
        Their nodes.
    vectors : list of Tensor, (patient, column)
        Of the examples' modalities, reduced; 0 where a patient has nothing.
    present : Tensor of bool, (patient, modality)
    outcome : dict of str to Tensor
    """

    numbers: dict[str, Tensor]
    known: dict[str, Tensor]
    codes: dict[str, Tensor]
    edges: dict[EdgeType, Tensor]
    seeds: Tensor
    vectors: list[Tensor]
    present: Tensor
    outcome: dict[str, Tensor] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.seeds)

    def to(self, device: Any, non_blocking: bool = False) -> HeteroBatch:
        """The same on a device."""

        def moved(group: Mapping[Any, Tensor]) -> dict[Any, Tensor]:
            return {k: one.to(device, non_blocking=non_blocking) for k, one in group.items()}

        return replace(
            self, numbers=moved(self.numbers), known=moved(self.known), codes=moved(self.codes),
            edges=moved(self.edges), seeds=self.seeds.to(device), outcome=moved(self.outcome),
            vectors=[one.to(device) for one in self.vectors], present=self.present.to(device),
        )  # fmt: skip


class HeteroNet(nn.Module):
    """Encoders of the node types, layers of messages, and a head on the patients' states.

    A node's numbers enter times their mask, beside the mask: what is not known adds nothing, and
    is told from what is 0. Its words enter as embeddings; a type without either has one learnt
    state. Layers add to a node's state what it is told, so that one without edges keeps its own.

    Parameters
    ----------
    layout : Layout
    conv : str
        'sage': HeteroConv of GraphSAGE, means of each edge type, added up (Hamilton, Ying,
        Leskovec 2017). 'hgt': the heterogeneous graph transformer (Hu, Dong, Wang, Sun 2020).
    hidden, layers, outputs, heads : int
    dropout, modality_dropout : float
        Of features and states; of whole modalities of the examples in training.
    """

    def __init__(
        self, layout: Layout, conv: str, *, hidden: int, layers: int, outputs: int, heads: int = 4,
        dropout: float = 0.0, modality_dropout: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__()
        from torch_geometric.nn import HeteroConv, HGTConv, SAGEConv

        self.layout, self.dropout, self.thinning = layout, dropout, modality_dropout
        # by number: names of types may be any text
        self.types = list(layout.widths)
        self.enter_numbers = nn.ModuleList(
            nn.Linear(2 * width, hidden) if width else nn.Identity()
            for width in layout.widths.values()
        )
        self.enter_words = nn.ModuleList(
            nn.ModuleList(nn.Embedding(size, hidden) for size in layout.sizes[name])
            for name in self.types
        )
        self.kinds = nn.Embedding(len(self.types), hidden)
        self.convs = nn.ModuleList()
        for _ in range(layers if layout.edges else 0):
            if conv == "hgt":
                self.convs.append(HGTConv(hidden, hidden, (self.types, list(layout.edges)), heads))
                continue
            each = {tuple(edge): SAGEConv((hidden, hidden), hidden) for edge in layout.edges}
            self.convs.append(HeteroConv(each, aggr="sum"))
        self.blocks = nn.ModuleList(nn.Linear(size, hidden) for size in layout.block)
        self.out = nn.Linear(hidden * (2 if layout.block else 1), outputs)

    def _drop(self, state: Tensor) -> Tensor:
        return functional.dropout(state, self.dropout, self.training)

    def enter(self, batch: HeteroBatch) -> dict[str, Tensor]:
        """First states of the nodes, (node, hidden) by type."""
        made = {}
        for k, name in enumerate(self.types):
            known = batch.known[name].to(batch.numbers[name].dtype)
            numbers = torch.cat([batch.numbers[name] * known, known], dim=1)
            state = self.kinds.weight[k].expand(len(numbers), -1)
            if numbers.shape[1]:
                state = state + self.enter_numbers[k](self._drop(numbers))
            words: Any = self.enter_words[k]
            for place, embedding in enumerate(words):
                codes = batch.codes[name][:, place]
                # a code that the vocabulary does not reach is a text that was not seen
                state = state + embedding(torch.where(codes < embedding.num_embeddings, codes, 0))
            made[name] = functional.elu(state)
        return made

    def answer(
        self, state: Mapping[str, Tensor], edges: Mapping[EdgeType, Tensor], seeds: Tensor,
        vectors: Sequence[Tensor], present: Tensor,
    ) -> Tensor:  # fmt: skip
        """Outputs of the seeds for first states of the nodes, (patient, output)."""
        now = {name: one for name, one in state.items() if len(one)}
        there = {edge: index for edge, index in edges.items() if edge[0] in now and edge[2] in now}
        for conv in self.convs:
            told = conv(now, there) if there else {}
            now = {
                name: own if told.get(name) is None
                else own + self._drop(functional.elu(told[name]))
                for name, own in now.items()
            }  # fmt: skip
        read = now["patient"][seeds] if "patient" in now else state["patient"][seeds]
        if len(self.blocks):
            has = self._thinned(present).to(read.dtype)
            parts = [
                functional.elu(layer(self._drop(one))) * has[:, k, None]
                for k, (layer, one) in enumerate(zip(self.blocks, vectors, strict=True))
            ]
            # the mean of what a patient has: as large whatever is missing
            mean = torch.stack(parts).sum(dim=0) / has.sum(dim=1, keepdim=True).clamp(min=1)
            read = torch.cat([read, mean], dim=1)
        made: Tensor = self.out(self._drop(read))
        return made

    def _thinned(self, present: Tensor) -> Tensor:
        if not (self.training and self.thinning and present.shape[1] > 1):
            return present
        kept = (torch.rand(present.shape, device=present.device) >= self.thinning) & present
        return torch.where(kept.any(dim=1, keepdim=True), kept, present)

    def forward(self, batch: HeteroBatch) -> Tensor:
        """Outputs, (patient, output)."""
        return self.answer(
            self.enter(batch), batch.edges, batch.seeds, batch.vectors, batch.present
        )
