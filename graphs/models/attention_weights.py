"""attention_weights: where networks looked among the instances of bags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from graphs.examples.examples import Examples
from graphs.model_folder import chosen_device
from graphs.models.attribution import Attribution

if TYPE_CHECKING:
    from graphs.models.neural import NeuralModel

_AT_ONCE = 256


def attention_weights(model: NeuralModel, examples: Examples) -> Attribution:
    """Mean attention of the networks on each instance.

    Where a network looked is not what moved its answer, and it has no sign: see Jain and Wallace,
    Attention is not explanation, NAACL 2019.

    Parameters
    ----------
    model : NeuralModel
        Fitted; its networks tell where they looked (`looked`).
    examples : Examples

    Returns
    -------
    Attribution
        Weights of each bag's instances, which sum to 1 for each patient; 0 for all features of
        blocks.
    """
    device = chosen_device(model.device)
    data = model.prepare(examples)
    found: dict[str, list[NDArray[Any]]] = {name: [] for name in model.inputs.bags}
    with torch.inference_mode():
        for network in model.networks:
            network.to(device).eval()
        for first in range(0, len(examples), _AT_ONCE):
            rows = np.arange(first, min(first + _AT_ONCE, len(examples)))
            batch = data.batch(rows).to(device)
            told = [network.looked(batch) for network in model.networks]  # type: ignore[operator]
            for name, kept in found.items():
                weight = torch.stack([one[name] for one in told]).mean(dim=0).double()
                weight = weight * batch.masks[name]
                total = weight.sum(dim=1, keepdim=True).clamp(min=1e-12)
                kept.append((weight / total)[batch.masks[name]].cpu().numpy())
        for network in model.networks:
            network.to("cpu")
    weights = {}
    for name, block in examples.blocks.items():
        weights[name] = (
            np.concatenate(found[name])
            if found.get(name)
            else np.zeros((len(examples), len(block.names)))
        )
    return Attribution(weights, "attention")
