"""Batch: patients as tensors, with masks of what each has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Batch:
    """Some patients.

    Attributes
    ----------
    vectors : dict of str to Tensor
        Modality to scaled numbers, (patient, column); 0 where the patient has nothing of it.
    bags : dict of str to Tensor
        Modality to scaled instances, (patient, instance, column), filled up with 0.
    masks : dict of str to Tensor of bool
        Of the bags: which instances are there, (patient, instance).
    present : Tensor of bool, (patient, modality)
        In the order of the model's modalities.
    outcome : dict of str to Tensor
        See `Objective.outcome`; empty where none is known.
    """

    vectors: dict[str, Tensor]
    bags: dict[str, Tensor]
    masks: dict[str, Tensor]
    present: Tensor
    outcome: dict[str, Tensor] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.present)

    def to(self, device: Any, non_blocking: bool = False) -> Batch:
        """The same on a device."""

        def moved(group: dict[str, Tensor]) -> dict[str, Tensor]:
            return {k: one.to(device, non_blocking=non_blocking) for k, one in group.items()}

        return Batch(
            moved(self.vectors), moved(self.bags), moved(self.masks),
            self.present.to(device, non_blocking=non_blocking), moved(self.outcome),
        )  # fmt: skip

    def with_numbers(self, numbers: dict[str, Tensor]) -> Batch:
        """The same with other numbers of vectors and bags, of a multiple of the patients.

        The masks are repeated as often: k times the patients, one after another.
        """
        some = next(iter(numbers.values()))
        times = len(some) // max(len(self), 1)
        return replace(
            self,
            vectors={name: numbers[name] for name in self.vectors},
            bags={name: numbers[name] for name in self.bags},
            masks={name: one.repeat(times, 1) for name, one in self.masks.items()},
            present=self.present.repeat(times, 1),
            outcome={},
        )

    @property
    def numbers(self) -> dict[str, Tensor]:
        """Vectors and bags by modality."""
        return {**self.vectors, **self.bags}


def pad(instances: Tensor, offsets: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Instances of some patients side by side.

    Parameters
    ----------
    instances : Tensor, (instance, column)
        Sorted by patient.
    offsets : Tensor of int, (patient + 1,)
    rows : Tensor of int, (row,)
        Patients.

    Returns
    -------
    Tensor, (row, most instances, column)
    Tensor of bool, (row, most instances)
        There is one place at least, so that nothing downstream is empty.
    """
    first = offsets[rows]
    count = offsets[rows + 1] - first
    places = torch.arange(max(int(count.max()) if len(rows) else 1, 1))
    mask = places < count[:, None]
    made = instances.new_zeros((*mask.shape, instances.shape[1]))
    made[mask] = instances[(first[:, None] + places)[mask]]
    return made, mask
