"""One patient's part of a map: call the function, and commit what it made."""

from __future__ import annotations

import copy
import json
import os
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from explorer.derived import text_sha256
from explorer.errors import ConflictError, OncographError
from explorer.freeze.proven_sources import ProvenSources
from explorer.mapping.fill_draft import fill_draft
from explorer.mapping.fingerprint import KIND, fingerprint, own_runs
from explorer.mapping.made_of import made_of
from explorer.mapping.packed_function import PackedFunction
from explorer.mapping.time_limit import TookTooLong, time_limit
from explorer.patient import Patient
from explorer.printable import printable
from explorer.put_run_items import run_of
from explorer.records import Head
from explorer.run_draft import RunDraft
from explorer.store import Store

_TRIES = 8
_WAIT_S = 3600.0  # a large patient takes long to ingest
_MOST_WORDS = 500

Row = dict[str, Any]

# What a function can be called with, one by one, besides the whole patient.
COLLECTIONS = ("images", "segmentations", "reports", "waveforms", "slides")


@dataclass(frozen=True)
class MapTask:
    """What one worker does at a time.

    Attributes
    ----------
    store : Store
    head : Head
        The version that the function sees.
    label : str
    function : PackedFunction
    collection : str or None
        One of `COLLECTIONS`; None for the patient as a whole.
    producer, version : str
    settings : dict
        The function's keyword arguments.
    timeout_s : float or None
        For each call.
    predicted : bool
    proven : bool
        Source files are hashed before their pixels are read.
    home : tuple of str and int
        Host and process that must not be ended when time is over.
    """

    store: Store
    head: Head
    label: str
    function: PackedFunction
    collection: str | None
    producer: str
    version: str
    settings: Row = field(default_factory=dict)
    timeout_s: float | None = None
    predicted: bool = False
    proven: bool = False
    home: tuple[str, int] = ("", 0)


@dataclass
class _Call:
    """One call: what with, and what is known of it before and after."""

    item: Any
    id: str | None
    print: str
    draft: RunDraft
    row: Row


def here() -> tuple[str, int]:
    """Host and process that run."""
    return socket.gethostname(), os.getpid()


def map_patient(task: MapTask) -> list[Row]:
    """Call the function on what is not done yet, and commit the results as one version.

    Returns
    -------
    list of dict
        A row for each call: patient, key, item, status ('made', 'unchanged', 'refused'), reason,
        made, input_version, version, seconds.
    """
    return _map(task, None)


def refuse_patient(task: MapTask, reason: str) -> list[Row]:
    """Say in the store why there is nothing: the processes died of it."""
    return _map(task, reason)


def _map(task: MapTask, reason: str | None) -> list[Row]:
    store = copy.copy(task.store)  # what it keeps of a patient's arrays goes with it
    patient = Patient(store, task.head)
    if task.proven:
        patient.prover = ProvenSources()
    try:
        head = store.records.head(task.head.patient)
        if head is None:
            raise ConflictError("The patient was erased or joined meanwhile")
        present = patient if head.commit == task.head.commit else Patient(store, head)
        calls = _calls(task, patient, present)
        function = task.function.load() if reason is None else map_patient
    except OncographError as error:
        return [_row(task, None, "refused", _words(error))]
    for call in calls:
        if call.row["status"] != "unchanged":
            _call(task, patient, call, function, reason)
    waiting = [call for call in calls if call.row["status"] != "unchanged"]
    if waiting:
        _keep(store, task, waiting)
    return [call.row for call in calls]


def _calls(task: MapTask, patient: Patient, present: Patient) -> list[_Call]:
    if task.collection is None:
        return [_prepare(task, patient, present, None)]
    runs = own_runs(patient, task.producer)
    mine = {row["item"] for row in patient.rows("items") if run_of(row["meta"]) in runs}
    mine |= {row["item"] for row in patient.rows("texts") if row["origin"] in runs}
    items = getattr(patient, task.collection).values()
    return [_prepare(task, patient, present, item) for item in items if item.id not in mine]


def _prepare(task: MapTask, patient: Patient, present: Patient, item: Any) -> _Call:
    name = None if item is None else item.id
    seen = fingerprint(patient, task.producer, name)
    same = present is patient or fingerprint(present, task.producer, name) == seen
    kind = KIND if same else f"{KIND} of version {task.head.version}"
    draft = RunDraft(
        kind, task.producer, task.version, settings=task.settings,
        input="" if item is None else f"{task.collection}/{item.id}",
        detail={
            "function": task.function.name, "source_sha256": task.function.sha256,
            "input_version": task.head.version, "input_sha256": seen,
            "inputs": _inputs(task, patient, item), "predicted": task.predicted,
        },
    )  # fmt: skip
    if task.collection == "reports" and same:
        draft.input_sha256 = text_sha256(item.text)
    status = "unchanged" if _done(task, present, draft) else "refused"
    return _Call(item, name, seen, draft, _row(task, name, status, None))


