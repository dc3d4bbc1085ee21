"""Map: a function on every patient, here or elsewhere; its results with their provenance."""

from __future__ import annotations

import inspect
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.errors import StoreError
from explorer.mapping.fingerprint import KIND
from explorer.mapping.function_error import FunctionError
from explorer.mapping.map_result import MapResult
from explorer.mapping.map_task import COLLECTIONS, MapTask, here, map_patient, refuse_patient
from explorer.mapping.packed_function import (
    PackedFunction,
    cannot_load,
    named_function,
    packed_function,
)
from explorer.progress import progress

if TYPE_CHECKING:
    from explorer.cluster import Cluster
    from explorer.patient_set import PatientSet
    from explorer.workers import Workers

Row = dict[str, Any]
_DIED = (
    "the process that computed it died, each time it was tried (out of memory, a crash, or, where "
    "there is a limit on the time, a call that did not heed it)"
)


def map_patients(
    cohort: PatientSet,
    function: Callable[..., Any],
    *,
    kind: str | None = None,
    scheduler: Any = None,
    workers: int = 0,
    version: str = "1",
    settings: Mapping[str, Any] | None = None,
    name: str | None = None,
    timeout_s: float | None = None,
    predicted: bool = False,
) -> MapResult:
    """Call ``function(patient, **settings)`` on every patient, and keep what it gives.

    What it may give is told by `explorer.mapping.made_of.made_of`: numbers by name, a mask, an
    image, a vector, a text, rows, or `Made`. Results are items and rows of the present version of
    the patient, one commit a patient, with a run (table ``runs``): producer, version, settings,
    the sha256 of the function's source, the addresses and versions of what it was shown. Another
    version or other settings take their place; older versions of the patient keep them.

    It can be stopped (Ctrl-C) at any moment, and goes on where it was: what the same version, with
    the same settings and source, has made of the same input is not computed again. A call that
    fails is a run with the reason as its state, is tried again by the next map, and stops no
    other one. A frozen cohort shows the function the frozen versions; the results, which name
    them, are no part of it.

    Parameters
    ----------
    cohort : PatientSet
    function : callable
        For `workers` and `scheduler` one of a module that they can import, or, with cloudpickle,
        any that carries no open file, lock or session. What it calls is not part of the hash of
        its source: give a new `version` where that changes.
    kind : {None, 'images', 'segmentations', 'reports', 'waveforms', 'slides'}
        Call it with each of these instead, one by one; items that it made itself are left out.
        It should look at no more than that item: a change elsewhere does not compute it again.
    scheduler : str, distributed.Client or a Dask cluster, optional
        A task a patient on its workers, which must reach the store.
    workers : int
        Processes of this machine; 0: this one.
    version : str
        Of the function, as you count.
    settings : mapping, optional
        Keyword arguments, JSON-able.
    name : str, optional
        The producer; the function's module and name by default.
    timeout_s : float, optional
        For each call. Python's own code is interrupted; a process of `workers` or `scheduler`
        that does not come back to Python is ended.
    predicted : bool
        What it gives is a model's guess, and is flagged as such.

    Returns
    -------
    MapResult

    Raises
    ------
    FunctionError
        The function cannot be sent to the workers, or the settings are no JSON.
    StoreError
        The workers do not reach the store.

    Examples
    --------
    >>> def volume_ml(patient):
    ...     return {f"{s['name']} volume": s["volume_mm3"] / 1000
    ...             for seg in patient.segmentations.values() for s in seg.segments}
    >>> store.cohort().map(volume_ml, version="1").table
    """
    if kind is not None and kind not in COLLECTIONS:
        raise FunctionError(f"No kind {kind!r}", expected=f"None or one of {COLLECTIONS}")
    if cohort.store.read_only:
        raise StoreError("The store is open for reading alone", where=cohort.store.url)
    plain = _json(settings or {})
    known = named_function(function)
    result = MapResult(name or known.name, version)
    make = partial(
        MapTask, collection=kind, producer=result.producer, version=version, settings=plain,
        proven=cohort.proves_sources, timeout_s=timeout_s, predicted=predicted, home=here(),
    )  # fmt: skip
    done = _done(cohort, result.producer, version, plain, known, kind, predicted)
    todo = [head for head in cohort.heads if head.patient not in done]
    with ExitStack() as stack:
        pool = _pool(cohort, scheduler, workers) if todo else None
        if pool is not None:
            stack.enter_context(pool)
            known = _sent(pool, function)
        tasks = (make(cohort.store, head, cohort.labels[head.patient], known) for head in todo)
        step = stack.enter_context(progress(f"Map {result.producer}", len(todo)))
        for rows in _outcomes(pool, tasks):
            result.rows += rows
            step(rows[0]["patient"] if rows else "")
    order = {key: number for number, key in enumerate(cohort.keys)}
    for head in cohort.heads:
        if head.patient in done:
            result.rows += _unchanged(cohort, head.patient, head.version, done[head.patient])
    result.rows.sort(key=lambda row: (order[row["key"]], row["item"] or ""))
    return result


