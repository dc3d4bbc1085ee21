"""vector_block: one kind of vector of patients, gene expression say, as features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.errors import NotFoundError
from explorer.patient_set import PatientSet
from explorer.tasks.task import Task
from graphs.errors import ExamplesError
from graphs.examples.block import Block
from graphs.features.known_rows import KnownRows
from graphs.features.one_each import RULES, Several, one_each
from graphs.features.pathways import with_pathways
from graphs.features.row_address import RowAddress
from graphs.features.state_of import state_of

DIFFER = "several vectors of one day that differ"
NO_VALUES = "a vector without values"
RAGGED = "a vector of another length than its list of names"
_COLUMNS = ("features", "values", "unit", "state", "producer")
TWICE = "a feature whose name the vector has already"


def vector_block(
    source: PatientSet | KnownRows,
    name: str,
    *,
    task: Task | None = None,
    several: Several = "last",
    signatures: Mapping[str, Sequence[str]] | None = None,
    modality: str | None = None,
    like: Block | None = None,
) -> Block:
    """Read vectors as features.

    Vectors over different features stand side by side over all of them: what a vector lacks is
    NaN. Nothing is filled in, scaled or chosen here.

    Parameters
    ----------
    source : PatientSet or KnownRows
    name : str
        Of the vectors: 'rna', ...
    task : Task, optional
        See `KnownRows`.
    several : {'last', 'first', 'only'}
        As of `graphs.features.fact_block.fact_block`.
    signatures : mapping of str to sequence of str, optional
        Named sets of features, pathways say, which become the block's groups; see
        `graphs.features.pathways`.
    modality : str, optional
        The vectors' name by default.
    like : Block, optional
        Give its features, in its order: for patients of another cohort.

    Returns
    -------
    Block
        float32, (patient, feature).

    Raises
    ------
    NotFoundError
        Nobody in the set has such a vector that may be a feature.
    ExamplesError
        There is no such rule.
    """
    if several not in RULES:
        raise ExamplesError(f"several={several!r}", expected=", ".join(RULES))
    known = KnownRows.of(source, task)
    data = known.rows("vectors", _COLUMNS, _exactly(name))
    data = data.filter(pc.equal(data["what"], name))
    said = np.array(data["state"].to_pylist(), object)
    everybody = data["who"].to_numpy().astype(np.int64)
    data = _usable(known, data, name)
    if not data.num_rows and like is None:
        left = known.left_out
        why = sorted(set(left[(left["table"] == "vectors") & (left["what"] == name)]["why"]))
        raise NotFoundError(
            f"No vector {name!r} that may be a feature",
            expected=f"left out: {'; '.join(why)}" if why else "a name of the table of vectors",
        )
    who, values, axes, nth = _one_vector_each(known, data, name, several)
    axis, frame = _side_by_side(known, name, who, values, axes, like)
    place = np.zeros(len(known), np.int64)
    place[who] = nth
    address = RowAddress("vectors", known.keys, known.versions, _Named(name), _All(place))
    table = pd.DataFrame(frame, index=list(known.keys), columns=axis)
    producers = sorted({str(one) for one in data["producer"].to_pylist() if one})
    block = Block(modality or name, table, state_of(table, everybody, said), address,
                  producer=", ".join(producers[:3]) or "vectors")  # fmt: skip
    return block if signatures is None else with_pathways(block, signatures)


class _Named(dict[str, str]):
    """One row holds all features."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __missing__(self, feature: str) -> str:
        return self.name


class _All(dict[str, NDArray[np.int64]]):
    def __init__(self, place: NDArray[np.int64]) -> None:
        super().__init__()
        self.place = place

    def get(self, feature: str, default: Any = None) -> NDArray[np.int64]:
        return self.place


def _exactly(name: str) -> str:
    # a pattern fits without regard to case; what it fits besides is taken away after
    return "".join("?" if one in "*?" else one for one in name)


def _usable(known: KnownRows, data: pa.Table, name: str) -> pa.Table:
    """Rows that are there and have values, as many as there are names."""
    held = pc.fill_null(pc.equal(data["state"], "present"), True)
    full = pc.greater(pc.fill_null(pc.list_value_length(data["values"]), 0), 0)
    good = pc.and_(held, full)
    bad = data.filter(pc.invert(good))
    why = [f"the record says: {s}" if s not in (None, "present") else NO_VALUES
           for s in bad["state"].to_pylist()]  # fmt: skip
    known.note("vectors", [name] * len(why), why, bad["who"].to_pylist())
    return data.filter(good)


def _one_vector_each(
    known: KnownRows, data: pa.Table, name: str, several: Several
) -> tuple[NDArray[np.int64], pa.Array, NDArray[Any], NDArray[np.int64]]:
    """Patients who have one, ascending; their values, axes and places."""
    who = data["who"].to_numpy().astype(np.int64)
    # vectors of one day are the same only where every number is
    twice = np.flatnonzero(np.bincount(who, minlength=len(known)) > 1)
    again = np.flatnonzero(np.isin(who, twice))
    value = np.arange(len(who))
    if len(again):
        some = data.take(pa.array(again))
        texts = [
            f"{axis} {np.asarray(one, np.float32).tobytes().hex()}"
            for axis, one in zip(some["features"].to_pylist(), some["values"].to_pylist(),
                                 strict=True)
        ]  # fmt: skip
        value[again] = np.unique(np.array(texts), return_inverse=True)[1]
    day = data["day"].to_numpy().astype(float)
    chosen, differ = one_each(who, day, value, several)
    lost = chosen[differ]
    known.note("vectors", [name] * len(lost), DIFFER, who[lost].tolist())
    kept = data.take(pa.array(chosen[~differ]))
    axes = np.array(kept["features"].to_pylist(), object)
    return who[chosen[~differ]], kept["values"].combine_chunks(), axes, kept["nth"].to_numpy()


def _side_by_side(
    known: KnownRows,
    name: str,
    who: NDArray[np.int64],
    values: pa.Array,
    axes: NDArray[Any],
    like: Block | None,
) -> tuple[list[str], NDArray[np.float32]]:
    names = known.patients.store.records.features(map(str, axes.tolist()))
    ids = list(dict.fromkeys(map(str, axes.tolist())))
    every = [one for axis in ids for one in names.get(axis, [])]
    axis = list(like.names) if like is not None else list(dict.fromkeys(every))
    place = {feature: k for k, feature in enumerate(axis)}
    made = np.full((len(known), len(axis)), np.nan, np.float32)
    length = pc.list_value_length(values).to_numpy()
    for one in ids:
        own = names.get(one, [])
        rows = np.flatnonzero(axes.astype(str) == one)
        fit = rows[length[rows] == len(own)]
        odd = np.setdiff1d(rows, fit)
        known.note("vectors", [name] * len(odd), RAGGED, who[odd].tolist())
        first = np.unique(np.array(own, object), return_index=True)[1]
        if len(first) < len(own) and len(fit):
            known.note("vectors", [name] * len(fit), TWICE, who[fit].tolist())
        flat = pc.list_flatten(values.take(pa.array(fit))).to_numpy(zero_copy_only=False)
        table = np.asarray(flat, np.float32).reshape(len(fit), len(own))
        taken = [(k, place[own[k]]) for k in first.tolist() if own[k] in place]
        if taken:
            source, target = (np.array(side) for side in zip(*taken, strict=True))
            made[np.ix_(who[fit], target)] = table[:, source]
    return axis, made
