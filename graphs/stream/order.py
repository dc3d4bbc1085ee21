"""Order: which patch comes when, and to whom."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.errors import OncographError


@dataclass(frozen=True)
class Order:
    """Patches ``0 ... length - 1`` in an order that seed and epoch alone decide.

    Each patch goes to one rank, and there to one worker; whoever adds them up has each of them
    once, however many ranks and workers there are.

    Attributes
    ----------
    length : int
    seed : int
    shuffle : bool
    rank, world : int
        This process, of how many.
    batch : int
        Patches that a worker takes in turn, so that batches are the same with any number of
        workers.
    even : bool
        Leave out the last few, so that each rank has as many as the next.
    """

    length: int
    seed: int = 0
    shuffle: bool = True
    rank: int = 0
    world: int = 1
    batch: int = 1
    even: bool = False

    def mine(self, epoch: int) -> NDArray[np.int64]:
        """The patches of this rank in an epoch, in order."""
        if self.shuffle:
            order = np.random.default_rng([self.seed, epoch]).permutation(self.length)
        else:
            order = np.arange(self.length)
        if self.even:
            order = order[: self.length - self.length % self.world]
        return order[self.rank :: self.world].astype(np.int64)

    def __len__(self) -> int:
        count = self.length - self.length % self.world if self.even else self.length
        return len(range(self.rank, count, self.world))

    def of_worker(
        self, epoch: int, start: int = 0, worker: int = 0, workers: int = 1
    ) -> NDArray[np.int64]:
        """A worker's patches of what is left of an epoch.

        Parameters
        ----------
        epoch : int
        start : int
            How many of this rank's patches are done.
        worker, workers : int
        """
        left = self.mine(epoch)[start:]
        taken: NDArray[np.int64] = left[np.arange(len(left)) // self.batch % workers == worker]
        return taken


def place_in_world(rank: int | None, world: int | None) -> tuple[int, int]:
    """Rank and world size: as given, else torch.distributed's, else the environment's.

    Raises
    ------
    OncographError
        The rank is not below the size.
    """
    if rank is None and world is None:
        import torch

        there = torch.distributed.is_available() and torch.distributed.is_initialized()
        if there:
            rank, world = torch.distributed.get_rank(), torch.distributed.get_world_size()
        else:
            rank = int(os.environ.get("RANK", "0"))
            world = int(os.environ.get("WORLD_SIZE", "1"))
    found = (rank or 0, 1 if world is None else world)
    if not 0 <= found[0] < found[1]:
        raise OncographError(f"rank {rank} of world {world}", expected="0 <= rank < world")
    return found
