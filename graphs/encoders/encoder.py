"""Encoder: what turns texts, pictures, volumes or signals into vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

#: What an encoder can be given.
TAKES = ("text", "picture", "volume", "signal")


class Encoder(ABC):
    """A way to vectors that is the same whenever its `sha256` and `settings` are.

    Attributes
    ----------
    TAKES : str
        'text': str; 'picture': ndarray (3, y, x) float32 of 0 to 1; 'volume': what the encoder's
        own ``prepared(image)`` gives; 'signal': xarray.DataArray (channel, time).
    name, version : str
        The version is raised whenever the same input may give another vector.
    sha256 : str
        Of the weights, or of what stands for them.
    dim : int
        Length of a vector.
    settings : dict
        JSON-able: what else the vectors depend on.
    trained_on : frozenset of str or None
        Keys of the patients that it was fitted on; None where it came trained from elsewhere, so
        that nobody here knows; empty where nothing was learnt.
    """

    TAKES: ClassVar[str]
    name: str
    version: str = "1"
    sha256: str
    dim: int
    settings: dict[str, Any]
    trained_on: frozenset[str] | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the vector's entries."""
        return tuple(f"{self.name} {k}" for k in range(self.dim))

    @property
    def said(self) -> str:
        """Who made the vectors, for people: name, version and the beginning of the hash."""
        return f"{self.name} {self.version} {self.sha256[:16]}"

    @abstractmethod
    def encode(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        """Encode some inputs; a vector does not depend on what else is in the batch.

        Parameters
        ----------
        batch : sequence
            As `TAKES` says.

        Returns
        -------
        ndarray of float32, (input, dim)
        """

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.said}: {self.dim} numbers of a {self.TAKES}>"
