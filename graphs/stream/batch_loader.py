"""Loader: batches ahead of time, by threads or by processes, and where one is in them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal

import torch
from torch.utils.data import DataLoader, Dataset

from explorer.errors import OncographError
from graphs.stream.patch_stream import PatchStream, refuse_forked_worker
from graphs.stream.patches import Patches

_Job = tuple[int, list[int]]


class Loader:
    """Batches of a stream, in its order; each pass is an epoch, and the next pass the next.

    Threads are the default: decoding and copying leave Python to the others. Processes are for
    transforms that do not; they are started anew (spawn or forkserver), never forked.

    Parameters
    ----------
    stream : PatchStream
    batch_size : int
    threads : int
        That read ahead; 0 reads when it is asked.
    workers : int
        Processes instead of threads.
    context : {'spawn', 'forkserver'}
        How they are started.
    ahead : int
        Batches that are read ahead by each.
    pin_memory : bool
        Page-locked tensors, where there is a GPU, for ``.to(device, non_blocking=True)``.
    drop_last : bool
        Leave out a last batch that is not full.

    Raises
    ------
    OncographError
        The context forks, or the batch is another than the stream's.
    """

    def __init__(
        self,
        stream: PatchStream,
        batch_size: int,
        *,
        threads: int = 2,
        workers: int = 0,
        context: Literal["spawn", "forkserver"] = "spawn",
        ahead: int = 2,
        pin_memory: bool = False,
        drop_last: bool = False,
    ) -> None:
        if context not in ("spawn", "forkserver"):
            raise OncographError(
                f"Workers by {context!r}",
                expected="'spawn' or 'forkserver'",
                do="take one of these, or threads: a forked worker would hang",
            )
        if batch_size < 1 or min(threads, workers) < 0 or ahead < 1:
            raise OncographError(
                f"batch_size={batch_size}, threads={threads}, workers={workers}, ahead={ahead}",
                expected="a batch and something ahead of at least 1",
            )
        self.stream, self.batch_size, self.drop_last = stream, batch_size, drop_last
        self.threads, self.ahead = threads, ahead
        self.pin_memory = pin_memory and torch.cuda.is_available()
        self._jobs = _Jobs(self)
        self._processes: DataLoader[Any] | None = None
        if workers:
            self._processes = DataLoader(
                _Batches(stream.patches),
                batch_size=None,
                sampler=self._jobs,
                num_workers=workers,
                multiprocessing_context=context,
                prefetch_factor=ahead,
                persistent_workers=True,
                pin_memory=self.pin_memory,
            )

    def __iter__(self) -> Iterator[Any]:
        stream, epoch = self.stream, self.stream.epoch
        jobs = list(self._jobs)
        made = self._by_threads(jobs) if self._processes is None else iter(self._processes)
        for (_, numbers), batch in zip(jobs, made, strict=True):
            stream.position += len(numbers)
            yield batch
        if stream.epoch == epoch:
            stream.set_epoch(epoch + 1)

    def _by_threads(self, jobs: list[_Job]) -> Iterator[Any]:
        make = self.stream.patches.batch
        refuse_forked_worker()
        if not self.threads:
            for job in jobs:
                yield self._pinned(make(*job))
            return
        waiting: deque[Future[Any]] = deque()
        left = iter(jobs)
        pool = ThreadPoolExecutor(self.threads, "oncograph-patches")
        try:
            for job in left:
                waiting.append(pool.submit(make, *job))
                if len(waiting) < self.threads * self.ahead:
                    continue
                yield self._pinned(waiting.popleft().result())
            while waiting:
                yield self._pinned(waiting.popleft().result())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _pinned(self, batch: Any) -> Any:
        if not self.pin_memory:
            return batch
        from torch.utils.data._utils import pin_memory

        pinned: Any = pin_memory.pin_memory(batch)  # type: ignore[no-untyped-call]
        return pinned

    def __len__(self) -> int:
        """Batches of a whole epoch."""
        count = len(self.stream)
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)

    def state_dict(self) -> dict[str, Any]:
        """Where it is: after the last batch that was handed out, whatever is read ahead."""
        return self.stream.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on after that batch."""
        self.stream.load_state_dict(state)

    def __repr__(self) -> str:
        by = f"{self.threads} threads"
        if self._processes is not None:
            by = f"{self._processes.num_workers} processes"
        return f"<Loader batches of {self.batch_size} by {by}; {self.stream!r}>"


class _Jobs:
    """What is left of the epoch: which patches make which batch."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __iter__(self) -> Iterator[_Job]:
        stream, size = self._loader.stream, self._loader.batch_size
        left = stream.order.mine(stream.epoch)[stream.position :].tolist()
        for start in range(0, len(left), size):
            numbers = left[start : start + size]
            if len(numbers) == size or not self._loader.drop_last:
                yield stream.epoch, numbers

    def __len__(self) -> int:
        return len(list(iter(self)))


class _Batches(Dataset[Any]):
    """What a worker process holds."""

    def __init__(self, patches: Patches) -> None:
        self.patches = patches

    def __getitem__(self, job: Any) -> Any:
        return self.patches.batch(*job)
