"""hetero_data: columns as the tensors of torch_geometric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import torch
from torch_geometric.data import HeteroData

from graphs.hetero.addresses import Addresses
from graphs.hetero.extra_features import ExtraFeatures
from graphs.hetero.hetero_scaler import HeteroScaler
from graphs.hetero.hetero_tables import EdgeType, HeteroTables, NodeTable
from graphs.hetero.kind_features import STATED

if TYPE_CHECKING:
    from numpy.typing import NDArray


def hetero_data(
    tables: HeteroTables, scaler: HeteroScaler, extra: Mapping[str, ExtraFeatures], reverse: bool
) -> HeteroData:
    """Make the graph of tensors, with the kinds of nodes and edges that the scaler knows.

    Parameters
    ----------
    tables : HeteroTables
    scaler : HeteroScaler
        Fitted.
    extra : mapping of str to ExtraFeatures
    reverse : bool
        Whether each edge goes both ways.

    Returns
    -------
    HeteroData
    """
    data = HeteroData()
    for kind in scaler.numbers:
        nodes = tables.nodes.get(kind)
        _nodes(data[kind], kind, nodes, scaler, extra.get(kind))
    for place in scaler.edges:
        found = tables.edges.get(place)
        edges = torch.from_numpy(np.zeros((2, 0), np.int64) if found is None else found)
        far = tables.weights.get(place)
        if place[1] == "similar_to" and far is None:
            far = np.zeros(0, np.float32)
        _edge(data, place, edges, far)
        if reverse:
            _edge(data, (place[2], f"rev_{place[1]}", place[0]), edges.flip(0), far)
    data["patient"].key = Addresses(tables.keys)
    data.scaler = scaler
    about = tables.about
    if about.get("known_on") is not None:
        data.known_on = about["known_on"]
    # a table, since torch_geometric goes through each entry of a list
    data.cannot_tell = _cannot_tell(about.get("cannot_tell", []))
    data.later = dict(about.get("later", {}))
    data.left_out = {
        **{kind: len(n) for kind, n in tables.nodes.items() if kind not in scaler.numbers},
        **{place: n.shape[1] for place, n in tables.edges.items() if place not in scaler.edges},
    }
    return data


def _nodes(
    store: Any, kind: str, nodes: NodeTable | None, scaler: HeteroScaler,
    extra: ExtraFeatures | None,
) -> None:  # fmt: skip
    if nodes is None:
        columns, words = len(scaler.columns(kind)), len(scaler.words[kind])
        x, mask = np.zeros((0, columns), np.float32), np.zeros((0, columns), bool)
        category = np.zeros((0, words), np.int64)
    else:
        x, mask = scaler.scaled(nodes)
        category = scaler.coded(nodes)
        if scaler.blocks.get(kind):
            more, known = (extra or ExtraFeatures({})).scaled(scaler.blocks[kind], len(nodes))
            x, mask = np.hstack([x, more]), np.hstack([mask, known])
    count = len(x)
    none = np.zeros(count, np.int64)
    store.x, store.x_mask = torch.from_numpy(x), torch.from_numpy(mask)
    store.category = torch.from_numpy(category)
    store.day = torch.from_numpy(none if nodes is None else nodes.day)
    known_day: NDArray[np.bool_] = none.astype(bool) if nodes is None else nodes.day_known
    store.day_known = torch.from_numpy(known_day)
    if kind in STATED:
        state = none.astype(np.int8) if nodes is None else nodes.state
        store.state = torch.from_numpy(state)
    store.patient = torch.from_numpy(none if nodes is None else nodes.patient)
    made_up = none.astype(bool) if nodes is None else nodes.synthetic
    store.synthetic = torch.from_numpy(made_up)
    store.address = Addresses([]) if nodes is None else nodes.address
    store.num_nodes = count


def _cannot_tell(told: Any) -> pa.Table:
    if isinstance(told, pa.Table):
        return told
    rows: Any = list(zip(*told, strict=True)) or [[], [], []]
    names = ("node", "kind", "why")
    return pa.table(
        {name: pa.array(one, pa.string()) for name, one in zip(names, rows, strict=True)}
    )


def _edge(data: HeteroData, place: EdgeType, edges: Any, far: Any) -> None:
    data[place].edge_index = edges.contiguous()
    if far is not None:
        data[place].distance = torch.from_numpy(far)
