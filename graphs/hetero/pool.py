"""Pool: gathers columns of nodes and edges; the twin of `graphs.assembly.builder.Builder`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphs.hetero.hetero_tables import EdgeType, HeteroTables, unique_edges
from graphs.hetero.index_columns import IndexColumns, Times
from graphs.hetero.lazy_text import Texts, made
from graphs.hetero.node_parts import NodePart, node_tables
from graphs.hetero.text_columns import Column, Ints, places_in, runs_in
from graphs.hetero.wanted import Wanted

_NOT_KNOWN = "what it was made from is not known"
Bools = NDArray[np.bool_]


@dataclass
class _Registry:
    """Addresses that can be pointed at."""

    texts: list[pa.Array] = field(default_factory=list)
    numbers: list[Ints] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def add(self, texts: pa.Array, numbers: Ints, kind: str = "") -> None:
        if len(texts):
            self.texts.append(texts)
            self.numbers.append(numbers)
            self.kinds.append(kind)

    def find(self, texts: pa.Array, last: bool = False, kind: str | None = None) -> Ints:
        found = np.full(len(texts), -1, np.int64)
        parts = list(zip(self.texts, self.numbers, self.kinds, strict=True))
        for some, numbers, own in reversed(parts) if last else parts:
            if kind is not None and own != kind:
                continue
            place = places_in(texts, some)
            fresh = (found < 0) & (place >= 0)
            found[fresh] = numbers[place[fresh]]
        return found


class Pool:
    """Nodes get a number in the order of their coming; -1 is a node that is not there.

    Parameters
    ----------
    keys : pyarrow.Array of string, (patient,)
    index : IndexColumns
    wanted : Wanted
    runs : mapping of str to mapping
        The runs that hold.
    gone : set of str
        Those that do not.
    """

    def __init__(
        self, keys: pa.Array, index: IndexColumns, wanted: Wanted, runs: Mapping[str, Any],
        gone: set[str],
    ) -> None:  # fmt: skip
        self.keys, self.index, self.wanted = keys, index, wanted
        self.runs, self.gone = runs, pa.array(sorted(gone), pa.string())
        self.predicted = pa.array(
            sorted(name for name, about in runs.items() if about.get("predicted")), pa.string()
        )
        self._parts: list[NodePart] = []
        self._size = 0
        self._nodes, self._timed = _Registry(), _Registry()
        self._times: list[Times] = []
        self._said: list[tuple[bool, Ints, Bools]] = []
        self._edges: list[tuple[str, Ints, Ints, NDArray[np.float32] | None]] = []

    def patients(self, column: Column) -> Ints:
        """The patient of each row, by key."""
        return runs_in(column, self.keys)

    def wants(self, *kinds: str) -> bool:
        """Whether nodes of one of these kinds are read."""
        asked = self.wanted.kinds
        return asked is None or any(kind in asked for kind in kinds)

    def current(self, table: pa.Table) -> pa.Table:
        """Rows of runs that hold."""
        names = pa.array(list(self.runs), pa.string())
        held = pc.and_(pc.fill_null(table["current"], False), pc.is_in(table["run"], names))
        return table.filter(held)

    def add(
        self, kind: str, address: Texts, patient: Ints, at: Times | None = None,
        rows: Bools | None = None, *, pointed_at: bool = False, once: bool = False, **columns: Any,
    ) -> Ints:  # fmt: skip
        """Add nodes.

        Parameters
        ----------
        kind : str
        address : pyarrow.Array of string, or LazyText, (row,)
        patient : ndarray of int64, (row,)
        at : Times, optional
        rows : ndarray of bool, (row,), optional
            Only these.
        pointed_at : bool
            Whether others find it by its address.
        once : bool
            Whether several rows may be of one node: the first that says something counts.
        **columns
            Of its attributes; arrays, (row,).

        Returns
        -------
        ndarray of int64, (row,)
        """
        found = np.full(len(patient), -1, np.int64)
        if kind != "patient" and not self.wants(kind):
            return found
        keep = np.ones(len(patient), bool) if rows is None else rows.copy()
        if once:
            found = self._nodes.find(made(address), kind=kind)
            found[~keep] = -1
            asked = keep.copy()
            keep &= found < 0
        day = np.full(len(patient), np.nan) if at is None else at.day
        part = NodePart(kind, self._size, address, patient, day, columns).filter(keep)
        if once:
            part, place = part.merged()
        else:
            place = np.arange(len(part))
        self._size += len(part)
        if len(part):
            self._parts.append(part)
        if pointed_at:
            self._nodes.add(made(part.address), part.start + np.arange(len(part)), kind)
        if keep.all():
            found = part.start + place
        else:
            found[keep] = part.start + place
        if once and "synthetic" in columns:
            self._said.append((kind == "anatomy", found[asked], columns["synthetic"][asked]))
        return found

    def find(self, addresses: pa.Array) -> Ints:
        """Nodes that can be pointed at, by address."""
        return self._nodes.find(addresses)

    def keep_times(self, address: pa.Array, at: Times) -> None:
        """Remember when reports, items and findings were known, wanted or not."""
        start = sum(len(one.day) for one in self._times)
        # of two rows of one address the last one counts, as it does in the builder's dict
        numbers = start + np.arange(len(at.day))
        self._timed.add(address.take(pa.array(numbers[::-1] - start)), numbers[::-1])
        self._times.append(at)

    def when(self, addresses: pa.Array, why: str = _NOT_KNOWN) -> Times:
        """When what stands at some addresses was known."""
        place = self._timed.find(addresses, last=True)
        if not self._times:
            return Times.of_days(np.zeros(0)).take(place, why)
        whole = Times(
            np.concatenate([one.day for one in self._times]),
            pa.concat_arrays([one.date for one in self._times]),
            pa.concat_arrays([one.state for one in self._times]),
        )
        return whole.take(place, why)

    def knows_time(self, addresses: pa.Array) -> Bools:
        """Whether it is remembered when something was known."""
        found: Bools = self._timed.find(addresses) >= 0
        return found

    def edge(
        self, relation: str, tail: Ints, head: Ints, far: NDArray[np.float32] | None = None
    ) -> None:
        """Add edges; those without both ends fall away."""
        there = (tail >= 0) & (head >= 0)
        if not there.all():
            tail, head = tail[there], head[there]
            far = None if far is None else far[there]
        if len(tail):
            self._edges.append((relation, tail, head, far))

    def edges(self, relation: pa.Array, tail: Ints, head: Ints) -> None:
        """Add edges of several relations."""
        for one in relation.unique().to_pylist():
            if one is not None:
                rows = np.asarray(pc.fill_null(pc.equal(relation, one), False))
                self.edge(one, tail[rows], head[rows])

    def has_edge(self, relation: str, tail: Ints, head: Ints) -> Bools:
        """Whether there is an edge of a relation between two nodes, row by row."""
        found = [(one, two) for name, one, two, _ in self._edges if name == relation]
        if not found:
            return np.zeros(len(tail), bool)
        ones, twos = (np.concatenate([pair[k] for pair in found]) for k in (0, 1))
        there = (tail >= 0) & (head >= 0)
        held: Bools = np.isin(tail * self._size + head, ones * self._size + twos)
        return there & held

    def under(self, head: Ints, relation: str, patient: Ints, *above: Ints) -> None:
        """Hang nodes below the first that is there; 'has' where that is not the first one."""
        tail, is_first = patient.copy(), np.full(len(head), not above)
        for one in reversed(above):
            tail = np.where(one >= 0, one, tail)
        if above:
            is_first = above[0] >= 0
        self.edge(relation, tail[is_first], head[is_first])
        self.edge("has", tail[~is_first], head[~is_first])

    def _made_up(self) -> list[NodePart]:
        """The parts, with what several rows say: a structure is real where one row is."""
        if not self._said:
            return self._parts
        flags = np.zeros(self._size, bool)
        for part in self._parts:
            if "synthetic" in part.columns:
                flags[part.start : part.start + len(part)] = part.columns["synthetic"]
        for all_of_them, nodes, said in self._said:
            if all_of_them:
                np.logical_and.at(flags, nodes, said)
            else:
                np.logical_or.at(flags, nodes, said)
        return [
            replace(part, columns={
                **part.columns, "synthetic": flags[part.start : part.start + len(part)]
            })
            for part in self._parts
        ]  # fmt: skip

    def poured(self, about: Mapping[str, Any]) -> HeteroTables:
        """Everything as tables; the pool is of no use afterwards."""
        nodes, kind_of, local = node_tables(
            self._made_up(), self._size, self.wanted, self.predicted
        )
        names = list(nodes)
        gathered: dict[EdgeType, list[tuple[Ints, Ints, Any]]] = {}
        for relation, tail, head, far in self._edges:
            pair = kind_of[tail].astype(np.int64) * len(names) + kind_of[head]
            gone = (kind_of[tail] < 0) | (kind_of[head] < 0)
            pair[gone] = -1
            present = np.flatnonzero(np.bincount(pair + 1, minlength=1)) - 1
            for one in present[present >= 0].tolist():
                place = names[one // len(names)], relation, names[one % len(names)]
                rows = slice(None) if len(present) == 1 else pair == one
                some = local[tail[rows]], local[head[rows]], None if far is None else far[rows]
                gathered.setdefault(place, []).append(some)
        edges, weights = {}, {}
        for place, parts in sorted(gathered.items()):
            tail, head = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
            edges[place], first = unique_edges(tail, head)
            if place[1] == "similar_to":
                distances = [
                    np.full(len(part[0]), np.nan, np.float32) if part[2] is None else part[2]
                    for part in parts
                ]
                weights[place] = np.concatenate(distances)[first]
        return HeteroTables(self.keys, nodes, edges, weights, about)
