"""event_block: what happened to patients before the index day, counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.patient_set import PatientSet
from explorer.tasks.task import Task
from graphs.errors import ExamplesError
from graphs.examples.block import Block
from graphs.features.counted import counted
from graphs.features.known_rows import KnownRows
from graphs.features.looked_up import LookedUp
from graphs.features.state_of import state_of

By = Literal["name", "code", "kind"]
NoRecord = Literal["unknown", "zero"]
RARE = "an event that too few patients have, or one beyond the most frequent"
_COLUMNS = ("kind", "name", "code", "code_scheme", "state")


def event_block(
    source: PatientSet | KnownRows,
    names: str | Sequence[str] = "*",
    *,
    task: Task | None = None,
    by: By = "name",
    digits: int | None = None,
    flag: bool = False,
    no_record: NoRecord = "unknown",
    at_least: int = 1,
    most: int = 500,
    modality: str = "events",
) -> Block:
    """Count events: treatments, diagnoses, admissions, mutations.

    An event that a record denies (state 'absent') counts as none. What nobody recorded of a
    patient of whom some event is known is 0: no record, not proof that it did not happen.

    Parameters
    ----------
    source : PatientSet or KnownRows
    names : str or sequence of str
        Patterns of ``kind:name``.
    task : Task, optional
        See `KnownRows`. Outcomes are never counted.
    by : {'name', 'code', 'kind'}
        What is counted: ``treatment:cisplatin``, ``diagnosis:ICD10:C34.1``, ``treatment``. By
        code, events without one are not counted.
    digits : int, optional
        Of the code, from its beginning: 3 makes ``C34`` of ``C34.1``.
    flag : bool
        1 in the place of a count.
    no_record : {'unknown', 'zero'}
        Of patients of whom no event is known by the index day: nothing, or 0.
    at_least, most : int
        Patients who must have a thing; how many things there are, at most.
    modality : str

    Returns
    -------
    Block
        float32; the address is that of the last event that was counted.

    Raises
    ------
    ExamplesError
        There is no such way to count.
    """
    if by not in ("name", "code", "kind") or no_record not in ("unknown", "zero"):
        raise ExamplesError(
            f"by={by!r}, no_record={no_record!r}",
            expected="by: name, code, kind; no_record: unknown, zero",
        )
    known = KnownRows.of(source, task)
    data = known.rows("events", _COLUMNS, names)
    who = data["who"].to_numpy().astype(np.int64)
    day = data["day"].to_numpy().astype(float)
    happened = np.asarray(
        pc.fill_null(pc.equal(data["state"], "present"), True).to_numpy(), bool
    )  # fmt: skip
    order = np.lexsort((np.nan_to_num(day, nan=-np.inf), who))
    rows = order[happened[order]]
    label = _labels(data, by, digits).take(pa.array(rows))
    found = counted(who[rows], label, rows, len(known), at_least, most)
    if len(found.left):
        of = data.take(pa.array(found.left))
        known.note("events", of["what"].to_pylist(), RARE, of["patient"].to_pylist())
    counts = np.minimum(found.counts, 1) if flag else found.counts
    frame = pd.DataFrame(counts, index=list(known.keys), columns=found.names)
    told = np.zeros(len(known), bool)
    told[who] = True
    if no_record == "unknown":
        frame = frame.where(pd.Series(told, index=frame.index), axis=0)
    state = state_of(frame, who, np.array(data["state"].to_pylist(), object))
    address = LookedUp("events", data, known.keys, known.versions, found.place)
    return Block(modality, frame.astype(np.float32), state, address, producer="events")


def _labels(data: pa.Table, by: By, digits: int | None) -> pa.Array:
    if by == "kind":
        made = data["kind"]
    elif by == "name":
        made = data["what"]
    else:
        code = data["code"] if digits is None else pc.utf8_slice_codeunits(data["code"], 0, digits)
        scheme = pc.fill_null(data["code_scheme"], "")
        made = pc.binary_join_element_wise(pc.fill_null(data["kind"], ""), scheme, code, ":")
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
