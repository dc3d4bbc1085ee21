"""finding_block: what reports say of patients, counted by observation, place and assertion."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.patient_set import PatientSet
from explorer.standing_runs import standing_runs
from explorer.tasks.task import Task
from graphs.errors import ExamplesError
from graphs.examples.block import Block
from graphs.features.counted import counted
from graphs.features.known_rows import KnownRows
from graphs.features.looked_up import LookedUp
from graphs.features.unit_ratio import unit_ratio

RARE = "a statement that too few patients have, or one beyond the most frequent"
OTHER = "another extractor said it"
SIZE = ": size (mm)"
_COLUMNS = ("run", "finding", "item", "anatomy", "laterality", "assertion", "change",
            "measurements")  # fmt: skip
_KIND = "findings"


def finding_block(
    source: PatientSet | KnownRows,
    names: str | Sequence[str] = "*",
    *,
    task: Task | None = None,
    extractor: str | None = None,
    at_least: int = 1,
    most: int = 500,
    modality: str = "findings",
) -> Block:
    """Count the findings of reports.

    Columns are ``nodule: present``, ``nodule in lung: absent``, ``nodule left: uncertain``,
    ``nodule: increased`` (counts) and ``nodule: size (mm)`` (the largest axis of all present
    ones). A patient whose reports were read and say nothing of a thing has 0.

    Parameters
    ----------
    source : PatientSet or KnownRows
    names : str or sequence of str
        Patterns of what is observed: 'nodule'.
    task : Task, optional
        See `KnownRows`: a finding is known on the day of its report.
    extractor : str, optional
        Whose findings; by default of the one that read the most reports, which `Block.producer`
        names: two that read one report would be counted twice.
    at_least, most : int
        Patients who must have a thing; how many columns of counts there are, at most.
    modality : str

    Returns
    -------
    Block
        float32; 'not extracted' of patients with a report that nobody read. The address is that
        of the last finding that was counted.

    Raises
    ------
    ExamplesError
        No such extractor has read a report.
    """
    known = KnownRows.of(source, task)
    read, producer = _read(known, extractor)
    data = known.rows("findings", _COLUMNS, names)
    mine = pc.is_in(data["run"], value_set=pa.array(list(read), pa.string()))
    other = data.filter(pc.invert(mine))
    known.note("findings", other["what"].to_pylist(), OTHER, other["patient"].to_pylist())
    data = data.filter(mine)
    who = data["who"].to_numpy().astype(np.int64)
    labels, rows = _entries(data)
    found = counted(who[rows], labels, rows, len(known), at_least, most)
    if len(found.left):
        of = data.take(pa.array(found.left))
        known.note("findings", of["what"].to_pylist(), RARE, of["patient"].to_pylist())
    frame = pd.DataFrame(found.counts, index=list(known.keys), columns=found.names)
    sizes, places = _sizes(known, data, who)
    frame = pd.concat([frame, pd.DataFrame(sizes, index=frame.index, dtype=np.float32)], axis=1)
    state = _states(known, read)
    frame = frame.where(pd.Series(state == "present", index=frame.index), axis=0)
    address = LookedUp("findings", data, known.keys, known.versions, {**found.place, **places})
    return Block(modality, frame.astype(np.float32), state, address, producer=producer)


def _read(known: KnownRows, extractor: str | None) -> tuple[dict[str, tuple[str, str]], str]:
    """Runs of the extractor that hold: run to patient and report; and what it is called."""
    runs = known.patients.rows("runs", ["run", "kind", "producer", "version", "input", "state"])
    runs = runs.filter(pc.fill_null(pc.equal(runs["kind"], _KIND), False))
    standing = standing_runs(known.patients) if runs.num_rows else set()
    rows = [row for row in runs.to_pylist() if row["run"] in standing
            and (row["state"] or "present") == "present"]  # fmt: skip
    count = Counter(row["producer"] or "" for row in rows)
    if extractor is None:
        # of as many, the first by name
        chosen = min(count, key=lambda one: (-count[one], one)) if count else ""
    else:
        chosen = extractor
        if chosen not in count:
            raise ExamplesError(
                f"No findings by {chosen!r}", expected=f"one of {sorted(count)}",
                do="graphs.extract(patient)",
            )  # fmt: skip
    mine = [row for row in rows if row["producer"] == chosen]
    versions = sorted({row["version"] or "" for row in mine})
    return ({row["run"]: (row["patient"], row["input"] or "") for row in mine},
            f"{chosen} {', '.join(versions)}".strip())  # fmt: skip


def _states(known: KnownRows, read: dict[str, tuple[str, str]]) -> NDArray[np.str_]:
    """'present' where a report that was known was read."""
    texts = known.rows("texts", ("item",))
    reports = set(zip(texts["patient"].to_pylist(), texts["item"].to_pylist(), strict=True))
    place = {key: k for k, key in enumerate(known.keys)}
    made: NDArray[Any] = np.full(len(known), "unknown", object)
    for key, _ in reports:
        made[place[key]] = "not extracted"
    for key, report in read.values():
        if (key, report.removeprefix("reports/")) in reports:
            made[place[key]] = "present"
    return made.astype(str)


def _entries(data: pa.Table) -> tuple[pa.Array, NDArray[np.int64]]:
    """Every label of every row: observation, observation and place, side, change."""
    entity = pc.fill_null(data["what"], "").combine_chunks()
    said = pc.fill_null(data["assertion"], "not_assessed").combine_chunks()
    every = np.arange(data.num_rows, dtype=np.int64)
    labels = [pc.binary_join_element_wise(entity, said, ": ")]
    rows = [every]
    anatomy = data["anatomy"].combine_chunks()
    of = pc.list_parent_indices(anatomy).to_numpy().astype(np.int64)
    at = pa.array(of)
    where = pc.binary_join_element_wise(entity.take(at), pc.list_flatten(anatomy), " in ")
    labels.append(pc.binary_join_element_wise(where, said.take(at), ": "))
    rows.append(of)
    side = pc.binary_join_element_wise(entity, data["laterality"].combine_chunks(), " ")
    labels.append(pc.binary_join_element_wise(side, said, ": "))
    labels.append(pc.binary_join_element_wise(entity, data["change"].combine_chunks(), ": "))
    rows += [every, every]
    return pa.concat_arrays(labels), np.concatenate(rows)


def _sizes(
    known: KnownRows, data: pa.Table, who: NDArray[np.int64]
) -> tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.int64]]]:
    sized = pc.and_(
        pc.fill_null(pc.greater(pc.utf8_length(data["measurements"]), 2), False),
        pc.fill_null(pc.equal(data["assertion"], "present"), False),
    )
    found: dict[str, NDArray[np.float32]] = {}
    places: dict[str, NDArray[np.int64]] = {}
    for row in np.flatnonzero(np.asarray(sized.to_numpy(), bool)).tolist():
        size = _largest_mm(data["measurements"][row].as_py())
        if size is None:
            continue
        name = f"{data['what'][row].as_py()}{SIZE}"
        sizes = found.setdefault(name, np.full(len(known), np.nan, np.float32))
        place = places.setdefault(name, np.full(len(known), -1, np.int64))
        if not sizes[who[row]] >= size:
            sizes[who[row]], place[who[row]] = size, row
    order = sorted(found)
    return {name: found[name] for name in order}, places


def _largest_mm(text: str) -> float | None:
    """Of the sizes of a statement those of now, not of a prior examination."""
    best = None
    for one in json.loads(text):
        ratio = unit_ratio(str(one.get("unit")), "mm")
        if ratio is None or one.get("prior") or one.get("kind") != "size":
            continue
        values = [float(v) * ratio for v in one.get("value", ()) if v is not None]
        best = max([*values, *([best] if best is not None else [])], default=None)
    return best
