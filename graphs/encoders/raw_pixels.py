"""RawPixels: a picture's own pixels, what every encoder has to be better than."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphs.encoders.encoder import Encoder


class RawPixels(Encoder):
    """Means over a grid of the picture, channels averaged; nothing is learnt.

    Parameters
    ----------
    side : int
        Of the grid: vectors have side x side numbers.
    """

    TAKES: ClassVar[str] = "picture"
    name = "raw pixels"
    trained_on: frozenset[str] | None = frozenset()

    def __init__(self, side: int = 16) -> None:
        self._side = side
        self.dim = side * side
        self.settings: dict[str, Any] = {"side": side}
        self.sha256 = hashlib.sha256(f"{self.name} {side}".encode()).hexdigest()

    def encode(self, batch: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Encode pictures; see `Encoder.encode`."""
        found = np.zeros((len(batch), self.dim), np.float32)
        for k, picture in enumerate(batch):
            grey = np.asarray(picture, np.float32).mean(0)
            found[k] = _means(_means(grey, self._side, 0), self._side, 1).ravel()
        return found


def _means(values: NDArray[np.float32], count: int, axis: int) -> NDArray[np.float32]:
    """Means of equal stretches along an axis; of fewer pixels than stretches the nearest."""
    n = values.shape[axis]
    if n < count:
        return np.asarray(values.take((np.arange(count) * n) // count, axis), np.float32)
    edges = (np.arange(count) * n) // count
    width = np.diff([*edges.tolist(), n]).reshape([-1 if k == axis else 1 for k in (0, 1)])
    return np.asarray(np.add.reduceat(values, edges, axis) / width, np.float32)
