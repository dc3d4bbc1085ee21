"""integrated_gradients: shares of a network's risk, from the training mean to the patient."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from graphs.examples.examples import Examples
from graphs.model_folder import chosen_device
from graphs.models.attribution import Attribution
from graphs.models.batch import Batch

if TYPE_CHECKING:
    from graphs.models.neural import NeuralModel

_POINTS = 2048  # rows that go through a network at once
_MOST = 1024


def integrated_gradients(
    model: NeuralModel, examples: Examples, steps: int = 64, tolerance: float = 0.01
) -> Attribution:
    """Sundararajan et al. (ICML 2017) by captum, on scaled inputs, gathered to features.

    What a patient has of a modality is compared with its mean in training; that he has it is not
    counted. So his shares add up to his risk less that of a mean patient who has the same
    modalities; `Attribution.base` is of the mean patient who has all.

    Parameters
    ----------
    model : NeuralModel
        Fitted.
    examples : Examples
    steps : int
        Of the path, to begin with.
    tolerance : float
        How far the shares may be from the difference, for one of 1 or more; the steps are
        doubled up to 1,024 for patients who are farther.
    """
    device = chosen_device(model.device)
    data = model.prepare(examples)
    inputs = model.inputs
    found: dict[str, list[np.ndarray[Any, Any]]] = {name: [] for name in inputs.modalities}
    for network in model.networks:
        network.to(device).eval()
    size = max(1, _POINTS // steps)
    for first in range(0, len(examples), size):
        rows = np.arange(first, min(first + size, len(examples)))
        shares = _attribute(model, data.batch(rows).to(device), steps, tolerance)
        for name, one in shares.items():
            found[name].append(one)
    base = _base(model, device)
    for network in model.networks:
        network.to("cpu")
    weights = {}
    for name in examples.blocks:
        kept = found.get(name)
        block = examples.blocks[name]
        if not kept:
            weights[name] = np.zeros((len(examples), len(block.names)))
        elif name in inputs.bags:
            weights[name] = np.concatenate(kept)
        else:
            gathered = inputs.scalers[name].gather(np.concatenate(kept))
            weights[name] = _as_of(inputs.scalers[name].names, gathered, block.names)
    return Attribution(weights, "integrated gradients", base)


def _as_of(names: list[str], weights: Any, asked: tuple[str, ...]) -> Any:
    """Columns in the order of the examples' features; those that the model lacks are 0."""
    place = {name: k for k, name in enumerate(names)}
    made = np.zeros((len(weights), len(asked)))
    for k, name in enumerate(map(str, asked)):
        if name in place:
            made[:, k] = weights[:, place[name]]
    return made


def _attribute(
    model: NeuralModel, batch: Batch, steps: int, tolerance: float
) -> dict[str, np.ndarray[Any, Any]]:
    from captum.attr import IntegratedGradients

    names = list(batch.numbers)
    starts = _start(model, batch)

    def risk(*numbers: Tensor) -> Tensor:
        return _risk(model, batch.with_numbers(dict(zip(names, numbers, strict=True))))

    given = tuple(batch.numbers[name] for name in names)
    base = tuple(starts.numbers[name] for name in names)
    with torch.no_grad():
        difference = _risk(model, batch) - _risk(model, starts)
    while True:
        made = IntegratedGradients(risk).attribute(given, base, n_steps=steps)
        total = torch.stack([one.flatten(1).sum(dim=1) for one in made]).sum(dim=0)
        gap = (total - difference).abs() / difference.abs().clamp(min=1)
        if float(gap.max()) <= tolerance or 2 * steps > _MOST:
            break
        steps *= 2
    shares = {}
    for name, one in zip(names, made, strict=True):
        if name in batch.masks:
            # by instance, in the order of the bag
            shares[name] = one.sum(dim=2)[batch.masks[name]].double().cpu().numpy()
        else:
            shares[name] = one.double().cpu().numpy()
    return shares


def _risk(model: NeuralModel, batch: Batch) -> Tensor:
    return torch.stack(
        [model.objective.risk(network(batch).float()) for network in model.networks]
    ).mean(dim=0)


def _start(model: NeuralModel, batch: Batch) -> Batch:
    """The same patients with all they have at its training mean."""
    at = {name: k for k, name in enumerate(model.inputs.modalities)}
    vectors, bags = {}, {}
    for name, one in batch.vectors.items():
        mean = torch.as_tensor(model.inputs.means[name], device=one.device)
        vectors[name] = torch.where(batch.present[:, at[name], None], mean, one)
    for name, one in batch.bags.items():
        mean = torch.as_tensor(model.inputs.means[name], device=one.device)
        bags[name] = torch.where(batch.masks[name][:, :, None], mean, one)
    return replace(batch, vectors=vectors, bags=bags)


def _base(model: NeuralModel, device: str) -> float:
    inputs = model.inputs
    means = {name: torch.as_tensor(inputs.means[name])[None] for name in inputs.modalities}
    batch = Batch(
        {name: one for name, one in means.items() if name not in inputs.bags},
        {name: means[name][:, None] for name in inputs.bags},
        {name: torch.ones((1, 1), dtype=torch.bool) for name in inputs.bags},
        torch.ones((1, len(means)), dtype=torch.bool),
    )
    with torch.no_grad():
        return float(_risk(model, batch.to(device))[0])