def _json(settings: Mapping[str, Any]) -> Row:
    try:
        found: Row = json.loads(json.dumps(dict(settings), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise FunctionError(
            f"The settings are no JSON: {error}", expected="texts, numbers, lists and dicts"
        ) from error
    return found


def _pool(cohort: PatientSet, scheduler: Any, workers: int) -> Cluster | Workers | None:
    if scheduler is not None:
        from explorer.cluster import Cluster

        return Cluster(scheduler, cohort.store)
    if workers < 1:
        return None
    from explorer.workers import Workers

    return Workers(workers, always=True)


def _sent(pool: Cluster | Workers, function: Callable[..., Any]) -> PackedFunction:
    """The function in a form that the workers can load; asked of one of them."""
    packed = packed_function(function)
    reason = _asked(pool, packed)
    if reason is None:
        return packed
    if inspect.getmodule(function) is not None:  # a module that is here alone: by value, then
        packed = packed_function(function, by_value=True)
        if _asked(pool, packed) is None:
            return packed
    raise FunctionError(f"The workers cannot load {packed.name}", expected=reason)


def _asked(pool: Cluster | Workers, packed: PackedFunction) -> str | None:
    said = next(iter(pool.each(_probe, [packed], _no_answer)))
    return said[0]


def _probe(packed: PackedFunction) -> list[str | None]:
    return [cannot_load(packed)]


def _no_answer(_: PackedFunction) -> list[str | None]:
    return ["the process that loaded it died"]


def _outcomes(pool: Cluster | Workers | None, tasks: Iterator[MapTask]) -> Iterator[list[Row]]:
    if pool is None:
        return map(map_patient, tasks)
    return pool.each(map_patient, tasks, _died)


def _died(task: MapTask) -> list[Row]:
    # the function, which is not called, may kill this process too where it is loaded
    return refuse_patient(task, _DIED)


def _done(
    cohort: PatientSet,
    producer: str,
    version: str,
    settings: Row,
    known: PackedFunction,
    kind: str | None,
    predicted: bool,
) -> dict[str, list[Row]]:
    """Patients of whom nothing has changed since all of it was computed, with their runs."""
    if kind == "reports":
        return {}
    records = cohort.store.records
    now = {head.patient: head.version for head in records.heads()}
    text = json.dumps(settings, sort_keys=True, ensure_ascii=False)
    wanted = (producer, version, text, KIND, True, "present")
    names = ["producer", "version", "settings", "kind", "current", "state"]
    table = records.visible("runs", ["patient", "input", "detail", *names])
    found: dict[str, list[Row]] = {}
    for row in table.to_pylist():
        if tuple(row[column] for column in names) != wanted:
            continue
        detail = json.loads(row["detail"] or "{}")
        same = (detail.get("source_sha256"), detail.get("predicted")) == (known.sha256, predicted)
        if same and detail.get("made_version") == now.get(row["patient"]):
            found.setdefault(row["patient"], []).append({**row, **detail})
    mine = {head.patient: head.version for head in cohort.heads}
    whole = Counter(dict.fromkeys(found, 1)) if kind is None else _inputs(cohort, kind, producer)
    return {
        key: rows
        for key, rows in found.items()
        if key in mine
        and len(rows) == whole[key]
        and all(mine[key] in (row["made_version"], row["input_version"]) for row in rows)
    }


def _inputs(cohort: PatientSet, kind: str, producer: str) -> Counter[str]:
    """How many calls each patient takes."""
    found: Counter[str] = Counter()
    for row in cohort.rows("items", ["kind", "meta"]).to_pylist():
        about = json.loads(row["meta"] or "{}").get("derived") if row["kind"] == kind[:-1] else None
        own = isinstance(about, dict) and about.get("producer") == producer
        found[row["patient"]] += row["kind"] == kind[:-1] and not own
    return found


def _unchanged(cohort: PatientSet, key: str, version: int, runs: list[Row]) -> list[Row]:
    return [
        {
            "patient": cohort.labels[key], "key": key, "status": "unchanged", "reason": None,
            "item": (run["input"] or "").partition("/")[2] or None, "made": run.get("made", {}),
            "input_version": version, "version": run["made_version"], "seconds": 0.0,
        }
        for run in runs
    ]  # fmt: skip
