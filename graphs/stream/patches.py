"""Patches: makes the patch of a number, alone or in a batch; goes to worker processes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.training.volume import TrainingVolume
from graphs.stream.sampling import Sampling, Spans
from graphs.stream.task_labels import TaskLabels

Sample = dict[str, Any]
Transform = Callable[[Sample], Any]


@dataclass
class Patches:
    """All patches of an epoch, by number.

    A patch depends on seed, epoch and its number alone: not on who makes it, nor when.

    Attributes
    ----------
    volumes : list of TrainingVolume
    sampling : Sampling
    modalities, masks : tuple of str
    labels : TaskLabels or None
    dtype : torch.dtype
        Of the images.
    transform : callable or None
    seed : int
    """

    volumes: list[TrainingVolume]
    sampling: Sampling
    modalities: tuple[str, ...]
    masks: tuple[str, ...] = ()
    labels: TaskLabels | None = None
    dtype: torch.dtype = torch.float32
    transform: Transform | None = None
    seed: int = 0
    _ends: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._ends = np.cumsum(self.sampling.counts(self.volumes)).tolist()

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @cached_property
    def _kind(self) -> np.dtype[Any]:
        return np.dtype(str(self.dtype).removeprefix("torch."))

    def one(self, epoch: int, number: int) -> Any:
        """A patch, transformed where there is a transform; the dims of images are (c, z, y, x)."""
        alone = self.plain(epoch, number)
        return alone if self.transform is None else self.transform(alone)

    def plain(self, epoch: int, number: int) -> Sample:
        """A patch as it was read."""
        return {name: value[0] for name, value in self._plain(epoch, [number]).items()}

    def batch(self, epoch: int, numbers: Sequence[int]) -> Any:
        """Patches as one batch; read in place where nothing is to be transformed."""
        if self.transform is None:
            return self._plain(epoch, numbers)
        from torch.utils.data import default_collate

        made: list[Any] = []
        for number in numbers:
            one = self.one(epoch, number)
            made += one if isinstance(one, list) else [one]  # MONAI's crops give several
        return default_collate(made)

    def locate(self, epoch: int, number: int) -> tuple[TrainingVolume, Spans, str]:
        """The volume of a patch, its box there, and what it was drawn for."""
        position = bisect_right(self._ends, number)
        first = self._ends[position - 1] if position else 0
        volume = self.volumes[position]
        rng = np.random.default_rng([self.seed, epoch, number])
        return volume, *self.sampling.draw(volume, position, number - first, rng)

    def _plain(self, epoch: int, numbers: Sequence[int]) -> Sample:
        count, patch = len(numbers), self.sampling.patch
        arrays = {name: np.empty((count, 1, *patch), self._kind) for name in self.modalities}
        masks = np.empty((count, len(self.masks), *patch), np.bool_)
        rows = [
            self._fill(epoch, number, {name: one[k, 0] for name, one in arrays.items()}, masks[k])
            for k, number in enumerate(numbers)
        ]
        out: Sample = {name: torch.from_numpy(one) for name, one in arrays.items()}
        if self.masks:
            out["masks"] = torch.from_numpy(masks)
        for name, value in rows[0].items():
            column = [row[name] for row in rows]
            plain = isinstance(value, str | dict)
            out[name] = column if plain else torch.from_numpy(np.asarray(column))
        return out

    def _fill(
        self, epoch: int, number: int, images: dict[str, NDArray[Any]], masks: NDArray[np.bool_]
    ) -> Sample:
        volume, box, why = self.locate(epoch, number)
        inside = tuple((max(a, 0), min(b, n)) for (a, b), n in zip(box, volume.shape, strict=True))
        part = tuple(
            slice(low - a, high - a) for (low, high), (a, _) in zip(inside, box, strict=True)
        )
        whole = inside == box
        state = {}
        for name, out in images.items():
            there = name in volume.about["images"]
            state[name] = "present" if there else volume.absent.get(name, "absent: no such image")
            if not there:
                out[...] = 0  # said by `present`
                continue
            shard = volume.image(name)
            if not whole:
                out[...] = shard.fill
            shard.read_into(out[part], inside)
        has = [
            self._mask(volume, name, masks[k], part, inside) for k, name in enumerate(self.masks)
        ]
        return self._said(volume, number, box, inside, why, state, has)

    def _mask(
        self, volume: TrainingVolume, name: str, out: NDArray[np.bool_], part: Any, inside: Any
    ) -> bool:
        """Fill a mask: of several segments of that name, what is in any of them."""
        found = volume.positions(name)
        out[...] = False
        for number, position in enumerate(found):
            shard = volume.mask(position)
            if not shard.stored:
                continue
            if number == 0:
                shard.read_into(out[part], inside)
            else:
                out[part] |= shard.read(inside)
        return bool(found)

    def _said(
        self, volume: TrainingVolume, number: int, box: Spans, inside: Any, why: str,
        state: dict[str, str], has: list[bool],
    ) -> Sample:  # fmt: skip
        affine = volume.affine
        start = np.array([a for a, _ in box][::-1], float)
        if volume.slice_origins is None:
            affine[:3, 3] += affine[:3, :3] @ start
        out: Sample = {
            "present": np.array([one == "present" for one in state.values()]),
            "state": state,
            "patient": volume.patient,
            "address": str(volume.source_address(volume.modalities[0], inside)),
            "box": np.array(box, np.int64),
            "spacing": np.array(volume.spacing_mm, np.float32),
            "affine": affine,
            "synthetic": volume.synthetic,
            "drawn_for": why,
            "number": number,
        }
        if self.masks:
            out["masks_present"] = np.array(has)
        if self.labels is not None:
            out |= self.labels.of(volume.patient)
        return out
