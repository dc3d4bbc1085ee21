"""knn_explained: integrated gradients of a network over the nearest patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from graphs.examples.examples import Examples
from graphs.model_folder import chosen_device
from graphs.models.attribution import Attribution

if TYPE_CHECKING:
    from graphs.models.patient_knn import NearPatients, PatientKnn

_AT_ONCE = 16  # patients; each is computed at every step of the path at once


def knn_explained(model: PatientKnn, examples: Examples, steps: int = 64) -> Attribution:
    """Shares of the patient's own features and of each neighbour.

    Sundararajan, Taly, Yan (ICML 2017), Axiomatic attribution for deep networks, by captum.

    Parameters
    ----------
    model : PatientKnn
        Fitted.
    examples : Examples
    steps : int
        Of the path.
    """
    data = model.prepare(examples)
    names = model.inputs.modalities
    device = chosen_device(model.device)
    parts = []
    for network in model.networks:
        network.to(device)
    for first in range(0, len(examples), _AT_ONCE):
        rows = np.arange(first, min(first + _AT_ONCE, len(examples)))
        parts.append(_some(model, data, rows, steps, device))
    weights: dict[str, Any] = {}
    for name in examples.blocks:
        features = examples.blocks[name].names
        weights[name] = np.zeros((len(examples), len(features)))
        if name in names and parts:
            scaler = model.inputs.scalers[name]
            columns = np.concatenate([part[names.index(name)] for part in parts])
            gathered = scaler.gather(columns)
            place = {feature: k for k, feature in enumerate(features)}
            kept = [k for k, feature in enumerate(scaler.names) if feature in place]
            weights[name][:, [place[scaler.names[k]] for k in kept]] = gathered[:, kept]
    near = np.concatenate([part[-1] for part in parts]) if parts else np.zeros((0, 1))
    around = data.asked.weight.numpy()
    rows, places = np.nonzero(around)
    weights["neighbours"] = near[rows, places] if parts else np.zeros(0)
    base = _alone(model, device)
    for network in model.networks:
        network.to("cpu")
    return Attribution(
        weights, "integrated gradients", base,
        {"neighbours": rows.astype(np.int64)}, {"neighbours": ("",) * len(rows)},
    )  # fmt: skip


def _some(
    model: PatientKnn, data: NearPatients, rows: Any, steps: int, device: str
) -> list[np.ndarray[Any, Any]]:
    """Shares of the columns of each modality, and last of the neighbours."""
    from captum.attr import IntegratedGradients

    names = model.inputs.modalities
    batch = data.batch(rows).to(device)
    given = tuple(data.vectors[name][rows].to(device) for name in names)
    starts = tuple(
        torch.where(
            batch.present[:, k, None], torch.as_tensor(model.inputs.means[name]).to(device), one
        )
        for k, (name, one) in enumerate(zip(names, given, strict=True))
    )
    found = [np.zeros(one.shape) for one in given]
    near = np.zeros(batch.asked.weight.shape)
    for network in model.networks:
        with torch.no_grad():
            states = network.near(batch)  # type: ignore[operator] # a KnnNet

        def risk(*inputs: Tensor, network: Any = network) -> Tensor:
            *hops, has, weight = inputs[len(names) :]
            vectors = dict(zip(names, inputs[: len(names)], strict=True))
            outputs = network.answer(model.numbers(vectors, has), weight, hops)
            return model.objective.risk(outputs)

        shares = IntegratedGradients(risk).attribute(
            (*given, *states), (*starts, *(torch.zeros_like(one) for one in states)),
            additional_forward_args=(batch.present, batch.asked.weight), n_steps=steps,
        )  # fmt: skip
        for k in range(len(names)):
            found[k] += shares[k].detach().double().cpu().numpy() / len(model.networks)
        for one in shares[len(names) :]:
            near += one.detach().sum(dim=2).double().cpu().numpy() / len(model.networks)
    return [*found, near]


def _alone(model: PatientKnn, device: str) -> float:
    """The mean risk, over the networks, of a patient at the mean who is like nobody."""
    count = model.reference.index.shape[1]
    found = []
    with torch.no_grad():
        numbers = torch.zeros(1, model.reference.numbers.shape[1], device=device)
        weight = torch.zeros(1, count, device=device)
        for network in model.networks:
            none = torch.zeros(1, count, int(model.settings["hidden"]), device=device)
            hops = [none] * int(model.settings["depth"])
            outputs = network.answer(numbers, weight, hops)  # type: ignore[operator]
            found.append(float(model.objective.risk(outputs)[0]))
    return float(np.mean(found))
