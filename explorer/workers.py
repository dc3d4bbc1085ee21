"""Worker processes: spawned, never forked, and replaced when one dies."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, TypeVar

from explorer.ingest_patient import PatientOutcome, PatientTask, ingest_patient, refused_row

T = TypeVar("T")


def _begin() -> None:
    os.umask(0o077)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # a pool's workers hold both ends of its queue: after a kill -9 of the parent they would wait
    # for work for ever
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class Workers:
    """Processes that read files; with one, this process reads itself.

    Parameters
    ----------
    count : int
    """

    def __init__(self, count: int) -> None:
        self._count = max(1, count)
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        if self._count > 1:
            self._pool = self._fresh(self._count)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    @staticmethod
    def _fresh(count: int) -> ProcessPoolExecutor:
        # a fork after the storage engines' threads have started would hang
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(count, mp_context=context, initializer=_begin)

    def map(
        self, step: Callable[..., T], calls: Sequence[tuple[Any, ...]], died: Callable[..., T]
    ) -> Iterator[T]:
        """Results of ``step(*call)`` in the order of the calls.

        Where a call takes its process along, the ones that are left are made one by one, and
        ``died(*call)`` stands for the result of each that does so again.
        """
        if self._pool is None or len(calls) < 8:
            for call in calls:
                yield step(*call)
            return
        columns = list(zip(*calls, strict=True))
        size = max(1, min(64, len(calls) // 8))
        done = 0
        try:
            for result in self._pool.map(step, *columns, chunksize=size):
                done += 1
                yield result
        except BrokenProcessPool:
            self._replace()
            for call in calls[done:]:
                yield self._one(step, call, died)

    def _one(self, step: Callable[..., T], call: tuple[Any, ...], died: Callable[..., T]) -> T:
        if self._pool is None:
            return step(*call)
        try:
            return self._pool.submit(step, *call).result()
        except BrokenProcessPool:
            self._replace()
            return died(*call)

    def _replace(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = self._fresh(self._count)

    def patients(self, tasks: Iterable[PatientTask]) -> Iterator[PatientOutcome]:
        """Outcomes as they come; a task whose worker died is tried once more, alone."""
        if self._pool is None:
            for task in tasks:
                yield ingest_patient(task)
            return
        waiting: dict[Future[PatientOutcome], PatientTask] = {}
        died = []
        for task in tasks:
            try:
                waiting[self._pool.submit(ingest_patient, task)] = task
            except BrokenProcessPool:
                died.append(task)
        for future in as_completed(waiting):
            try:
                yield future.result()
            except BrokenProcessPool:
                died.append(waiting[future])
        if died:
            self._replace()
        for task in died:
            yield self._alone(task)

    def _alone(self, task: PatientTask) -> PatientOutcome:
        try:
            with self._fresh(1) as pool:
                return pool.submit(ingest_patient, task).result()
        except BrokenProcessPool:
            reason = "the process that read the patient's files died"
            rows = [refused_row(header, task, reason) for header in task.headers]
            return PatientOutcome("", task.person.identifier, 0, False, 0, rows)
