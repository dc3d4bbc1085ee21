"""What was measured, and scene graphs, as columns; see `graphs.assembly.measured`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphs.assembly.tables import Tables
from graphs.hetero.add_items import add_anatomy
from graphs.hetero.index_columns import chosen, later_of
from graphs.hetero.pool import Pool
from graphs.hetero.rows import Rows
from graphs.hetero.text_columns import (
    Ints,
    addresses,
    again,
    codes,
    filled,
    joined,
    mapped,
    places_in,
    quoted,
    target_nodes,
)

_OBSERVATION = (
    "group", "group_uid", "name", "code", "value", "number", "unit", "state", "finding",
    "finding_code", "site", "site_code", "laterality", "target", "origin", "source", "row",
    "synthetic",
)  # fmt: skip
_NODE = (
    "run", "current", "node", "kind", "name", "code", "assertion", "target", "number", "unit",
    "synthetic",
)  # fmt: skip


def add_observations(pool: Pool, tables: Tables) -> None:
    """Measurements and coded findings; those with one tracking UID are of one lesion."""
    if not pool.wants("measurement", "observation", "lesion"):
        return
    rows = Rows.read(pool, tables, "observations", _OBSERVATION, dated=True, dates=True)
    rows = rows.filter(~np.asarray(pc.is_in(rows.text("origin"), value_set=pool.gone)))
    if not len(rows):
        return
    by, target = rows.by(), target_nodes(rows.key, rows.text("target"))
    at, of = rows.times(), pool.when(target)
    # computed of the outline: it was not known before that was drawn
    computed = np.asarray(pc.is_in(by, value_set=pa.array(list(pool.runs), pa.string())))
    undated = np.isnan(at.day) & np.asarray(at.date.is_null())
    at = chosen(computed, chosen(undated, of, later_of(at, of)), at)
    address = _addressed(rows, by)
    text = {name: rows.text(name) for name in
            ("name", "value", "unit", "code", "state", "laterality")}  # fmt: skip
    number = rows.number("number")
    nodes = np.full(len(rows), -1, np.int64)
    known = np.zeros(len(rows), bool)
    for kind, which in (("measurement", ~np.isnan(number)), ("observation", np.isnan(number))):
        some = pa.array(which)
        told = pool.index.allows(kind, address.filter(some), rows.patient[which], at.filter(which))
        known[which] = told
        nodes[which] = pool.add(
            kind, address.filter(some), rows.patient[which], at.filter(which), told,
            number=number[which], synthetic=rows.truth("synthetic")[which],
            source=by.filter(some), **{name: one.filter(some) for name, one in text.items()},
        )  # fmt: skip
    _hang(pool, rows, nodes, known, pool.find(target))


def _addressed(rows: Rows, by: pa.Array) -> pa.Array:
    """Addresses by the row in the source, else by the count."""
    plain = addresses(rows.key, "observations", filled(by, "a person"))
    number = again(codes(plain)[0]) + 1
    row = np.nan_to_num(rows.number("row")).astype(np.int64)
    place = np.where(row != 0, row, number)
    address = joined(plain, "#row=", pa.array(place).cast(pa.string()))
    # a component of the same resource
    repeated = again(codes(address)[0]) > 0
    if not repeated.any():
        return address
    longer = joined(address, ".", pa.array(number).cast(pa.string()))
    return pc.if_else(pa.array(repeated), longer, address)


def _hang(pool: Pool, rows: Rows, nodes: Ints, known: np.ndarray, on: Ints) -> None:
    said, found, uid = (filled(rows.text(name)) for name in ("site", "finding", "group_uid"))
    synthetic = rows.truth("synthetic")
    located = known & np.asarray(pc.not_equal(said, ""))
    site = add_anatomy(pool, rows, rows.text("site_code"), said, located, synthetic)
    followed = known & np.asarray(pc.and_(pc.not_equal(found, ""), pc.not_equal(uid, "")))
    group = pc.if_else(pc.equal(rows.text("group"), ""), None, rows.text("group"))
    lesion = pool.add(
        "lesion", addresses(rows.key, "lesions", uid), rows.patient, None, followed,
        pointed_at=True, once=True, name=pc.coalesce(group, found), finding=found,
        code=rows.text("finding_code"), synthetic=synthetic, source=rows.by(),
    )  # fmt: skip
    pool.edge("has", rows.patient, lesion)
    pool.edge("located_at", lesion, site)
    pool.edge("seen_in", lesion, on)
    alone = ~followed
    seen = alone & (on >= 0)
    pool.edge("located_at", np.where(seen, on, np.where(alone, nodes, -1)), site)
    above = np.where(followed, lesion, on)
    below = followed | seen
    pool.under(nodes[below], "measured_by", rows.patient[below], above[below])
    pool.edge("measured_by", rows.patient[~below], nodes[~below])
    pool.edge("measured_on", np.where(followed, nodes, -1), on)


def add_scene(pool: Pool, tables: Tables) -> None:
    """Nodes and edges of scene graphs, each under its own id."""
    rows = Rows(pool, pool.current(Rows.read(pool, tables, "nodes", _NODE).table))
    known = joined(rows.key, "/", filled(rows.text("node"), "None"))
    nodes = _add_nodes(pool, rows) if len(rows) else np.zeros(0, np.int64)
    columns = ("run", "current", "kind", "tail", "head")
    edges = Rows(pool, pool.current(Rows.read(pool, tables, "edges", columns).table))
    if not len(edges):
        return
    # of two nodes of one id the last one counts
    tail, head = (
        _end(pool, edges, edges.text(name), known.take(pa.array(np.arange(len(known))[::-1])),
             nodes[::-1])
        for name in ("tail", "head")
    )  # fmt: skip
    if len(rows):
        stated = pool.has_edge("states", head, tail)
        tail = np.where(stated, -1, tail)  # the finding's own row says it already
    pool.edges(filled(edges.text("kind"), "None"), tail, head)


def _add_nodes(pool: Pool, rows: Rows) -> Ints:
    name, target = rows.text("name"), filled(rows.text("target"))
    item, kind = filled(rows.text("node")), filled(rows.text("kind"))
    site = np.asarray(pc.equal(item, joined("anatomy.", filled(name, "None"))))
    synthetic = rows.truth("synthetic")
    found = add_anatomy(pool, rows, rows.text("code"), name, site, synthetic)
    places = {
        "observation": addresses(rows.key, "findings", item),
        "region": addresses(rows.key, "groundings", item),
        "sentence": joined("onco:", rows.key, "/", target),
        "measurement": joined("onco:", rows.key, "/", target, "&node=measurement"),
    }
    for one, place in places.items():
        which = np.asarray(pc.equal(kind, one)) & ~site
        found[which] = pool.find(place.filter(pa.array(which)))
    fresh = (found < 0) & ~site
    some = rows.filter(fresh)
    found[fresh] = _add_fresh(pool, some, target.filter(pa.array(fresh)))
    return found


def _add_fresh(pool: Pool, rows: Rows, target: pa.Array) -> Ints:
    looked_at = filled(mapped(rows.text("run"), lambda run: pool.runs[run]["input"]))
    # what it stands on, else what the whole run looked at
    at = pool.when(target_nodes(rows.key, pc.if_else(pc.equal(target, ""), looked_at, target)))
    address, kind = rows.address("nodes", "node"), filled(rows.text("kind"))
    on = pool.find(target_nodes(rows.key, target))
    inside = np.asarray(pc.match_substring(looked_at, "/"))
    split = mapped(looked_at, _quoted_after)
    above = pool.find(joined("onco:", rows.key, "/", split))
    made = np.full(len(rows), -1, np.int64)
    for one in pc.unique(kind).to_pylist():
        if not pool.wants(one):
            continue
        which = np.asarray(pc.equal(kind, one))
        some, part = rows.filter(which), pa.array(which)
        told = pool.index.allows(one, address.filter(part), some.patient, at.filter(which))
        text = {name: some.text(name) for name in ("name", "code", "assertion", "unit", "run")}
        if one == "anatomy":
            text["structure"] = some.text("name")
        made[which] = pool.add(
            one, address.filter(part), some.patient, at.filter(which), told, pointed_at=True,
            once=True, number=some.number("number"), synthetic=some.truth("synthetic"), **text,
        )  # fmt: skip
    pool.under(made[inside], "contains", rows.patient[inside], above[inside])
    pool.edge("contains", rows.patient[~inside], made[~inside])
    pool.edge("stands_at", made, on)
    return made


def _quoted_after(text: str) -> str | None:
    collection, slash, item = text.partition("/")
    return f"{collection}/{quoted(pa.array([item]))[0].as_py()}" if slash else None


def _end(pool: Pool, rows: Rows, end: pa.Array, known: pa.Array, nodes: Ints) -> Ints:
    place = places_in(joined(rows.key, "/", filled(end, "None")), known)
    found = np.full(len(rows), -1, np.int64)
    there = place >= 0
    found[there] = nodes[place[there]]
    text = filled(end)
    other = pool.find(addresses(rows.key, "findings", text))
    found[~there] = other[~there]
    left = ~there & (found < 0) & np.asarray(pc.match_substring(text, "/"))
    some = pa.array(left)
    found[left] = pool.find(target_nodes(rows.key.filter(some), text.filter(some)))
    return found
