"""Reduce: the first layer of a modality, which is not trained."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from graphs.models.inputs import Inputs


class Reduce(nn.Module):
    """Scaled numbers less their training means; wide ones as principal components.

    It is a part of the network, so that attributions are of the features themselves.

    Attributes
    ----------
    width : int
        Columns that come out.
    """

    mean: Tensor
    axes: Tensor

    def __init__(self, mean: Tensor, axes: Tensor | None = None) -> None:
        super().__init__()
        self.width = len(mean) if axes is None else len(axes)
        self.reduces = axes is not None
        self.register_buffer("mean", mean)
        if axes is not None:
            self.register_buffer("axes", axes)

    @classmethod
    def of(cls, inputs: Inputs, modality: str) -> Reduce:
        """The layer of a modality."""
        axes = inputs.axes.get(modality)
        return cls(
            torch.as_tensor(inputs.means[modality]),
            None if axes is None else torch.as_tensor(axes),
        )

    def forward(self, numbers: Tensor) -> Tensor:
        """From (patient, column), or (patient, instance, column)."""
        centred = numbers - self.mean
        return centred @ self.axes.T if self.reduces else centred
