"""Sampling: where in a volume a patch is taken from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from explorer.errors import OncographError
from explorer.training.volume import TrainingVolume

Spans = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
How = Literal["uniform", "labels", "boxes", "grid"]

HOWS = ("uniform", "labels", "boxes", "grid")


@dataclass(frozen=True)
class Sampling:
    """How patches are drawn.

    Attributes
    ----------
    how : {'uniform', 'labels', 'boxes', 'grid'}
        Anywhere; about a voxel of a segment, the segments of a volume taking equal turns (as
        nnU-Net oversamples its foreground); about a box that was found; a grid that covers all.
    patch : tuple of int
        ``(z, y, x)``.
    labels : tuple of str
        Beginnings of segments' names, of 'labels'.
    share : float
        Of the draws that go for a segment or a box; the others go anywhere.
    overlap : tuple of int
        Voxels that neighbours of a grid share.
    per_volume : int
        Draws from each volume in an epoch; a grid has as many as it takes.
    boxes : mapping of int to sequence of spans
        A volume's position to boxes on its grid, of 'boxes'.
    """

    how: How
    patch: tuple[int, int, int]
    labels: tuple[str, ...] = ()
    share: float = 1.0
    overlap: tuple[int, int, int] = (0, 0, 0)
    per_volume: int = 1
    boxes: Mapping[int, Sequence[Spans]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.how not in HOWS:
            raise OncographError(f"sampling={self.how!r}", expected=f"one of {HOWS}")
        if min(self.patch) < 1 or self.per_volume < 1 or not 0 <= self.share <= 1:
            raise OncographError(
                f"patch={self.patch}, per_volume={self.per_volume}, share={self.share}",
                expected="sizes of at least 1, and a share from 0 to 1",
            )
        steps = [p - o for p, o in zip(self.patch, self.overlap, strict=True)]
        if min(steps) < 1 or min(self.overlap) < 0:
            raise OncographError(
                f"overlap={self.overlap}", expected=f"from 0 to less than the patch {self.patch}"
            )

    def counts(self, volumes: Sequence[TrainingVolume]) -> NDArray[np.int64]:
        """Patches of each volume in an epoch."""
        if self.how != "grid":
            return np.full(len(volumes), self.per_volume, np.int64)
        found = [np.prod([len(one) for one in self._starts(v.shape)]) for v in volumes]
        return np.asarray(found, np.int64).reshape(len(volumes))

    def draw(
        self, volume: TrainingVolume, position: int, number: int, rng: np.random.Generator
    ) -> tuple[Spans, str]:
        """A patch's box on the volume's grid, and what it was drawn for.

        Parameters
        ----------
        volume : TrainingVolume
        position : int
            Of the volume.
        number : int
            Of the patch in the volume.
        rng : numpy.random.Generator
            Of this patch alone.

        Returns
        -------
        box : spans along z, y, x
            Of the patch's size; where the volume is smaller, it reaches over its edges.
        why : str
            'uniform', 'grid', 'box', or a segment's name.
        """
        if self.how == "grid":
            starts = list(product(*self._starts(volume.shape)))[number]
            return _spans(starts, self.patch), "grid"
        if self.how != "uniform" and rng.random() < self.share:
            found = self._about(volume, position, rng)
            if found is not None:
                return found
        drawn = [_within(p, n, rng) for p, n in zip(self.patch, volume.shape, strict=True)]
        return _spans(drawn, self.patch), "uniform"

    def _about(
        self, volume: TrainingVolume, position: int, rng: np.random.Generator
    ) -> tuple[Spans, str] | None:
        if self.how == "boxes":
            boxes = self.boxes.get(position, ())
            if not boxes:
                return None
            spans = boxes[int(rng.integers(len(boxes)))]
            middle, why = [int(rng.integers(a, max(a + 1, b))) for a, b in spans], "box"
        else:
            there = [
                (name, k)
                for name in self.labels or tuple(one["label"] for one in volume.masks)
                for k in volume.positions(name)
                if volume.masks[k]["drawn"]
            ]
            names = sorted({name for name, _ in there})
            if not names:
                return None
            why = names[int(rng.integers(len(names)))]
            masks = [k for name, k in there if name == why]
            points = volume.foreground(masks[int(rng.integers(len(masks)))])
            middle = points[int(rng.integers(len(points)))].tolist()
        starts = [
            min(max(m - p // 2, 0), n - p) if n >= p else -((p - n) // 2)
            for m, p, n in zip(middle, self.patch, volume.shape, strict=True)
        ]
        return _spans(starts, self.patch), why

    def _starts(self, shape: tuple[int, int, int]) -> list[list[int]]:
        """Starts of a grid along each axis; the last patch ends at the edge."""
        found = []
        for n, p, o in zip(shape, self.patch, self.overlap, strict=True):
            if n <= p:
                found.append([-((p - n) // 2)])
                continue
            starts = list(range(0, n - p, p - o))
            found.append([*starts, n - p])
        return found


def _within(p: int, n: int, rng: np.random.Generator) -> int:
    return int(rng.integers(0, n - p + 1)) if n >= p else -((p - n) // 2)


def _spans(starts: Sequence[int], patch: Sequence[int]) -> Spans:
    z, y, x = ((int(a), int(a) + p) for a, p in zip(starts, patch, strict=True))
    return z, y, x
