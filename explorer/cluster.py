"""Cluster: ingest on the workers of a Dask scheduler, a task a patient."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from explorer.errors import NotInstalledError, OncographError, StoreError
from explorer.found import Found
from explorer.ingest_patient import PatientOutcome, PatientTask, ingest_patient, refused_row
from explorer.place import Place
from explorer.store import Store

S = TypeVar("S")
T = TypeVar("T")
Call = tuple[Any, ...]

_CONNECT_S = 20.0
_WITHOUT_WORKERS_S = 120.0
_LOOK_S = 5.0
_FILES_A_TASK = 32


class Cluster:
    """Workers on many machines; used like `Workers`.

    A worker that dies costs its task another try, on another worker; after the scheduler's
    ``allowed-failures`` the patient's files are refused with that reason. A task that runs twice
    (its worker was only thought to be dead) finds the patient in the store and changes nothing.

    Parameters
    ----------
    scheduler : str or distributed.Client
        Its address, such as ``tcp://10.0.0.5:8786``. A client, or a cluster such as Dask's
        ``LocalCluster``, is not closed.
    store : Store
        Every worker must reach it, and with S3 have its credentials in the environment.
    sources : sequence of pathlib.Path
        Every worker must see them under the same path.

    Raises
    ------
    NotInstalledError
        Without Dask's scheduler.
    StoreError
        There is no scheduler, it has no workers, or one of them does not see the store or a
        source.
    """

    _client: Any

    def __init__(self, scheduler: Any, store: Store, sources: Sequence[Path] = ()) -> None:
        try:
            import distributed
        except ImportError as error:
            raise NotInstalledError(
                "Ingest on a cluster needs Dask's scheduler",
                do="pip install 'oncograph[cluster]'",
            ) from error
        self._own = not isinstance(scheduler, distributed.Client)
        connect: Any = distributed.Client  # untyped
        if not self._own:
            self._address, self._client = str(scheduler.scheduler.address), scheduler
            self._check(store, [os.path.realpath(source) for source in sources])
            return
        scheduler = getattr(scheduler, "scheduler_address", scheduler)
        self._address = scheduler
        try:
            self._client = connect(scheduler, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise StoreError(
                f"No Dask scheduler answers at {scheduler!r}",
                expected="the address that 'dask scheduler' printed, such as tcp://10.0.0.5:8786",
                do="start one (dask scheduler), and workers (dask worker ADDRESS)",
            ) from error
        try:
            self._check(store, [os.path.realpath(source) for source in sources])
        except BaseException:
            self._client.close()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # tasks whose results nobody holds any more are not begun
        if self._own:
            self._client.close()

    def _check(self, store: Store, sources: list[str]) -> None:
        """Ask every worker whether it sees the store and the sources."""
        try:
            self._client.wait_for_workers(1, timeout=_CONNECT_S)
        except TimeoutError as error:
            raise self._without_workers(_CONNECT_S) from error
        import explorer

        order = (explorer.__version__, store.place, store.id, sources)
        try:
            said = self._client.run(obstacle, *order)
        except Exception as error:  # whatever a worker that lacks a package raises
            raise StoreError(
                f"A worker cannot run oncograph: {type(error).__name__}: {error}",
                do="install the same oncograph in the environment of every worker",
            ) from error
        for worker, problem in sorted(said.items()):
            if problem is not None:
                raise StoreError(
                    f"The worker {worker} {problem}",
                    expected="workers that see the store and every source under the same path",
                    do="use a folder that all machines share, or a store on S3, and set the "
                    "environment of the workers before they start",
                )

    def _without_workers(self, seconds: float) -> StoreError:
        return StoreError(
            f"The scheduler at {self._address} has had no workers for {seconds:.0f} s",
            do="start workers (dask worker ADDRESS) and ingest again: what was committed is "
            "whole, and is not read again",
        )

    def map(
        self, step: Callable[..., T], calls: Sequence[Call], died: Callable[..., T]
    ) -> Iterator[T]:
        """Results of ``step(*call)`` in the order of the calls.

        Files in archives are looked at in this process, which unpacks them. ``died(*call)``
        stands for the result of a call that takes its workers along.
        """
        far = [n for n, call in enumerate(calls) if not _in_archive(call)]
        parts = [far[i : i + _FILES_A_TASK] for i in range(0, len(far), _FILES_A_TASK)]
        work = ((many, (step, [calls[n] for n in part]), part) for part in parts)
        found: dict[int, T] = {}
        alone = []
        for results, part in self._run(work):
            if results is None:
                alone += part
            else:
                found |= dict(zip(part, results, strict=True))
        # the rest of a part is not to suffer from the one that kills workers
        for n in alone:
            for results, _ in self._run([(many, (step, [calls[n]]), n)]):
                found[n] = died(*calls[n]) if results is None else results[0]
        for n, call in enumerate(calls):
            yield found[n] if n in found else step(*call)

    def patients(self, tasks: Iterable[PatientTask]) -> Iterator[PatientOutcome]:
        """Outcomes as they come; a task whose workers died is tried once more, alone."""
        return self.each(ingest_there, tasks, _died)

    def each(
        self, step: Callable[[S], T], tasks: Iterable[S], died: Callable[[S], T]
    ) -> Iterator[T]:
        """Results of ``step(task)`` as they come; none of them is None.

        A task whose workers died is tried once more, alone, and ``died(task)`` stands for the
        result where they do so again.
        """
        again: list[S] = []
        for result, task in self._run((step, (task,), task) for task in tasks):
            if result is None:
                again.append(task)
            else:
                yield result
        for task in again:  # Dask blames a death on all that the worker had in hand
            for result, _ in self._run([(step, (task,), task)]):
                yield died(task) if result is None else result

    def _run(
        self, work: Iterable[tuple[Callable[..., Any], Call, Any]]
    ) -> Iterator[tuple[Any, Any]]:
        """Results with what they are of, as they come; None where the workers died of it.

        So many are handed in that no worker waits, and not all: the headers of a large hospital
        would fill the scheduler's memory.
        """
        queue = iter(work)
        waiting: dict[Any, Any] = {}
        try:
            yield from self._hand_in(queue, waiting)
        finally:
            if waiting:
                self._client.cancel(list(waiting))

    def _hand_in(
        self, queue: Iterator[tuple[Callable[..., Any], Call, Any]], waiting: dict[Any, Any]
    ) -> Iterator[tuple[Any, Any]]:
        from distributed import CancelledError, KilledWorker

        while True:
            room = 4 * max(1, sum(self._client.nthreads().values())) - len(waiting)
            for step, call, of in islice(queue, max(0, room)):
                waiting[self._client.submit(step, *call, pure=False)] = of
            if not waiting:
                return
            for future in self._next(list(waiting)):
                of = waiting.pop(future)
                try:
                    yield future.result(), of
                except KilledWorker:
                    yield None, of
                except CancelledError as error:
                    raise StoreError(
                        f"The connection to the scheduler at {self._address} was lost",
                        do="ingest again: what was committed is whole, and is not read again",
                    ) from error

    def _next(self, futures: list[Any]) -> Iterable[Any]:
        """Wait for those that end next, for as long as somebody is at work."""
        import distributed

        wait: Any = distributed.wait  # untyped
        idle = 0.0
        while True:
            try:
                with self._client.as_current():
                    ended = wait(futures, timeout=_LOOK_S, return_when="FIRST_COMPLETED")
                return list(ended.done)
            except TimeoutError:
                idle = 0.0 if self._client.nthreads() else idle + _LOOK_S
                if idle >= _WITHOUT_WORKERS_S:
                    raise self._without_workers(idle) from None


def _in_archive(call: Call) -> bool:
    return any(isinstance(part, Found) and part.archive is not None for part in call)


def _died(task: PatientTask) -> PatientOutcome:
    reason = "the workers that read the patient's files died, each time it was tried"
    return _refusal(task, reason)


def _refusal(task: PatientTask, reason: str) -> PatientOutcome:
    rows = [refused_row(header, task, reason) for header in task.headers]
    return PatientOutcome("", task.person.identifier, 0, False, 0, rows)


def many(step: Callable[..., T], calls: Sequence[Call]) -> list[T]:
    """Several calls in one task; runs on a worker."""
    os.umask(0o077)
    return [step(*call) for call in calls]


def ingest_there(task: PatientTask) -> PatientOutcome:
    """Ingest a patient if every file of it is seen from here; runs on a worker."""
    os.umask(0o077)
    for header in task.headers:
        path = header.source.path
        try:
            seen = path.is_file()
        except OSError:
            seen = False
        if not seen:
            reason = (
                f"the worker on {socket.gethostname()} does not see {path}: ingest from a folder "
                "that all machines share, archives unpacked"
            )
            # a series is read as a whole, so that none of it is
            return _refusal(task, reason)
    return ingest_patient(task)


def obstacle(version: str, place: Place, store_id: str, sources: Sequence[str]) -> str | None:
    """What stands in the way of work here, in words, or None; runs on a worker."""
    import explorer

    if explorer.__version__ != version:
        return f"has oncograph {explorer.__version__}, and not {version}"
    for source in sources:
        if not Path(source).exists():
            return f"does not see the source {source}"
    try:
        found = Store(place).id
    except OncographError as error:
        return f"cannot open the store: {error}"
    return None if found == store_id else f"sees another store at {place}"
