"""neighbour_loader: batches of seed patients with their surroundings."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphs.hetero.neighbour_sampler import FanOut, NeighbourSampler

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData


class Batches(Protocol):
    """What can be gone through again and again, and knows how many batches it has."""

    def __iter__(self) -> Iterator[HeteroData]: ...

    def __len__(self) -> int: ...


class NeighbourBatches:
    """Batches drawn by `NeighbourSampler`.

    The draws of a batch depend on the seed, on how often the batches were gone through before,
    and on the batch's number: not on who else has drawn.

    Parameters
    ----------
    sampler : NeighbourSampler
    seeds : ndarray of int64
    batch_size : int
    kind : str
    seed : int
    shuffle : bool
    """

    def __init__(
        self, sampler: NeighbourSampler, seeds: NDArray[np.int64], batch_size: int, kind: str,
        seed: int, shuffle: bool,
    ) -> None:  # fmt: skip
        self._sampler, self._seeds, self._kind = sampler, seeds, kind
        self.batch_size, self._seed, self._shuffle = batch_size, seed, shuffle
        self.epoch = 0

    def __len__(self) -> int:
        return -(-len(self._seeds) // self.batch_size)

    def __iter__(self) -> Iterator[HeteroData]:
        epoch, self.epoch = self.epoch, self.epoch + 1
        seeds = self._seeds
        if self._shuffle:
            seeds = np.random.default_rng([self._seed, epoch]).permutation(seeds)
        for number in range(len(self)):
            some = seeds[number * self.batch_size : (number + 1) * self.batch_size]
            rng = np.random.default_rng([self._seed, epoch, number])
            yield self._sampler.sample(self._kind, some, rng)


def neighbour_loader(
    data: HeteroData, fan_out: FanOut, batch_size: int, seeds: ArrayLike | None = None, *,
    seed: int = 0, shuffle: bool = False, kind: str = "patient", pyg: bool | None = None,
) -> Batches:  # fmt: skip
    """Batches of some nodes with what surrounds them.

    Parameters
    ----------
    data : HeteroData
    fan_out : sequence of int, or mapping of edge type to sequence of int
        Most edges of each type into a node, a hop after the other; -1 takes all.
    batch_size : int
    seeds : array_like of int or bool, optional
        Nodes of `kind`, or a mask of them; all by default.
    seed : int
        Of the draws. torch_geometric's loader draws from torch's own generator, which is set
        to it when the loader is made.
    shuffle : bool
        Whether the order of the seeds is dealt anew each time.
    kind : str
    pyg : bool, optional
        Whether torch_geometric's NeighborLoader is used; where pyg-lib is importable by default.

    Returns
    -------
    Batches
        Of HeteroData with ``n_id``, ``batch_size`` and ``input_id``; a node's own tensors and no
        addresses: ``n_id`` leads to them.
    """
    chosen = np.arange(int(data[kind].num_nodes)) if seeds is None else np.asarray(seeds)
    if chosen.dtype == bool:
        chosen = np.flatnonzero(chosen)
    chosen = chosen.astype(np.int64)
    if pyg if pyg is not None else find_spec("pyg_lib") is not None:
        return _pyg(data, fan_out, batch_size, chosen, seed, shuffle, kind)
    return NeighbourBatches(
        NeighbourSampler(data, fan_out), chosen, batch_size, kind, seed, shuffle
    )


def _pyg(
    data: HeteroData, fan_out: Any, batch_size: int, seeds: NDArray[np.int64], seed: int,
    shuffle: bool, kind: str,
) -> Batches:  # fmt: skip
    import torch
    from torch_geometric.loader import NeighborLoader

    torch.manual_seed(seed)

    made: Batches = NeighborLoader(
        data, num_neighbors=fan_out if isinstance(fan_out, dict) else list(fan_out),
        input_nodes=(kind, torch.from_numpy(seeds)), batch_size=batch_size, shuffle=shuffle,
        generator=torch.Generator().manual_seed(seed),
    )  # fmt: skip
    return made
