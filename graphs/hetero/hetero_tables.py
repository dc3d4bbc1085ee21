"""HeteroTables: the patient graph as columns, a table a kind of node and a list a kind of edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graphs.hetero.addresses import Addresses

Ints = NDArray[np.int64]
EdgeType = tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class NodeTable:
    """The nodes of one kind, as they are known: nothing is scaled, nothing filled in.

    Attributes
    ----------
    kind : str
    address : Addresses, (node,)
    patient : ndarray of int64, (node,)
        Position of the owner among the patients.
    day : ndarray of int64, (node,)
        From the patient's time zero; 0 where it is not known.
    day_known : ndarray of bool, (node,)
    state : ndarray of int8, (node,)
        Of `kind_features.STATE_CODES`; 0 where nothing is said.
    synthetic : ndarray of bool, (node,)
    numbers : mapping of str to ndarray of float64, (node,)
        NaN where not known.
    words : mapping of str to pyarrow.DictionaryArray, (node,)
        Null where not known.
    group : pyarrow.DictionaryArray, (node,)
        Name and unit: numbers are compared within one.
    """

    kind: str
    address: Addresses
    patient: Ints
    day: Ints
    day_known: NDArray[np.bool_]
    state: NDArray[np.int8]
    synthetic: NDArray[np.bool_]
    numbers: Mapping[str, NDArray[np.float64]]
    words: Mapping[str, pa.DictionaryArray]
    group: pa.DictionaryArray | None = None

    def __len__(self) -> int:
        return len(self.patient)


@dataclass(frozen=True, eq=False)
class HeteroTables:
    """What is known of some patients.

    Attributes
    ----------
    keys : pyarrow.Array of string, (patient,)
        In order: the patients' nodes stand in it.
    nodes : mapping of str to NodeTable
        In the order of `graphs.patient_graph.NODE_KINDS`; kinds of scene graphs behind them.
    edges : mapping of (kind, relation, kind) to ndarray of int64, (2, edge)
        Tails and heads; two edges of one relation between two nodes are one.
    weights : mapping of (kind, relation, kind) to ndarray of float32, (edge,)
        How far apart similar patients are.
    about : dict
        As `PatientGraph.graph`: store, patients, known_on, cannot_tell, later.
    """

    keys: pa.Array
    nodes: Mapping[str, NodeTable]
    edges: Mapping[EdgeType, Ints]
    weights: Mapping[EdgeType, NDArray[np.float32]] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)


def unique_edges(tail: Ints, head: Ints) -> tuple[Ints, Ints]:
    """Edges once each, by head and then by tail, and where each stood first.

    Parameters
    ----------
    tail, head : ndarray of int64, (edge,)

    Returns
    -------
    edges : ndarray of int64, (2, kept)
    place : ndarray of int64, (kept,)
    """
    tails = int(tail.max()) + 1 if len(tail) else 1
    code = head * tails + tail
    if len(code) < 2 or (code[1:] > code[:-1]).all():
        return np.stack([tail, head]), np.arange(len(code))
    _, place = np.unique(code, return_index=True)
    return np.stack([tail[place], head[place]]), place.astype(np.int64)
