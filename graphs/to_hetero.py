"""to_hetero: the patient graph as tensors that graph networks take."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.patient import Patient
from explorer.patient_set import PatientSet
from explorer.store import Store
from graphs.assembly.index_day import KnownOn
from graphs.errors import ExamplesError
from graphs.hetero.addresses import Addresses
from graphs.hetero.extra_features import ExtraFeatures, Given
from graphs.hetero.hetero_scaler import HeteroScaler
from graphs.hetero.wanted import Wanted
from graphs.similar_by import SimilarBy

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData

    from graphs.hetero.hetero_tables import HeteroTables
    from graphs.patient_graph import PatientGraph


def to_hetero(
    source: PatientGraph | Store | PatientSet | Patient | Iterable[Patient],
    features: Mapping[str, Given | Mapping[str, Given]] | None = None,
    *,
    known_on: KnownOn | None = None,
    similar_by: SimilarBy | Mapping[str, float | None] | Sequence[str] | None = None,
    kinds: Collection[str] | None = None,
    without: Mapping[str, Collection[str]] | None = None,
    train: Collection[str] | NDArray[np.bool_] | None = None,
    like: HeteroData | HeteroScaler | None = None,
    predicted: bool = False,
    reverse: bool = True,
) -> HeteroData:
    """Turn what is known of patients into tensors.

    A store or patients are read from the tables in one pass, without a Python object a node; a
    graph of `graphs.assemble` gives the same tensors.

    Node types are `graphs.patient_graph.NODE_KINDS`. Each has ``x`` (float32, (node, number):
    numbers, the day, further features; 0 where nothing is known), ``x_mask`` (what is known),
    ``category`` (int64, (node, word): 0 a text that training has not seen, 1 nothing is said),
    ``day`` and ``day_known``, ``patient`` (the owner's node), ``synthetic``, ``address``
    (`Addresses`; `graphs.hetero.node_of` is the way back) and, where the tables have one,
    ``state`` (`kind_features.STATE_CODES`). ``data.scaler`` names the columns. Patients stand in
    the order of their keys, ``data["patient"].key``. Edge types are (kind, relation, kind);
    'similar_to' has ``distance``.

    Parameters
    ----------
    source : PatientGraph, Store, PatientSet, Patient, or iterable of Patient
    features : mapping, optional
        Kind to further features: a Block or DataFrame by address, a callable from addresses to
        one, several of these by name; for 'patient' also `Examples`, whose modalities each get
        columns and a mask of their own.
    known_on, similar_by
        As in `graphs.assemble`; not with a graph, which has its own.
    kinds : collection of str, optional
        Only nodes of these kinds, besides patients. All but outcomes by default: they are what is
        to be predicted.
    without : mapping of str to collection of str, optional
        Table to names of rows that are left out, such as
        `explorer.windows.outcome_columns.outcome_columns` gives.
    train : collection of str, or ndarray of bool, (patient,), optional
        Keys, or a mask in the order of the keys, of those whose nodes vocabularies and
        standardisation are learnt from. All by default, which is for looking at data only.
    like : HeteroData or HeteroScaler, optional
        What was learnt then is applied, and nothing is learnt: an external cohort, a new
        patient. Kinds of nodes and edges are the same; others are counted in ``data.left_out``.
    predicted : bool
        Whether what models predicted may be a feature.
    reverse : bool
        Whether there is an edge type ``rev_<relation>`` the other way for each.

    Returns
    -------
    HeteroData
        Also ``known_on`` (where it was asked for), ``later``, and ``cannot_tell``, a pyarrow
        table (node, kind, why) of what was left out because nobody can tell whether it was known.

    Raises
    ------
    ExamplesError
        Training patients who are not there; both `train` and `like`; features of a kind that
        there is none of, or predictions that nobody asked for.
    """
    if train is not None and like is not None:
        raise ExamplesError("Both train= and like=", do="learn anew, or apply what was learnt")
    wanted = Wanted(kinds, without or {}, predicted)
    tables = _tables(source, wanted, known_on, similar_by)
    keys = Addresses(tables.keys)
    extra = {
        kind: ExtraFeatures.of(kind, given, tables.nodes[kind].address, keys, predicted)
        for kind, given in (features or {}).items()
        if kind in tables.nodes or _missing(kind, like)
    }
    scaler = like if isinstance(like, HeteroScaler) else getattr(like, "scaler", None)
    if scaler is None:
        rows = _training(tables.keys, train)
        scaler = HeteroScaler().fit(tables, rows)
        for kind, more in extra.items():
            scaler.blocks[kind] = more.fitted(rows[tables.nodes[kind].patient])
    from graphs.hetero.hetero_data import hetero_data

    return hetero_data(tables, scaler, extra, reverse)


def _missing(kind: str, like: Any) -> bool:
    if like is None:
        raise ExamplesError(f"No nodes of the kind {kind!r}", expected="a kind of the graph")
    return False


def _tables(source: Any, wanted: Wanted, known_on: Any, similar_by: Any) -> HeteroTables:
    if not _is_graph(source):
        from graphs.hetero.of_tables import of_tables

        similar = None if similar_by is None else SimilarBy.of(similar_by)
        return of_tables(source, wanted, known_on, similar)
    if known_on is not None or similar_by is not None:
        raise ExamplesError("A graph has its own index date and similar patients",
                            do="give known_on and similar_by to graphs.assemble")  # fmt: skip
    from graphs.hetero.of_graph import of_graph

    return of_graph(source, wanted)


def _is_graph(source: Any) -> bool:
    """Told without networkx, which reading tables does not need."""
    return hasattr(source, "edge_counts")


def _training(keys: pa.Array, train: Any) -> NDArray[np.bool_]:
    if train is None:
        return np.ones(len(keys), bool)
    if isinstance(train, np.ndarray) and train.dtype == bool:
        if len(train) != len(keys):
            raise ExamplesError(f"A mask of {len(train)}", expected=f"{len(keys)} patients")
        return train
    named = pa.array(list(dict.fromkeys(train)), pa.string())
    strangers = pc.filter(named, pc.invert(pc.is_in(named, value_set=keys)))
    if len(strangers):
        raise ExamplesError(
            f"{len(strangers)} training patients are not there", where=f"patient {strangers[0]}"
        )
    return np.asarray(pc.is_in(keys, value_set=named))
