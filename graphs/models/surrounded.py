"""Surrounded: patients with what lies around them in a graph, as batches."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from graphs.hetero.neighbour_sampler import NeighbourSampler
from graphs.models.hetero_net import HeteroBatch, Layout


@dataclass(eq=False)
class Surrounded:
    """Patients of whom batches can be had, with their surroundings.

    Attributes
    ----------
    sampler : NeighbourSampler
    layout : Layout
    rows : ndarray of int64, (patient,)
        Their nodes.
    vectors : list of Tensor, (patient, column)
    present : Tensor of bool, (patient, modality)
    outcome : dict of str to Tensor
    seed : int
        Of draws among neighbours.
    """

    sampler: NeighbourSampler
    layout: Layout
    rows: NDArray[np.int64]
    vectors: list[Tensor]
    present: Tensor
    outcome: dict[str, Tensor]
    seed: int = 0
    _last: tuple[bytes, HeteroBatch] | None = field(default=None, init=False)

    def batch(self, rows: Any) -> HeteroBatch:
        """Some patients, by position; in ascending order, whatever the order asked for.

        Draws depend on who is in the batch alone, so that they are the same again.
        """
        at = np.sort(np.asarray(rows, np.int64))
        name = at.tobytes()
        # a cohort that is one batch is drawn once
        if self._last is None or self._last[0] != name:
            self._last = name, self._drawn(at)
        return self._last[1]

    def _drawn(self, at: NDArray[np.int64]) -> HeteroBatch:
        rng = np.random.default_rng([self.seed, zlib.crc32(at.tobytes())])
        made = self.sampler.sample("patient", self.rows[at], rng)
        chosen = torch.as_tensor(at)
        numbers, known, codes = {}, {}, {}
        for name, width in self.layout.widths.items():
            store = made[name] if name in made.node_types else {}
            count = _count(store)
            x = store["x"].float() if "x" in store else torch.zeros(count, width)
            mask = store["x_mask"] if "x_mask" in store else x.isfinite() & ("x" in store)
            known[name] = mask.bool().expand(-1, width)
            numbers[name] = torch.where(known[name], x, 0)
            codes[name] = store["category"] if "category" in store else torch.zeros(
                count, len(self.layout.sizes[name]), dtype=torch.int64
            )  # fmt: skip
        edges = {
            edge: made[edge].edge_index for edge in self.layout.edges if edge in made.edge_types
        }
        return HeteroBatch(
            numbers, known, codes, edges, torch.arange(len(at)),
            [one[chosen] for one in self.vectors], self.present[chosen],
            {k: one[chosen] for k, one in self.outcome.items()},
        )  # fmt: skip


def _count(store: Any) -> int:
    return int(store.num_nodes) if len(store) else 0