def _inputs(task: MapTask, patient: Patient, item: Any) -> list[str]:
    """What the function was shown: addresses without key, with the version."""
    at = f"@{task.head.version}"
    if item is not None:
        return [f"{task.collection}/{item.id}{at}"]
    return [f"{kind}/{name}{at}" for kind in COLLECTIONS for name in getattr(patient, kind)]


def _done(task: MapTask, present: Patient, draft: RunDraft) -> bool:
    run = draft.run(present.key)
    for row in present.rows("runs"):
        if row["run"] == run and row["current"] and row["state"] == "present":
            detail = json.loads(row["detail"] or "{}")
            return all(
                detail.get(name) == draft.detail[name]
                for name in ("input_sha256", "source_sha256", "predicted")
            )
    return False


def _call(
    task: MapTask, patient: Patient, call: _Call, function: Callable[..., Any], reason: str | None
) -> None:
    began = time.perf_counter()
    if reason is None:
        try:
            with time_limit(task.timeout_s, may_end=here() != task.home):
                value = function(patient if call.item is None else call.item, **task.settings)
            made = made_of(value, task.function.name.rpartition(".")[2], call.item)
            made.predicted = made.predicted or task.predicted
            call.row["made"] = fill_draft(call.draft, made, patient, call.item)
            call.row["status"] = "made"
        except TookTooLong:
            reason = f"took longer than {task.timeout_s:g} s"
        except Exception as error:  # noqa: BLE001 - one bad patient never stops a map
            reason = _words(error)
    if reason is not None:
        _refuse(call, reason)
    call.row["seconds"] = time.perf_counter() - began


def _refuse(call: _Call, reason: str) -> None:
    old = call.draft
    # without the version: failing again, of the same input, is no change of the patient
    detail = {n: v for n, v in old.detail.items() if n not in ("input_version", "inputs")}
    call.draft = RunDraft(
        old.kind, old.producer, old.version, old.input, old.input_sha256,
        settings=old.settings, state=f"refused: {reason}", detail={**detail, "made": {}},
    )  # fmt: skip
    call.row |= {"status": "refused", "reason": reason, "made": {}}


def _keep(store: Store, task: MapTask, calls: list[_Call]) -> None:
    """Commit; what cannot be kept is refused, and the rest is committed without it."""
    lost = 0
    while True:
        try:
            version = _commit(store, task, calls)
        except _Unkept as error:
            _refuse(error.call, error.reason)
        except OncographError as error:
            lost += 1
            if lost == _TRIES or not isinstance(error, ConflictError):
                for call in calls:
                    call.row |= {"status": "refused", "reason": _words(error), "made": {}}
                return
            time.sleep(random.uniform(0.02, 0.2) * lost)
        else:
            for call in calls:
                call.row["version"] = version
            return


class _Unkept(Exception):
    def __init__(self, call: _Call, reason: str) -> None:
        super().__init__(reason)
        self.call, self.reason = call, reason


def _commit(store: Store, task: MapTask, calls: list[_Call]) -> int:
    key = task.head.patient
    with store.transaction(f"map: {task.producer} {task.version}") as t:
        t.hold(key, _WAIT_S)
        head = store.records.head(key)
        for call in calls:
            if call.row["status"] == "made":
                call.draft.detail["made"] = call.row["made"]
                call.draft.detail["made_version"] = 1 + (head.version if head else 0)
            try:
                t.put_run(key, call.draft)
            except ConflictError:
                raise
            except Exception as error:
                raise _Unkept(call, _words(error)) from error
    return t.versions.get(key, task.head.version)


def _row(task: MapTask, item: str | None, status: str, reason: str | None) -> Row:
    return {
        "patient": task.label, "key": task.head.patient, "item": item, "status": status,
        "reason": reason, "made": {}, "input_version": task.head.version, "version": None,
        "seconds": 0.0,
    }  # fmt: skip


def _words(error: BaseException) -> str:
    said = str(error) if isinstance(error, OncographError) else f"{type(error).__name__}: {error}"
    return printable(said)[:_MOST_WORDS]
