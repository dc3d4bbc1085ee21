"""What was acquired, as columns: studies, images, segments; see `graphs.assembly.items`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphs.assembly.items import ANATOMY, structure_of
from graphs.assembly.tables import Tables
from graphs.hetero.index_columns import Times
from graphs.hetero.pool import Pool
from graphs.hetero.rows import Rows
from graphs.hetero.text_columns import (
    Ints,
    addresses,
    codes,
    filled,
    joined,
    nulls,
    paired,
    places_in,
    quoted,
)

_ITEM = (
    "item", "kind", "modality", "name", "study_uid", "acquired", "day", "day_state", "image",
    "body_part", "laterality", "synthetic",
)  # fmt: skip
_SEGMENT = (
    "item", "position", "name", "code_value", "code_scheme", "code_meaning", "category", "voxels",
    "volume_mm3",
)  # fmt: skip


def add_items(pool: Pool, tables: Tables) -> None:
    """Studies, images, waveforms, slides and segments."""
    rows = _ordered(Rows.read(pool, tables, "items", _ITEM))
    if not len(rows):
        return
    kind = rows.text("kind")
    address = addresses(rows.key, joined(kind, "s"), rows.text("item"))
    at = rows.times("acquired")
    pool.keep_times(address, at)
    drawn = np.asarray(pc.equal(kind, "segmentation"))
    nodes = np.full(len(rows), -1, np.int64)
    for one in pc.unique(kind).to_pylist():
        if one == "segmentation" or not pool.wants(one):
            continue
        of_kind = np.asarray(pc.equal(kind, one))
        some, places = rows.filter(of_kind), address.filter(pa.array(of_kind))
        known = pool.index.allows(one, places, some.patient, at.filter(of_kind))
        text = {name: some.text(name) for name in ("modality", "body_part", "laterality")}
        nodes[of_kind] = pool.add(
            one, places, some.patient, at.filter(of_kind), known, pointed_at=True,
            synthetic=some.truth("synthetic"), **text,
        )  # fmt: skip
    _in_studies(pool, rows, nodes, at)
    if drawn.any():
        kept = pa.array(drawn)
        _add_segments(pool, tables, rows.filter(drawn), address.filter(kept), at.filter(drawn))


def _ordered(rows: Rows) -> Rows:
    """Images first, since segments are hung upon them; the earliest makes the study."""
    item = codes(filled(rows.text("item")))[0]
    code = rows.patient * (int(item.max(initial=0)) + 1) + item
    # of two rows of one item the last one counts
    rows = rows.filter(~pd.Index(code).duplicated(keep="last"))
    day = rows.number("day")
    order = pd.DataFrame(
        {"drawn": np.asarray(pc.equal(filled(rows.text("kind")), "segmentation")),
         "none": np.isnan(day), "day": np.nan_to_num(day), "key": rows.patient,
         "item": rows.text("item").to_pandas()}
    ).sort_values(["drawn", "none", "day", "key", "item"])  # fmt: skip
    return rows.take(order.index.to_numpy())


def _in_studies(pool: Pool, rows: Rows, nodes: Ints, at: Times) -> None:
    """Hang items on their study, and that on the patient."""
    shown = nodes >= 0
    some, nodes = rows.filter(shown), nodes[shown]
    drawn = np.asarray(pc.equal(filled(some.text("kind")), "segmentation"))
    # what is drawn later than what it is drawn on does not date the study
    day = np.where(drawn, np.nan, at.day[shown])
    uid = some.text("study_uid")
    in_one = np.asarray(pc.greater(filled(uid), ""))
    study = pool.add(
        "study", some.address("studies", "study_uid"), some.patient, Times.of_days(day), in_one,
        pointed_at=True, once=True, synthetic=some.truth("synthetic"),
    )  # fmt: skip
    pool.edge("has", some.patient, study)
    pool.edge("has", some.patient[~in_one], nodes[~in_one])
    pool.under(nodes[in_one], "contains", some.patient[in_one], study[in_one])


def _add_segments(pool: Pool, tables: Tables, rows: Rows, address: pa.Array, at: Times) -> None:
    """A node a segment; where nothing is said of segments, one for all."""
    each = Rows.read(pool, tables, "segments", _SEGMENT)
    if not pool.wants("segment", "anatomy"):
        each = Rows(pool, each.table.slice(0, 0))
    own = addresses(each.key, "segmentations", each.text("item"))
    of = places_in(own, address)
    each, of = each.filter(of >= 0), of[of >= 0]
    bare = ~np.isin(np.arange(len(rows)), of)
    order = np.lexsort((each.number("position"), of))
    each, of = each.take(order), of[order]
    place = np.concatenate([np.flatnonzero(bare), of])
    none = int(bare.sum())
    label = joined(address.take(pa.array(of)), "#label=", _label(each.text("name")))
    where = pa.concat_arrays([address.filter(pa.array(bare)), label])
    item = rows.take(place)
    times = at.take(place, "")
    pool.keep_times(where, times)
    if not pool.wants("segment"):
        return
    value, scheme = each.text("code_value"), each.text("code_scheme")
    code = pc.if_else(
        pc.greater(filled(value), ""), joined(filled(scheme, "None"), ":", value), None
    )
    known = pool.index.allows("segment", where, item.patient, times)
    empty = np.full(none, np.nan)
    nodes = pool.add(
        "segment", where, item.patient, times, known, pointed_at=True, once=True,
        name=pa.concat_arrays([_named(rows).filter(pa.array(bare)), each.text("name")]),
        code=pa.concat_arrays([nulls(none), code]),
        category=pa.concat_arrays([nulls(none), each.text("category")]),
        modality=item.text("modality"), synthetic=item.truth("synthetic"),
        voxels=np.concatenate([empty, each.number("voxels")]),
        volume_mm3=np.concatenate([empty, each.number("volume_mm3")]),
    )  # fmt: skip
    _hang(pool, item, nodes, known)
    plain = pc.utf8_lower(filled(each.text("category")))
    site = np.asarray(pc.is_in(plain, value_set=pa.array(ANATOMY))) & np.asarray(code.is_valid())
    site &= known[none:]
    meaning = each.text("code_meaning")
    meaning = pc.coalesce(pc.if_else(pc.equal(meaning, ""), None, meaning), each.text("name"))
    anatomy = add_anatomy(pool, each, code, meaning, site, item.truth("synthetic")[none:])
    pool.edge("outlines", nodes[none:], anatomy)


def _hang(pool: Pool, item: Rows, nodes: Ints, known: NDArray[np.bool_]) -> None:
    some, heads = item.filter(known), nodes[known]
    study_uid = some.text("study_uid")
    in_one = np.asarray(pc.greater(filled(study_uid), ""))
    study = pool.add(
        "study", some.address("studies", "study_uid"), some.patient, None, in_one,
        pointed_at=True, once=True, synthetic=some.truth("synthetic"),
    )  # fmt: skip
    pool.edge("has", some.patient, study)
    pool.edge("has", some.patient[~in_one], heads[~in_one])
    pool.under(heads[in_one], "contains", some.patient[in_one], study[in_one])
    image = some.text("image")
    on = pool.find(some.address("images", "image"))
    there = np.asarray(pc.greater(filled(image), ""))
    pool.edge("lies_on", heads[there], on[there])


def _label(name: pa.Array) -> pa.Array:
    empty = pc.equal(filled(name), "")
    return pc.if_else(empty, "", quoted(name))


def _named(rows: Rows) -> pa.Array:
    said = [pc.if_else(pc.equal(one, ""), None, one)
            for one in (rows.text("name"), rows.text("modality"))]  # fmt: skip
    return pc.coalesce(*said, rows.text("item"))


def add_anatomy(
    pool: Pool, rows: Rows, code: pa.Array, name: pa.Array, which: NDArray[np.bool_],
    synthetic: NDArray[np.bool_],
) -> Ints:  # fmt: skip
    """The patient's structures of names or codes; -1 for rows that are not asked for."""
    said = paired(code, name, lambda one, two: structure_of(one or None, two), which)
    structure = said.dictionary.take(said.indices)
    return pool.add(
        "anatomy", addresses(rows.key, "anatomy", structure), rows.patient, None, which,
        pointed_at=True, once=True, structure=structure, name=name, synthetic=synthetic,
    )  # fmt: skip
