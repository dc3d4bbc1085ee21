"""What is said, as columns: reports, findings, groundings; see `graphs.assembly.statements`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphs.assembly.tables import Tables
from graphs.hetero.add_items import add_anatomy
from graphs.hetero.index_columns import chosen, later_of
from graphs.hetero.json_rows import json_rows
from graphs.hetero.pool import Pool
from graphs.hetero.rows import Rows
from graphs.hetero.text_columns import Ints, filled, joined, nulls, quoted, target_nodes, whole

_FINDING = (
    "run", "current", "finding", "item", "sentence_start", "sentence_end", "entity", "code",
    "laterality", "assertion", "change", "anatomy", "anatomy_codes", "measurements", "relations",
    "synthetic",
)  # fmt: skip
_MEASURED = pa.schema(
    [("kind", pa.string()), ("value", pa.list_(pa.float64())), ("unit", pa.string()),
     ("start", pa.int64()), ("end", pa.int64())]
)  # fmt: skip
_RELATED = pa.schema([("other", pa.string()), ("kind", pa.string())])


def add_reports(pool: Pool, tables: Tables) -> None:
    """A node a report, without its text."""
    columns = ("item", "origin", "source", "synthetic")
    rows = Rows.read(pool, tables, "texts", columns, dated=True, dates=True)
    rows = rows.filter(~np.asarray(pc.is_in(rows.text("origin"), value_set=pool.gone)))
    address, at = rows.address("reports", "item"), rows.times()
    pool.keep_times(address, at)
    if not pool.wants("report"):
        return
    known = pool.index.allows("report", address, rows.patient, at)
    nodes = pool.add(
        "report", address, rows.patient, at, known, pointed_at=True, once=True,
        source=rows.by(), synthetic=rows.truth("synthetic"),
    )  # fmt: skip
    pool.edge("has", rows.patient, nodes)


def add_findings(pool: Pool, tables: Tables) -> None:
    """Findings with their sentence, structures, numbers and relations."""
    if not pool.wants("finding", "sentence", "anatomy", "measurement", "grounding"):
        return
    read = Rows.read(pool, tables, "findings", _FINDING)
    rows = Rows(pool, pool.current(read.table))
    if not len(rows):
        return
    report = rows.address("reports", "item")
    at = pool.when(report, "its report is not there")
    address = rows.address("findings", "finding")
    pool.keep_times(address, at)
    known = pool.index.allows("finding", address, rows.patient, at)
    text = {name: rows.text(name) for name in ("code", "laterality", "assertion", "change", "run")}
    nodes = pool.add(
        "finding", address, rows.patient, at, known, pointed_at=True, once=True,
        name=rows.text("entity"), synthetic=rows.truth("synthetic"), **text,
    )  # fmt: skip
    hung = pool.find(report)
    end = rows.number("sentence_end")
    in_one = known & ~np.isnan(end) & (end != 0)
    start, stop = (_plain(rows, name) for name in ("sentence_start", "sentence_end"))
    place = joined(report, "#chars=", start, ":", stop)
    sentence = pool.add(
        "sentence", place, rows.patient, at, in_one, pointed_at=True, once=True,
        run=rows.text("run"), synthetic=rows.truth("synthetic"),
    )  # fmt: skip
    pool.under(sentence, "contains", rows.patient, hung)
    pool.under(nodes, "states", rows.patient, np.where(in_one, sentence, hung), hung)
    kept = pa.array(known)
    some = rows.filter(known)
    _add_sites(pool, some, nodes[known])
    _add_measurements(pool, some, nodes[known], report.filter(kept), at.day[known])
    parent, related = json_rows(some.text("relations"), _RELATED)
    if len(parent):
        other = filled(whole(related["other"]), "None")
        keys = some.key.take(pa.array(parent))
        head = pool.find(joined("onco:", keys, "/findings/", quoted(other)))
        pool.edges(filled(whole(related["kind"]), "None"), nodes[known][parent], head)


def _plain(rows: Rows, name: str) -> pa.Array:
    return filled(whole(rows.table[name]).cast(pa.string()), "None")


def _add_sites(pool: Pool, rows: Rows, nodes: Ints) -> None:
    lists, coded = (whole(rows.table[name]) for name in ("anatomy", "anatomy_codes"))
    many, codes = (np.asarray(pc.fill_null(pc.list_value_length(one), 0)) for one in (lists, coded))
    # codes stand beside names only where each name has one
    for which, with_codes in ((many == codes, True), (many != codes, False)):
        which &= many > 0
        if not which.any():
            continue
        kept = pa.array(which)
        parent = np.flatnonzero(which)[np.asarray(pc.list_parent_indices(lists.filter(kept)))]
        names = pc.list_flatten(lists.filter(kept))
        said = pc.list_flatten(coded.filter(kept)) if with_codes else nulls(len(names))
        some = rows.take(parent)
        every = np.ones(len(parent), bool)
        site = add_anatomy(pool, some, said, names, every, some.truth("synthetic"))
        pool.edge("located_at", nodes[parent], site)


def _add_measurements(
    pool: Pool, rows: Rows, nodes: Ints, report: pa.Array, day: NDArray[np.float64]
) -> None:
    parent, found = json_rows(rows.text("measurements"), _MEASURED)
    if not len(parent):
        return
    from graphs.hetero.index_columns import Times

    some = rows.take(parent)
    start, end = (filled(whole(found[name]).cast(pa.string()), "None") for name in ("start", "end"))
    place = joined(report.take(pa.array(parent)), "#chars=", start, ":", end, "&node=measurement")
    values = whole(found["value"])
    single = np.asarray(pc.fill_null(pc.equal(pc.list_value_length(values), 1), False))
    number = np.full(len(parent), np.nan)
    flat = pc.list_flatten(values.filter(pa.array(single)))
    number[single] = flat.to_numpy(zero_copy_only=False)
    name = filled(whole(found["kind"]))
    name = pc.if_else(pc.equal(name, ""), "value", name)
    heads = pool.add(
        "measurement", place, some.patient, Times.of_days(day[parent]), pointed_at=True, once=True,
        name=name, unit=filled(whole(found["unit"])), number=number, run=some.text("run"),
        source=pa.array(["report"] * len(parent), pa.string()),
        synthetic=some.truth("synthetic"),
    )  # fmt: skip
    pool.edge("measured_by", nodes[parent], heads)


def add_groundings(pool: Pool, tables: Tables) -> None:
    """Where findings lie in the images; an abstention is a node without a place."""
    if not pool.wants("grounding"):
        return
    columns = ("run", "current", "grounding", "finding", "status", "method", "region", "target",
               "score", "synthetic")  # fmt: skip
    rows = Rows(pool, pool.current(Rows.read(pool, tables, "groundings", columns).table))
    if not len(rows):
        return
    rows = rows.filter(pool.knows_time(rows.address("findings", "finding")))
    finding = rows.address("findings", "finding")
    target = target_nodes(rows.key, rows.text("target"))
    at = pool.when(finding)
    # a place in a later image was not known when the report was written
    somewhere = np.asarray(pc.greater(filled(rows.text("target")), ""))
    at = chosen(somewhere, later_of(at, pool.when(target)), at)
    address = rows.address("groundings", "grounding")
    known = pool.index.allows("grounding", address, rows.patient, at)
    text = {name: rows.text(name) for name in ("status", "method", "region", "run")}
    method = pc.if_else(pc.equal(text["method"], ""), None, text["method"])
    nodes = pool.add(
        "grounding", address, rows.patient, at, known, pointed_at=True, once=True,
        name=pc.coalesce(method, text["status"]), score=rows.number("score"),
        synthetic=rows.truth("synthetic"), **text,
    )  # fmt: skip
    pool.under(nodes, "grounded_in", rows.patient, pool.find(finding))
    pool.edge("points_at", nodes, pool.find(target))


def add_verdicts(pool: Pool, tables: Tables) -> None:
    """What was checked: an edge to each piece of evidence."""
    columns = ("run", "current", "finding", "cue", "verdict", "evidence")
    rows = Rows(pool, pool.current(Rows.read(pool, tables, "verdicts", columns).table))
    if not len(rows):
        return
    rows = rows.filter(pool.find(rows.address("findings", "finding")) >= 0)
    finding = rows.address("findings", "finding")
    nodes = pool.find(finding)
    lists = whole(rows.table["evidence"])
    parent = np.asarray(pc.list_parent_indices(lists)).astype(np.int64)
    some = rows.take(parent)
    target = target_nodes(some.key, pc.list_flatten(lists))
    cue = quoted(joined("verdict ", filled(rows.text("cue"), "None")))
    place = joined(finding, "#node=", cue).take(pa.array(parent))
    known = pool.index.allows("verdict", place, some.patient, pool.when(target))
    whole_known = np.bincount(parent, ~known, len(rows))[parent] == 0
    head = pool.find(target)
    rows_kept = whole_known & (head != nodes[parent])
    kept = pa.array(rows_kept)
    pool.edges(some.text("verdict").filter(kept), nodes[parent][rows_kept], head[rows_kept])
