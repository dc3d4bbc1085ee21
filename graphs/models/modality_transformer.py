"""ModalityTransformer: a token a modality, and attention among those that are there."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from graphs.models.batch import Batch
from graphs.models.inputs import Inputs
from graphs.models.neural import TRAINING, NeuralModel
from graphs.models.tokens import Tokens, some_hidden


class ModalityTransformer(NeuralModel):
    """A transformer over modalities; what is missing is masked, not filled in.

    In training each modality is left out by chance (Vale-Silva and Rohr, Scientific Reports 2021,
    MultiSurv; Cui et al., 2022), so that each learns to do without the others. A token of its own
    looks at the rest and is read. Bags are averaged.

    Settings
    --------
    width, heads, layers : int
    dropout : float
    modality_dropout : float
        Chance of each modality to be left out of a patient in training.
    groups : bool
        Whether each named group of a block's features (pathways) gets a token, too.
    components : int
        Wider modalities are reduced to so many principal components; 0: none is.
    """

    NAME = "modality-transformer"
    SETTINGS: ClassVar[dict[str, Any]] = {
        **TRAINING, "batch": 512, "members": 2, "width": 64, "heads": 4, "layers": 1,
        "dropout": 0.3, "modality_dropout": 0.3, "groups": False, "components": 100,
    }  # fmt: skip

    def network(self) -> nn.Module:
        """See `NeuralModel.network`."""
        return _Network(self.inputs, self.settings, self.objective.outputs)


class _Network(nn.Module):
    def __init__(self, inputs: Inputs, settings: dict[str, Any], outputs: int) -> None:
        super().__init__()
        width = int(settings["width"])
        self.hidden = float(settings["modality_dropout"])
        self.tokens = nn.ModuleList(
            Tokens(inputs, name, width, float(settings["dropout"]), bool(settings["groups"]))
            for name in inputs.modalities
        )
        self.reader = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.encoder = encoder(settings)
        self.out = nn.Linear(width, outputs)

    def forward(self, batch: Batch) -> Tensor:
        present = some_hidden(batch.present, self.hidden, self.training)
        made = [one(batch, present) for one in self.tokens]
        found: Tensor = self.out(read(self.encoder, self.reader, made))
        return found


def encoder(settings: dict[str, Any]) -> nn.TransformerEncoder:
    """Layers of attention among tokens, of `width`, `heads` and `layers`."""
    width = int(settings["width"])
    layer = nn.TransformerEncoderLayer(
        width, int(settings["heads"]), 2 * width, min(0.2, float(settings["dropout"])),
        batch_first=True, norm_first=True,
    )  # fmt: skip
    return nn.TransformerEncoder(layer, int(settings["layers"]), enable_nested_tensor=False)


def read(layers: nn.Module, reader: Tensor, made: list[tuple[Tensor, Tensor]]) -> Tensor:
    """What a reading token finds among the tokens that are there, (patient, width)."""
    count = len(made[0][0])
    tokens = torch.cat([reader.expand(count, -1, -1), *(one for one, _ in made)], dim=1)
    # the reader is always there: a patient of whom nothing is known has nothing else to attend to
    there = torch.cat(
        [made[0][1].new_ones(count, 1), *(mask for _, mask in made)], dim=1
    )  # fmt: skip
    found: Tensor = layers(tokens, src_key_padding_mask=~there)[:, 0]
    return found
