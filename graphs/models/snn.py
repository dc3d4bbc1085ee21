"""SNN: a self-normalising network a modality."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from graphs.models.batch import Batch
from graphs.models.inputs import Inputs
from graphs.models.neural import TRAINING, NeuralModel
from graphs.models.reduce import Reduce


class SelfNormalising(NeuralModel):
    """Two layers of exponential units a modality; what they find is joined.

    Klambauer et al., Self-normalizing neural networks, NeurIPS 2017, as in Chen et al., IEEE TMI
    2022 (Pathomic Fusion), for genes. Who lacks a modality has 0 in its place. Bags are averaged.

    Settings
    --------
    width : int
        Units a layer.
    dropout : float
        Of alpha dropout.
    components : int
        Wider modalities are reduced to so many principal components; 0: none is.
    """

    NAME = "snn"
    SETTINGS: ClassVar[dict[str, Any]] = {
        **TRAINING, "epochs": 15, "learning_rate": 3e-4, "members": 2, "held_out": 0.0,
        "width": 256, "dropout": 0.25, "components": 0,
    }  # fmt: skip

    def network(self) -> nn.Module:
        """See `NeuralModel.network`."""
        return _Network(
            self.inputs, int(self.settings["width"]), float(self.settings["dropout"]),
            self.objective.outputs,
        )  # fmt: skip


class _Network(nn.Module):
    def __init__(self, inputs: Inputs, width: int, dropout: float, outputs: int) -> None:
        super().__init__()
        self.names = inputs.modalities
        self.towers = nn.ModuleList()
        for name in self.names:
            reduce = Reduce.of(inputs, name)
            self.towers.append(
                nn.Sequential(
                    reduce, nn.Linear(reduce.width, width), nn.ELU(), nn.AlphaDropout(dropout),
                    nn.Linear(width, width), nn.ELU(), nn.AlphaDropout(dropout),
                )
            )  # fmt: skip
        self.out = nn.Linear(width * len(self.names), outputs)

    def forward(self, batch: Batch) -> Tensor:
        found = [
            tower(batch.vectors[name]) * batch.present[:, k : k + 1]
            for k, (name, tower) in enumerate(zip(self.names, self.towers, strict=True))
        ]
        made: Tensor = self.out(torch.cat(found, dim=1))
        return made
