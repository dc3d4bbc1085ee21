from __future__ import annotations

import os
import signal
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import explorer
from explorer.assign import Person
from explorer.draft import Header, PatientHint, Source
from explorer.ingest_patient import PatientTask
from explorer.workers import Workers


def _task(store: Path, name: str, reader: str) -> PatientTask:
    source = Source(Path("/x"), f"/x/{name}.dcm", f"{name}.dcm", True, 1, 1, "00")
    header = Header(source, reader, "image", "g", PatientHint(name))
    return PatientTask(store, Person("tree", name), [header])


# what each process is asked for: its number
WHO = [("__import__('os').getpid()",)] * 20


def _died(*call: Any) -> Any:
    return f"died of {call}"


def _processes(pool: Workers) -> list[Any]:
    assert pool._pool is not None
    return list(pool._pool._processes.values())


def test_one_worker_is_this_process() -> None:
    with Workers(1) as pool:
        assert set(pool.map(eval, WHO, _died)) == {os.getpid()}


def test_results_come_in_the_order_of_the_calls_from_spawned_processes() -> None:
    with Workers(2) as pool:
        assert list(pool.map(pow, [(n, 2) for n in range(20)], _died)) == [n * n for n in range(20)]
        answers = set(pool.map(eval, WHO, _died))
        assert answers
        assert os.getpid() not in answers
        assert all(isinstance(p, SpawnProcess) for p in _processes(pool))


def test_a_call_that_takes_its_process_along_spoils_no_other() -> None:
    calls: list[tuple[str]] = [(f"{n}",) for n in range(20)]
    calls[13] = ("__import__('os').abort()",)
    with Workers(2) as pool:
        results = list(pool.map(eval, calls, _died))
    assert results[13] == _died(*calls[13])
    assert results[:13] + results[14:] == [n for n in range(20) if n != 13]


def test_a_worker_that_dies_takes_no_patient_along(store: explorer.Store) -> None:
    tasks = [_task(store.path, f"P{n}", "no such reader") for n in range(4)]
    with Workers(2) as pool:
        list(pool.map(eval, WHO, _died))
        victim = _processes(pool)[0]
        os.kill(victim.pid, signal.SIGKILL)
        victim.join()
        outcomes = list(pool.patients(tasks))
    # nobody can read these files; what counts is that each has its row, though a worker died
    assert sorted(row["uri"] for one in outcomes for row in one.rows) == [
        f"/x/P{n}.dcm" for n in range(4)
    ]
    assert {row["status"] for one in outcomes for row in one.rows} == {"refused"}
    assert len(store) == 0
