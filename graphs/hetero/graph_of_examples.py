"""graph_of_examples: tables of features as a graph, for networks that take one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from graphs.errors import ExamplesError
from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.examples.examples import Examples
from graphs.models.inputs import Inputs
from graphs.models.nearest_references import nearest_references
from graphs.models.reduce import Reduce


def graph_of_examples(
    examples: Examples, train: ArrayLike, *, nearest: int = 0, components: int = 50,
    inputs: Inputs | None = None,
) -> Examples:  # fmt: skip
    """Give examples a graph that is made of their blocks: where there is no store to ask.

    A patient has a node for each modality that is known of him, one for each of its named groups
    (a pathway's genes), and one for each instance of a bag; each of a type of its own, with an
    edge to the patient. Scaling, components and who can be near are learnt of the training
    patients alone; `graphs.to_hetero` does the same for a store.

    Parameters
    ----------
    examples : Examples
    train : array_like of int or bool
        Training patients, by position or by a mask.
    nearest : int
        Edges 'similar_to' to each patient from so many training patients, by the cosine over all
        that both have; see `graphs.models.nearest_references.nearest_references`.
    components : int
        Nodes of more numbers are described by so many principal components.
    inputs : Inputs, optional
        What was learnt of the `graph_parts` of other patients; nothing is learnt of these then.

    Returns
    -------
    graphs.examples.examples.Examples
        The same, with ``graph`` (a HeteroData) and ``rows``.

    Raises
    ------
    ExamplesError
        A modality is called as the patients' nodes are.
    """
    from torch_geometric.data import HeteroData

    if "patient" in examples.modalities:
        raise ExamplesError("A modality called 'patient'", do="call it otherwise")
    rows = np.asarray(train)
    rows = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(np.int64)
    parts = graph_parts(examples)
    if inputs is None:
        inputs = Inputs.fit(parts.take(rows), bags=True, components=components)
    found = inputs.prepare(parts)
    data = HeteroData()
    data["patient"].num_nodes = len(examples)
    data["patient"].key = list(examples.keys)
    data["patient"].patient = torch.arange(len(examples))
    for k, name in enumerate(inputs.modalities):
        layer, block = Reduce.of(inputs, name).double(), parts.blocks.get(name)
        if name in found.bags and isinstance(block, Bag):
            numbers, owner = found.bags[name][0], torch.as_tensor(block.owner)
            address = list(block.addresses)
        elif name in found.bags:  # the patients lack the modality altogether
            numbers, owner = found.bags[name][0], torch.zeros(0, dtype=torch.int64)
            address = []
        else:
            owner = torch.nonzero(found.present[:, k]).flatten()
            numbers = found.vectors[name][owner]
            address = [_address(block, examples.keys[row]) for row in owner.tolist()]
        _add(data, name, layer(numbers.double()).float(), owner, address)
    if nearest:
        data["patient", "similar_to", "patient"].edge_index = _similar(
            data, inputs, examples.blocks, rows, nearest
        )
    return replace(examples, graph=data, rows=np.arange(len(examples)))


def graph_parts(examples: Examples) -> Examples:
    """The same with named groups of features as blocks of their own beside theirs."""
    made: dict[str, Any] = {}
    for name, block in examples.blocks.items():
        made[name] = block
        if isinstance(block, Bag):
            continue
        for group, members in block.groups.items():
            kept = [one for one in members if one in set(block.names)]
            if kept:
                own = f"{name}: {group}"
                made[own] = replace(block.select(kept), modality=own, groups={})
    return replace(examples, blocks=made)


def _address(block: Any, key: str) -> str:
    """Of what the numbers of a node were read from, where that is one thing."""
    if not isinstance(block, Block):
        return ""
    found = {block.address(key, name) for name in block.names[:50]}
    return found.pop() if len(found) == 1 else ""


def _add(data: Any, name: str, numbers: Tensor, owner: Tensor, address: list[str]) -> None:
    data[name].x = numbers
    data[name].x_mask = torch.ones_like(numbers, dtype=torch.bool)
    data[name].patient, data[name].address = owner, address
    ends = torch.stack([torch.arange(len(owner)), owner])
    data[name, "of", "patient"].edge_index = ends
    data["patient", "rev_of", name].edge_index = ends.flip(0)


def _similar(data: Any, inputs: Inputs, whole: Any, train: Any, nearest: int) -> Tensor:
    count = int(data["patient"].num_nodes)
    tables, known = {}, []
    for name in inputs.modalities:
        if name in inputs.bags or name not in whole:
            continue
        numbers = np.zeros((count, data[name].x.shape[1]))
        numbers[data[name].patient.numpy()] = data[name].x.numpy()
        power = (numbers[train] ** 2).sum(axis=1).mean()
        tables[name] = numbers / max(float(power), 1e-9) ** 0.5
        known.append(np.isin(np.arange(count), data[name].patient.numpy()))
    has = np.stack(known, axis=1)
    place = np.full(count, -1, np.int64)
    place[train] = np.arange(len(train))
    index, _ = nearest_references(
        tables, {name: one[train] for name, one in tables.items()}, nearest,
        known=(has, has[train]), same=place,
    )  # fmt: skip
    heads, at = np.nonzero(index >= 0)
    return torch.as_tensor(np.stack([train[index[heads, at]], heads]))
