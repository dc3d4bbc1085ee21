"""CoAttention: what is known of a patient asks his sentences, slices or lesions."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from graphs.examples.examples import Examples
from graphs.models.attention_weights import attention_weights
from graphs.models.attribution import Attribution
from graphs.models.batch import Batch
from graphs.models.inputs import Inputs
from graphs.models.modality_transformer import encoder, read
from graphs.models.neural import TRAINING, NeuralModel
from graphs.models.tokens import Tokens, some_hidden, some_key


class CoAttention(NeuralModel):
    """Tokens of gene sets and of other vectors attend to the instances of each bag.

    After MCAT (Chen et al., ICCV 2021), where gene sets attend to patches of a slide. A learnt
    question asks, too, so that a patient with nothing but a bag is predicted. Where the network
    looked is evidence on instances: ``explain(examples, method='attention')``.

    Settings
    --------
    width, heads, layers : int
    dropout : float
    modality_dropout : float
        Chance of each modality to be left out of a patient in training.
    groups : bool
        Whether each named group of a block's features (gene sets) asks, besides the block.
    components : int
        Wider blocks are reduced to so many principal components; 0: none is.
    """

    NAME = "co-attention"
    BAGS = True
    SETTINGS: ClassVar[dict[str, Any]] = {
        **TRAINING, "members": 2, "width": 64, "heads": 4, "layers": 1, "dropout": 0.3,
        "modality_dropout": 0.3, "groups": True, "components": 100,
    }  # fmt: skip

    def network(self) -> nn.Module:
        """See `NeuralModel.network`."""
        return _Network(self.inputs, self.settings, self.objective.outputs)

    def attention(self, examples: Examples) -> Attribution:
        """See `NeuralModel.attention`."""
        return attention_weights(self, examples)


class _Network(nn.Module):
    def __init__(self, inputs: Inputs, settings: dict[str, Any], outputs: int) -> None:
        super().__init__()
        width, dropout = int(settings["width"]), float(settings["dropout"])
        self.hidden = float(settings["modality_dropout"])
        made = {
            name: Tokens(inputs, name, width, dropout, bool(settings["groups"]))
            for name in inputs.modalities
        }
        self.askers = nn.ModuleList(one for one in made.values() if not one.bag)
        self.asked = nn.ModuleList(one for one in made.values() if one.bag)
        self.looks = nn.ModuleList(
            nn.MultiheadAttention(width, int(settings["heads"]), batch_first=True)
            for _ in self.asked
        )  # fmt: skip
        self.question = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.reader = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.encoder = encoder(settings)
        self.out = nn.Linear(width, outputs)

    def forward(self, batch: Batch) -> Tensor:
        tokens, _ = self._tokens(batch)
        found: Tensor = self.out(read(self.encoder, self.reader, tokens))
        return found

    def _tokens(
        self, batch: Batch
    ) -> tuple[list[tuple[Tensor, Tensor]], dict[str, tuple[Tensor, Tensor]]]:
        present = some_hidden(batch.present, self.hidden, self.training)
        made = [one(batch, present) for one in self.askers]
        count = len(present)
        questions = torch.cat(
            [self.question.expand(count, -1, -1), *(one for one, _ in made)], dim=1
        )
        asks = torch.cat([present.new_ones(count, 1), *(mask for _, mask in made)], dim=1)
        weights: dict[str, tuple[Tensor, Tensor]] = {}
        for bag, look in zip(self.asked, self.looks, strict=True):
            keys, there = bag(batch, present)
            found, weight = look(questions, keys, keys, key_padding_mask=~some_key(there))
            weights[str(bag.modality)] = (weight, asks)
            made.append((found, asks & there.any(dim=1, keepdim=True)))
        if not made:
            made = [(questions, asks)]
        return made, weights

    def looked(self, batch: Batch) -> dict[str, Tensor]:
        """Mean attention of those that ask on each instance, (patient, instance) a bag."""
        _, weights = self._tokens(batch)
        return {
            name: (weight * asks[:, :, None]).sum(dim=1) / asks.sum(dim=1, keepdim=True)
            for name, (weight, asks) in weights.items()
        }
