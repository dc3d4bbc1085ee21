"""IterativeAttention: a latent array attends to each modality that is there, in turn."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from graphs.examples.examples import Examples
from graphs.models.attention_weights import attention_weights
from graphs.models.attribution import Attribution
from graphs.models.batch import Batch
from graphs.models.inputs import Inputs
from graphs.models.neural import TRAINING, NeuralModel
from graphs.models.tokens import Tokens, some_hidden, some_key


class IterativeAttention(NeuralModel):
    """The patient's latent array is updated by one modality after another, several times over.

    After HEALNet (Hemker et al., NeurIPS 2024): the weights of a modality are the same in every
    round, and a modality that a patient lacks is passed over, so that any subset is taken as it
    is.

    Settings
    --------
    width, heads : int
    latents : int
        Rows of the latent array.
    rounds : int
    dropout : float
    modality_dropout : float
        Chance of each modality to be left out of a patient in training.
    groups : bool
        Whether each named group of a block's features is a token, besides the block.
    components : int
        Wider blocks are reduced to so many principal components; 0: none is.
    """

    NAME = "iterative-attention"
    BAGS = True
    SETTINGS: ClassVar[dict[str, Any]] = {
        **TRAINING, "members": 2, "width": 64, "heads": 4, "latents": 8, "rounds": 2,
        "dropout": 0.3, "modality_dropout": 0.3, "groups": True, "components": 100,
    }  # fmt: skip

    def network(self) -> nn.Module:
        """See `NeuralModel.network`."""
        return _Network(self.inputs, self.settings, self.objective.outputs)

    def attention(self, examples: Examples) -> Attribution:
        """See `NeuralModel.attention`."""
        return attention_weights(self, examples)


class _Turn(nn.Module):
    """One modality's update of the latent array."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.norm, self.then = nn.LayerNorm(width), nn.LayerNorm(width)
        self.look = nn.MultiheadAttention(width, heads, batch_first=True)
        self.think = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * width, width)
        )

    def forward(self, latent: Tensor, keys: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        found, weight = self.look(self.norm(latent), keys, keys, key_padding_mask=~some_key(there))
        moved = latent + found
        moved = moved + self.think(self.then(moved))
        has = there.any(dim=1)[:, None, None]
        return torch.where(has, moved, latent), weight


class _Network(nn.Module):
    def __init__(self, inputs: Inputs, settings: dict[str, Any], outputs: int) -> None:
        super().__init__()
        width, dropout = int(settings["width"]), float(settings["dropout"])
        self.hidden, self.rounds = float(settings["modality_dropout"]), int(settings["rounds"])
        self.tokens = nn.ModuleList(
            Tokens(inputs, name, width, dropout, bool(settings["groups"]))
            for name in inputs.modalities
        )
        self.turns = nn.ModuleList(
            _Turn(width, int(settings["heads"]), dropout) for _ in self.tokens
        )
        self.latent = nn.Parameter(torch.randn(1, int(settings["latents"]), width) * 0.02)
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, outputs)

    def forward(self, batch: Batch) -> Tensor:
        latent, _ = self._latent(batch)
        found: Tensor = self.out(self.norm(latent.mean(dim=1)))
        return found

    def _latent(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        present = some_hidden(batch.present, self.hidden, self.training)
        made = [one(batch, present) for one in self.tokens]
        latent = self.latent.expand(len(present), -1, -1)
        weights: dict[str, Tensor] = {}
        for _ in range(self.rounds):
            for own, turn, (keys, there) in zip(self.tokens, self.turns, made, strict=True):
                latent, weight = turn(latent, keys, there)
                if own.bag:
                    name = str(own.modality)
                    mean = weight.mean(dim=1) / self.rounds
                    weights[name] = weights[name] + mean if name in weights else mean
        return latent, weights

    def looked(self, batch: Batch) -> dict[str, Tensor]:
        """Mean attention of the latent array on each instance, (patient, instance) a bag."""
        return self._latent(batch)[1]
