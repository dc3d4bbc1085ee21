"""Tokens: a modality as vectors that attention can look at."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from graphs.models.batch import Batch
from graphs.models.inputs import Inputs
from graphs.models.reduce import Reduce


class Tokens(nn.Module):
    """One token of all features, one of each named group of them, or one an instance of a bag.

    Parameters
    ----------
    inputs : Inputs
    modality : str
    width : int
        Of a token.
    dropout : float
    groups : bool
        Whether groups of features get tokens besides the one of all.

    Attributes
    ----------
    count : int
        Tokens of a patient; 0 of a bag, whose number differs.
    """

    places: Tensor
    members: Tensor
    mean: Tensor

    def __init__(
        self, inputs: Inputs, modality: str, width: int, dropout: float, groups: bool = False
    ) -> None:
        super().__init__()
        self.modality, self.at = modality, inputs.modalities.index(modality)
        self.bag = modality in inputs.bags
        reduce = Reduce.of(inputs, modality)
        self.whole = nn.Sequential(
            reduce, nn.Linear(reduce.width, 2 * width), nn.GELU(), nn.Dropout(dropout),
            nn.Linear(2 * width, width), nn.LayerNorm(width),
        )  # fmt: skip
        named = [one for one in inputs.groups[modality].values() if one] if groups else []
        self.count = 0 if self.bag else 1 + len(named)
        self.kind = nn.Parameter(torch.randn(max(self.count, 1), width) * 0.02)
        self.grouped = bool(named) and not self.bag
        self.dropout = dropout
        if self.grouped:
            most = max(map(len, named))
            places, members = torch.zeros(len(named), most).long(), torch.zeros(len(named), most)
            for k, columns in enumerate(named):
                places[k, : len(columns)] = torch.tensor(columns)
                members[k, : len(columns)] = 1
            self.register_buffer("places", places)
            self.register_buffer("members", members)
            self.register_buffer("mean", torch.as_tensor(inputs.means[modality]))
            size = members.sum(dim=1)[:, None, None]
            self.weight = nn.Parameter(torch.randn(len(named), most, width) / size.sqrt())
            self.bias = nn.Parameter(torch.zeros(len(named), width))

    def forward(self, batch: Batch, present: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens and which of them are there.

        Parameters
        ----------
        batch : Batch
        present : Tensor of bool, (patient, modality)
            What is to be used of what the patients have.

        Returns
        -------
        Tensor, (patient, token, width)
        Tensor of bool, (patient, token)
        """
        own = present[:, self.at, None]
        if self.bag:
            return self.whole(batch.bags[self.modality]) + self.kind, (
                batch.masks[self.modality] & own
            )
        numbers = batch.vectors[self.modality]
        found = [self.whole(numbers)[:, None]]
        if self.grouped:
            centred = functional.dropout(numbers - self.mean, self.dropout, self.training)
            parts = centred[:, self.places] * self.members
            made = torch.einsum("pgk,gkw->pgw", parts, self.weight) + self.bias
            found.append(functional.elu(made))
        return torch.cat(found, dim=1) + self.kind, own.expand(-1, self.count)


def some_hidden(present: Tensor, share: float, training: bool) -> Tensor:
    """Modalities that are used: in training each is left out by chance, but never all.

    Parameters
    ----------
    present : Tensor of bool, (patient, modality)
    share : float
        Chance of each to be left out.
    training : bool
        Otherwise nothing is.
    """
    if not training or share <= 0:
        return present
    kept = present & (torch.rand(present.shape, device=present.device) >= share)
    return torch.where(kept.any(dim=1, keepdim=True), kept, present)


def some_key(there: Tensor) -> Tensor:
    """The same with the first key of those who have none, as attention to nothing is no number.

    What comes of it is not to be used.
    """
    first = torch.arange(there.shape[1], device=there.device) == 0
    return there | (first & ~there.any(dim=1, keepdim=True))
