"""hetero_explained: integrated gradients of a network over the patient graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.model_folder import chosen_device
from graphs.models.attribution import Attribution
from graphs.models.hetero_net import HeteroBatch

if TYPE_CHECKING:
    from graphs.models.hetero_model import HeteroModel
    from graphs.models.surrounded import Surrounded


def hetero_explained(model: HeteroModel, examples: Examples, steps: int = 32) -> Attribution:
    """Shares of each node around a patient, and of the features of the blocks.

    Sundararajan, Taly, Yan (ICML 2017), Axiomatic attribution for deep networks, by captum. A
    node's path begins where it says nothing, not even that it is there; a block's at the mean of
    training. Each patient's surroundings are a graph of their own, so that a node that several
    patients hear of has a share for each.

    Parameters
    ----------
    model : HeteroModel
        Fitted.
    examples : Examples
    steps : int
        Of the path.
    """
    if not model.networks:
        raise ModelError(f"The model {model.NAME!r} is not fitted", do="call fit first")
    examples = model.graphed(examples)
    data, device = model.prepare(examples), chosen_device(model.device)
    names = model.inputs.modalities
    blocks = [np.zeros((len(examples), size)) for size in model.layout.block]
    weight: list[float] = []
    owner: list[int] = []
    address: list[str] = []
    for network in model.networks:
        network.to(device)
    for row in range(len(examples)):
        batch = data.batch([row]).to(device)
        nodes, own = _shares(model, batch, steps)
        for k, one in enumerate(own):
            blocks[k][row] = one[0]
        told = _addresses(data, row, examples.graph)
        for name, one in nodes.items():
            weight += one.tolist()
            owner += [row] * len(one)
            address += told[name]
    for network in model.networks:
        network.to("cpu")
    weights: dict[str, Any] = {
        name: np.zeros((len(examples), len(block.names)))
        for name, block in examples.blocks.items()
    }  # fmt: skip
    for k, name in enumerate(names):
        if name not in weights:
            continue
        axes = model.inputs.axes.get(name)
        reduced = _of_columns(model, data, examples, k, blocks[k], axes)
        scaler = model.inputs.scalers[name]
        place = {feature: at for at, feature in enumerate(examples.blocks[name].names)}
        gathered = scaler.gather(reduced)
        for at, feature in enumerate(scaler.names):
            if feature in place:
                weights[name][:, place[feature]] = gathered[:, at]
    weights["graph"] = np.array(weight, np.float64)
    return Attribution(
        weights, "integrated gradients", owners={"graph": np.array(owner, np.int64)},
        addresses={"graph": tuple(address)},
    )  # fmt: skip


def _shares(model: HeteroModel, batch: HeteroBatch, steps: int) -> tuple[dict[str, Any], list[Any]]:
    """Of nodes by type, (node,), and of the blocks' numbers, (patient, number)."""
    from captum.attr import IntegratedGradients

    total: dict[str, Any] = {}
    own = [np.zeros(tuple(one.shape)) for one in batch.vectors]
    for network in model.networks:
        with torch.no_grad():
            state = network.enter(batch)  # type: ignore[operator] # a HeteroNet
        there = [name for name, one in state.items() if len(one)]

        def risk(*inputs: Tensor, network: Any = network, there: list[str] = there) -> Tensor:
            # captum puts steps side by side along the first axis, and takes one at a time
            given = {name: one[0] for name, one in zip(there, inputs, strict=False)}
            vectors = [one[0] for one in inputs[len(there) :]]
            outputs = network.answer(given, batch.edges, batch.seeds, vectors, batch.present)
            # nodes too far to be heard of have no gradient, which captum takes for an error
            none = sum(one.sum() for one in inputs) * 0
            return model.objective.risk(outputs) + none

        given = (*(state[name][None] for name in there), *(one[None] for one in batch.vectors))
        found = IntegratedGradients(risk).attribute(
            given, tuple(torch.zeros_like(one) for one in given), n_steps=steps,
            internal_batch_size=1,
        )  # fmt: skip
        share = [one[0].detach().double().cpu().numpy() / len(model.networks) for one in found]
        for name, one in zip(there, share, strict=False):
            total[name] = total.get(name, 0) + one.sum(axis=1)
        for k, one in enumerate(share[len(there) :]):
            own[k] += one
    return total, own


def _addresses(data: Surrounded, row: int, graph: Any) -> dict[str, list[str]]:
    nodes, _ = data.sampler.nodes_and_edges("patient", data.rows[[row]], np.random.default_rng(0))
    made = {}
    for name, at in nodes.items():
        store = graph[name]
        told = dict(store.items()).get("address")
        made[name] = ["" if told is None else str(told[int(k)]) for k in at]
    return made


def _of_columns(
    model: HeteroModel, data: Surrounded, examples: Examples, k: int, share: Any, axes: Any
) -> Any:
    """Shares of what enters as those of scaled columns.

    A component is a weighted sum of columns: its share is dealt to them by what each adds to it.
    """
    if axes is None:
        return share
    name = model.inputs.modalities[k]
    prepared = model.inputs.prepare(examples)
    centred = prepared.vectors[name].double().numpy() - model.inputs.means[name]
    value = data.vectors[k].double().numpy()
    slope = np.divide(share, value, out=np.zeros_like(share), where=np.abs(value) > 1e-12)
    return centred * (slope @ axes)
