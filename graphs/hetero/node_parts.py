"""NodePart: nodes of one kind that came from one table; and all of them as a table a kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphs.hetero.addresses import Addresses
from graphs.hetero.hetero_tables import NodeTable
from graphs.hetero.kind_features import STATE_CODES, STATED, numbers_of, words_of
from graphs.hetero.lazy_text import Texts, made
from graphs.hetero.text_columns import Ints, coded, codes, nulls, paired, plain
from graphs.hetero.wanted import Wanted
from graphs.node_kinds import NODE_KINDS

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class NodePart:
    """Nodes with what is said of them.

    Attributes
    ----------
    kind : str
    start : int
        Number of the first node.
    address : pyarrow.Array of string, or LazyText, (node,)
    patient : ndarray of int64, (node,)
    day : ndarray of float64, (node,)
        NaN where not known.
    columns : mapping of str to array, (node,)
        Arrow's of text; numpy's of numbers; 'synthetic' of bool.
    """

    kind: str
    start: int
    address: Texts
    patient: Ints
    day: NDArray[np.float64]
    columns: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.patient)

    def filter(self, rows: Bools) -> NodePart:
        """Some nodes."""
        return self if rows.all() else self.take(np.flatnonzero(rows))

    def take(self, place: Ints) -> NodePart:
        """Some nodes, by position."""
        rows = pa.array(place)
        columns = {
            name: one.take(rows) if isinstance(one, pa.Array) else one[place]
            for name, one in self.columns.items()
        }
        return NodePart(
            self.kind, self.start, self.address.take(rows), self.patient[place], self.day[place],
            columns,
        )  # fmt: skip

    def merged(self) -> tuple[NodePart, Ints]:
        """Each address once; of several rows the first that says something counts.

        Returns
        -------
        NodePart
        ndarray of int64, (row,)
            Which node each row is.
        """
        code, texts = codes(made(self.address))
        if len(texts) == len(code):
            return self, np.arange(len(code))
        some = self.take(_first(code, np.ones(len(code), bool), len(texts)))
        columns: dict[str, Any] = {}
        for name, one in self.columns.items():
            if isinstance(one, pa.Array):
                said = np.asarray(one.is_valid())
                columns[name] = one.take(_first_or_null(code, said, len(texts)))
            elif one.dtype == bool:
                columns[name] = one[_first(code, np.ones(len(code), bool), len(texts))]
            else:
                columns[name] = _first_number(one, code, len(texts))
        day = _first_number(self.day, code, len(texts))
        return NodePart(self.kind, self.start, some.address, some.patient, day, columns), code


def _first(code: Ints, rows: Bools, many: int) -> Ints:
    """Position of the first of the rows that have each code; -1 where none has."""
    found = np.full(many, -1, np.int64)
    place = np.flatnonzero(rows)[::-1]
    found[code[place]] = place
    return found


def _first_or_null(code: Ints, rows: Bools, many: int) -> pa.Array:
    found = _first(code, rows, many)
    return pa.array(found, mask=found < 0)


def _first_number(values: NDArray[np.float64], code: Ints, many: int) -> NDArray[np.float64]:
    place = _first(code, ~np.isnan(values), many)
    return np.where(place >= 0, values[place], np.nan)


def node_tables(
    parts: Sequence[NodePart], size: int, wanted: Wanted, predicted: pa.Array
) -> tuple[dict[str, NodeTable], NDArray[np.int32], Ints]:
    """Put the parts together.

    Parameters
    ----------
    parts : sequence of NodePart
    size : int
        How many nodes there are.
    wanted : Wanted
    predicted : pyarrow.Array of string
        Runs of models.

    Returns
    -------
    nodes : dict
        Kind to table.
    kind_of : ndarray of int32, (node,)
        Position of each node's kind in `nodes`; -1 of nodes that are left out.
    local : ndarray of int64, (node,)
        Position of each node in its kind's table.
    """
    of_kind: dict[str, list[tuple[NodePart, Bools]]] = {}
    for part in parts:
        keep = _kept(part, wanted, predicted)
        if keep.any():
            of_kind.setdefault(part.kind, []).append((part, keep))
    names = [kind for kind in NODE_KINDS if kind in of_kind]
    names += sorted(set(of_kind) - set(names))
    kind_of, local = np.full(size, -1, np.int32), np.full(size, -1, np.int64)
    nodes = {}
    for number, kind in enumerate(names):
        count = 0
        for part, keep in of_kind[kind]:
            place = part.start + np.flatnonzero(keep)
            kind_of[place] = number
            local[place] = count + np.arange(len(place))
            count += len(place)
        nodes[kind] = _table(kind, [part.filter(keep) for part, keep in of_kind[kind]])
    return nodes, kind_of, local


def _kept(part: NodePart, wanted: Wanted, predicted: pa.Array) -> Bools:
    keep = np.full(len(part), wanted.kind(part.kind))
    if len(predicted) and not wanted.predicted:
        for name in ("run", "source"):
            if name in part.columns:
                keep &= ~np.asarray(pc.is_in(plain(part.columns[name]), value_set=predicted))
    left = wanted.names(part.kind)
    if left and "name" in part.columns:
        some = pa.array(sorted(left), pa.string())
        keep &= ~np.asarray(pc.is_in(plain(part.columns["name"]), value_set=some))
    return keep


def _table(kind: str, parts: list[NodePart]) -> NodeTable:
    def text(name: str) -> pa.Array:
        some = [part.columns.get(name, nulls(len(part))) for part in parts]
        return some[0] if len(some) == 1 else pa.concat_arrays([plain(one) for one in some])

    def number(name: str) -> NDArray[np.float64]:
        some = [part.columns.get(name, np.full(len(part), np.nan)) for part in parts]
        return some[0] if len(some) == 1 else np.concatenate(some)

    day = np.concatenate([part.day for part in parts])
    known = ~np.isnan(day)
    days = np.zeros(len(day), np.int64)
    days[known] = day[known].astype(np.int64)
    numbers = {name: number(name) for name in numbers_of(kind)}
    words = {name: _words(kind, name, text, number) for name in words_of(kind)}
    synthetic = [part.columns.get("synthetic", np.zeros(len(part), bool)) for part in parts]
    state = np.zeros(len(day), np.int8)
    if kind in STATED:
        code, names = codes(text("state"))
        lookup = [STATE_CODES.get(name or "", 0) for name in names.to_pylist()]
        state = np.array([*lookup, 0], np.int8)[code]
    every = np.ones(len(day), bool)
    group = None
    if "number" in numbers:
        group = paired(text("name"), text("unit"), lambda one, two: f"{one} [{two}]", every)
    return NodeTable(
        kind, Addresses.of_parts([part.address for part in parts]),
        np.concatenate([part.patient for part in parts]), days, known, state,
        np.concatenate(synthetic), numbers, words, group,
    )  # fmt: skip


def _words(kind: str, name: str, text: Any, number: Any) -> pa.DictionaryArray:
    if name != "value":
        said = coded(text(name))
        if not pc.any(pc.equal(said.dictionary, "")).as_py():
            return said
        texts = plain(said)
        return pc.if_else(pc.equal(texts, ""), None, texts).dictionary_encode()
    # what is a number is not a word as well
    value = text("value")
    rows = np.asarray(value.is_valid()) & np.isnan(number("number"))
    return paired(text("name"), value, lambda one, two: f"{one} = {two}", rows)
