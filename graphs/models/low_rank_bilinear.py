"""LowRankBilinear: products of modalities, by a tensor of low rank."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from graphs.models.batch import Batch
from graphs.models.inputs import Inputs
from graphs.models.neural import TRAINING, NeuralModel
from graphs.models.tokens import Tokens, some_hidden


class LowRankBilinear(NeuralModel):
    """Every product of features of different modalities has a weight; their tensor has low rank.

    Low-rank multimodal fusion (Liu et al., ACL 2018). A modality that a patient lacks is the
    1-vector: the product is that of the others. Bags are averaged.

    Settings
    --------
    width : int
        Of each modality's vector, and of what comes out of the product.
    rank : int
    dropout : float
    modality_dropout : float
        Chance of each modality to be left out of a patient in training.
    components : int
        Wider modalities are reduced to so many principal components; 0: none is.
    """

    NAME = "low-rank-bilinear"
    SETTINGS: ClassVar[dict[str, Any]] = {
        **TRAINING, "members": 2, "width": 64, "rank": 4, "dropout": 0.3,
        "modality_dropout": 0.3, "components": 100,
    }  # fmt: skip

    def network(self) -> nn.Module:
        """See `NeuralModel.network`."""
        return _Network(self.inputs, self.settings, self.objective.outputs)


class _Network(nn.Module):
    def __init__(self, inputs: Inputs, settings: dict[str, Any], outputs: int) -> None:
        super().__init__()
        width, rank = int(settings["width"]), int(settings["rank"])
        self.hidden = float(settings["modality_dropout"])
        self.tokens = nn.ModuleList(
            Tokens(inputs, name, width, float(settings["dropout"])) for name in inputs.modalities
        )
        self.factors = nn.ParameterList(
            nn.Parameter(torch.randn(rank, width, width) * (0.5 / width**0.5)) for _ in self.tokens
        )
        # the constant of each vector: products begin near 1, whatever the number of modalities
        self.ones = nn.Parameter(torch.ones(len(self.tokens), rank, width))
        self.mix = nn.Parameter(torch.randn(rank) / rank**0.5)
        self.after = nn.Sequential(
            nn.LayerNorm(width), nn.GELU(), nn.Dropout(float(settings["dropout"]))
        )
        self.out = nn.Linear(width, outputs)

    def forward(self, batch: Batch) -> Tensor:
        present = some_hidden(batch.present, self.hidden, self.training)
        product = self.ones.new_ones(len(present), *self.ones.shape[1:])
        for k, (own, factor) in enumerate(zip(self.tokens, self.factors, strict=True)):
            token, there = own(batch, present)
            turned = torch.einsum("pw,rwv->prv", token[:, 0], factor) + self.ones[k]
            product = torch.where(there[:, :, None], product * turned, product)
        fused = torch.einsum("prv,r->pv", product, self.mix)
        found: Tensor = self.out(self.after(fused))
        return found
