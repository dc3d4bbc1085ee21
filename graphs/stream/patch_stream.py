"""PatchStream and PatchMap: patches as torch's two kinds of dataset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from torch.utils.data import Dataset, IterableDataset, get_worker_info

from explorer.errors import OncographError, StoreError
from explorer.fork import refuse_fork
from explorer.training.training_set import TrainingSet
from graphs.stream.order import Order
from graphs.stream.patches import Patches

if TYPE_CHECKING:
    from explorer.picture import Picture


class _Of:
    """What both kinds have: the patches, their order, where one is."""

    def __init__(self, patches: Patches, order: Order, training: TrainingSet) -> None:
        refuse_fork()  # from here on a fork is known to be one
        self.patches = patches
        self.order = order
        self.epoch = 0
        self._about = repr(training)[1:-1]
        self._digest = _digest(patches, order)

    def set_epoch(self, epoch: int) -> None:
        """Another epoch: another order, other draws."""
        self.epoch = epoch

    def preview(self, count: int = 4) -> Picture:
        """Some patches with their masks: a figure."""
        from graphs.stream.preview import preview

        return preview(self.patches, self.order.mine(self.epoch)[:count].tolist(), self.epoch)

    def __repr__(self) -> str:
        size = " x ".join(str(n) for n in self.patches.sampling.patch)
        return (
            f"<{type(self).__name__} {len(self.order)} patches of {size} voxels "
            f"({self.patches.sampling.how}) an epoch, {', '.join(self.patches.modalities)}, "
            f"rank {self.order.rank} of {self.order.world}; {self._about}>"
        )


class PatchStream(_Of, IterableDataset[Any]):
    """Patches in order; made by `graphs.dataset`.

    Attributes
    ----------
    patches : Patches
    order : Order
    epoch, position : int
        Where it is: the epoch, and how many of this rank's patches of it were handed out (in
        this process; a loader with workers counts for itself).
    """

    def __init__(self, patches: Patches, order: Order, training: TrainingSet) -> None:
        super().__init__(patches, order, training)
        self.position = 0

    def set_epoch(self, epoch: int) -> None:
        """Another epoch, from its beginning."""
        super().set_epoch(epoch)
        self.position = 0

    def __iter__(self) -> Iterator[Any]:
        """What is left of the epoch; this worker's part of it.

        Raises
        ------
        StoreError
            This is a forked worker.
        """
        refuse_forked_worker()
        info = get_worker_info()
        worker, workers = (0, 1) if info is None else (info.id, info.num_workers)
        for number in self.order.of_worker(self.epoch, self.position, worker, workers).tolist():
            found = self.patches.one(self.epoch, number)
            if info is None:
                self.position += 1
            yield found
        if info is None:
            self.set_epoch(self.epoch + 1)

    def __len__(self) -> int:
        return len(self.order)

    def state_dict(self) -> dict[str, Any]:
        """Where it is, for a checkpoint."""
        return {"epoch": self.epoch, "position": self.position, "digest": self._digest}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another one was.

        Raises
        ------
        OncographError
            That was of other patients, settings, seed, ranks or batches.
        """
        if state["digest"] != self._digest:
            raise OncographError(
                "The checkpoint is of another stream",
                expected="the same patients, patch, sampling, seed, rank, world and batch",
            )
        self.epoch, self.position = int(state["epoch"]), int(state["position"])


class PatchMap(_Of, Dataset[Any]):
    """The same by index, for samplers of one's own: index k is the k-th patch of the epoch."""

    def __getitem__(self, index: int) -> Any:
        refuse_forked_worker()
        if not 0 <= index < len(self.order):
            raise IndexError(index)
        return self.patches.one(self.epoch, int(self.order.mine(self.epoch)[index]))

    def __len__(self) -> int:
        return len(self.order)


def refuse_forked_worker() -> None:
    """Raise in a forked process, where reading might never return.

    Raises
    ------
    StoreError
        The process was forked after a stream had been made.
    """
    try:
        refuse_fork()
    except StoreError as error:
        raise StoreError(
            "A worker of the DataLoader was forked, and cannot read the patients' data",
            expected="threads, or workers by spawn or forkserver",
            do="use graphs.loader(dataset, batch_size), or give the DataLoader "
            "multiprocessing_context='spawn'; a forked worker would hang",
        ) from error


def _digest(patches: Patches, order: Order) -> str:
    said = [
        [volume.place.name for volume in patches.volumes],
        [volume.patient for volume in patches.volumes],
        repr(patches.sampling), patches.modalities, patches.masks, repr(order),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
