"""Worker processes: spawned, never forked, and replaced when one dies."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from types import TracebackType
from typing import Any, TypeVar

from explorer.ingest_patient import PatientOutcome, PatientTask, ingest_patient, refused_row

S = TypeVar("S")
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
    always : bool
        Start a process also where there is to be one alone.
    """

    def __init__(self, count: int, *, always: bool = False) -> None:
        self._count, self._always = max(1, count), always
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        if self._count > 1 or self._always:
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
        return self.each(ingest_patient, tasks, _refusal)

    def each(
        self, step: Callable[[S], T], tasks: Iterable[S], died: Callable[[S], T]
    ) -> Iterator[T]:
        """Results of ``step(task)`` as they come.

        So many are handed in that no process waits. Where one dies, what was in hand is tried
        once more, one by one; ``died(task)`` stands for the result of a task that does it again.
        """
        if self._pool is None:
            for task in tasks:
                yield step(task)
            return
        queue = iter(tasks)
        waiting: dict[Future[T], S] = {}
        while True:
            again: list[S] = []
            for task in islice(queue, 2 * self._count - len(waiting)):
                try:
                    waiting[self._pool.submit(step, task)] = task
                except BrokenProcessPool:
                    again.append(task)
            if not waiting and not again:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done if not again else ():
                task = waiting.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    again.append(task)
            if again:
                again += waiting.values()
                waiting.clear()
                self._replace()
                for task in again:
                    yield self._one(step, (task,), died)


def _refusal(task: PatientTask) -> PatientOutcome:
    reason = "the process that read the patient's files died"
    rows = [refused_row(header, task, reason) for header in task.headers]
    return PatientOutcome("", task.person.identifier, 0, False, 0, rows)
