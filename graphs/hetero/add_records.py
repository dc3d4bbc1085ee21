"""What tables say, as columns: facts, events, gene sets; see `graphs.assembly.records`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphs.assembly.event_kind import event_kind
from graphs.assembly.tables import Tables
from graphs.hetero.lazy_text import LazyText, lazy_addresses
from graphs.hetero.pool import Pool
from graphs.hetero.rows import Rows
from graphs.hetero.text_columns import addresses, codes, filled, joined, mapped
from graphs.similar_by import SimilarBy

_FACT = ("name", "value", "number", "unit", "code", "state", "synthetic")
_EVENT = (*_FACT, "kind", "code_scheme", "origin", "source")


def add_facts(pool: Pool, tables: Tables, similar: SimilarBy | None) -> Rows | None:
    """A node a fact, whatever its state; gives those that patients are compared by."""
    wanted = pool.wants("fact")
    if not wanted and similar is None:
        return None
    by = ("origin", "source") if len(pool.predicted) else ()
    rows = Rows.read(pool, tables, "facts", (*_FACT, *by), dated=True)
    compared = pa.array(list(similar.facts) if similar else [], pa.string())
    if not wanted:
        rows = rows.filter(pc.is_in(rows.text("name"), value_set=compared))
    name = rows.coded("name")
    address = lazy_addresses(pool.keys, rows.patient, "facts", name)
    known = _add(pool, rows, "fact", address, rows.coded("code"), bool(by))
    return None if similar is None else rows.filter(known)


def _add(
    pool: Pool, rows: Rows, kind: str, address: LazyText, code: pa.Array, sourced: bool,
    **more: pa.Array,
) -> NDArray[np.bool_]:  # fmt: skip
    at = rows.times()
    known = pool.index.allows(kind, address, rows.patient, at)
    text = {name: rows.coded(name) for name in ("name", "value", "unit", "state")}
    if sourced:
        text["source"] = rows.by()
    nodes = pool.add(
        kind, address, rows.patient, at, known, number=rows.number("number"), code=code,
        synthetic=rows.truth("synthetic"), **text, **more,
    )  # fmt: skip
    pool.edge("has", rows.patient, nodes)
    return known


def add_events(pool: Pool, tables: Tables) -> None:
    """Treatments, outcomes and other events; a patient's mutations are one gene set a source."""
    if not pool.wants("treatment", "outcome", "event", "gene set"):
        return
    rows = Rows.read(pool, tables, "events", _EVENT, dated=True)
    own, name = rows.text("kind"), rows.text("name")
    kinds = filled(mapped(filled(own), event_kind))
    item = joined(filled(own, "None"), ":", filled(name, "None"))
    mutation = np.asarray(pc.equal(kinds, "mutation"))
    some = rows.filter(~mutation)
    kept = pa.array(~mutation)
    address = lazy_addresses(pool.keys, some.patient, "events", item.filter(kept))
    kinds, own = kinds.filter(kept), own.filter(kept)
    scheme, code = some.text("code_scheme"), some.text("code")
    coded = pc.and_(pc.greater(filled(scheme), ""), pc.greater(filled(code), ""))
    code = pc.if_else(coded, joined(scheme, ":", code), code)
    # the source's own word, where it is another one than the node's kind
    word = pc.if_else(pc.equal(own, kinds), None, own)
    sourced = len(pool.predicted) > 0
    if not sourced:
        some = some.without("origin", "source", "kind", "code", "code_scheme")
    for kind in ("treatment", "outcome", "event"):
        of_kind = pc.equal(kinds, kind)
        if not pool.wants(kind):
            continue
        _add(
            pool, some.filter(of_kind), kind, address.filter(of_kind), code.filter(of_kind),
            sourced, event=word.filter(of_kind),
        )  # fmt: skip
    if mutation.any():
        _add_mutations(pool, rows.filter(mutation))


def _add_mutations(pool: Pool, rows: Rows) -> None:
    by = filled(rows.by(), "None")
    address = addresses(rows.key, "events", joined("mutation:", by))
    code, texts = codes(address)
    _, first, count = np.unique(code, return_index=True, return_counts=True)
    synthetic = np.bincount(code, rows.truth("synthetic"), len(texts)) > 0
    place = pa.array(first)
    ones = rows.take(first)
    at = ones.times()
    if not pool.wants("gene set"):
        return
    known = pool.index.allows("gene set", texts, ones.patient, at)
    nodes = pool.add(
        "gene set", texts, ones.patient, at, known, mutations=count.astype(float),
        name=pa.array(["mutations"] * len(texts), pa.string()), source=by.take(place),
        synthetic=synthetic,
    )  # fmt: skip
    pool.edge("has", ones.patient, nodes)


def add_vectors(pool: Pool, tables: Tables) -> None:
    """A gene set a vector; its numbers stay in the store."""
    if not pool.wants("gene set"):
        return
    columns = ("name", "state", "synthetic", "origin", "source")
    rows = Rows.read(pool, tables, "vectors", columns, dated=True)
    address = lazy_addresses(pool.keys, rows.patient, "vectors", rows.text("name"))
    at = rows.times()
    known = pool.index.allows("gene set", address, rows.patient, at)
    nodes = pool.add(
        "gene set", address, rows.patient, at, known, name=rows.text("name"),
        state=rows.text("state"), source=rows.by(), synthetic=rows.truth("synthetic"),
    )  # fmt: skip
    pool.edge("has", rows.patient, nodes)


def add_patients(pool: Pool, tables: Tables) -> None:
    """A node for each patient, in the order of the keys."""
    rows = Rows.read(pool, tables, "attributes", ("came_as", "sex", "synthetic"))
    count = len(pool.keys)
    sex = pc.if_else(pc.equal(rows.text("sex"), ""), None, rows.text("sex"))
    # his own row first, then those of whom was joined with him
    joined_to = np.asarray(pc.not_equal(filled(rows.text("came_as")), ""))
    said = np.flatnonzero(np.asarray(sex.is_valid()) & (rows.patient >= 0))
    said = said[np.argsort(joined_to[said], kind="stable")][::-1]
    first = np.full(count, -1, np.int64)
    first[rows.patient[said]] = said
    synthetic = np.bincount(rows.patient, rows.truth("synthetic"), count) > 0
    pool.add(
        "patient", addresses(pool.keys, "patients", pool.keys), np.arange(count),
        pointed_at=True, synthetic=synthetic,
        sex=sex.take(pa.array(first, mask=first < 0)),
    )  # fmt: skip
