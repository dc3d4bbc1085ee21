"""nearest: vectors that lie nearest to another, of other patients: neighbours as evidence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.shown_list import ShownList
from graphs.errors import ExamplesError

if TYPE_CHECKING:
    from graphs.examples.bag import Bag

# So many directions are looked at of all vectors, all of them of the few that may still win.
_DIRECTIONS = 96
_LOOKED_AT = 64
_SAMPLE = 4096


@dataclass(frozen=True)
class Neighbour:
    """A vector that was found.

    Attributes
    ----------
    patient : str
        Key.
    address : str
        Of the slice, image, sentence or recording.
    cosine : float
        -1 to 1.
    """

    patient: str
    address: str
    cosine: float


class VectorIndex:
    """Finds the exact nearest vectors by the cosine.

    Most of a vector's length lies in few directions. What lies outside of them can add at most
    the product of the two rests (Cauchy and Schwarz), so that most vectors are ruled out without
    their other numbers being read; the answer is that of looking at all.

    Parameters
    ----------
    bag : Bag
        Vectors of patients, with addresses. Not finite ones, and zeros, are never found.

    Raises
    ------
    ExamplesError
        It has no vector.
    """

    def __init__(self, bag: Bag) -> None:
        values = np.asarray(bag.values, np.float32)
        length = np.linalg.norm(values, axis=1)
        self._rows = np.flatnonzero(np.isfinite(length) & (length > 0))
        if not len(self._rows):
            raise ExamplesError("No vectors to look in", where=bag.modality)
        self._bag, self._place = bag, {one: k for k, one in enumerate(bag.addresses) if one}
        self._unit = values[self._rows] / length[self._rows, None]
        self._owner = bag.owner[self._rows]
        self._keys = {key: k for k, key in enumerate(bag.keys)}
        self._rotate()

    def __len__(self) -> int:
        return len(self._rows)

    def _rotate(self) -> None:
        """Turn the vectors so that the directions with most of their length come first."""
        count, dim = self._unit.shape
        some = self._unit[:: max(count // _SAMPLE, 1)].astype(np.float64)
        _, axes = np.linalg.eigh(some.T @ some)
        self._axes = np.ascontiguousarray(axes[:, ::-1], np.float32)
        self._few = min(_DIRECTIONS, dim)
        self._head = np.ascontiguousarray(self._unit @ self._axes[:, : self._few])
        self._rest = np.sqrt(np.maximum(1 - (self._head**2).sum(axis=1), 0)).astype(np.float32)

    def find(
        self, vector: ArrayLike, patient: str | None = None, most: int = 10,
        without: Collection[str] = (),
    ) -> ShownList[Neighbour]:  # fmt: skip
        """The nearest vectors.

        Parameters
        ----------
        vector : array_like, (dim,)
        patient : str or None
            Whose it is, by key: none of his own is ever found.
        most : int
        without : collection of str
            Keys of others who are not to be found: those of a test part.

        Returns
        -------
        ShownList of Neighbour
            The nearest first; equal ones in the order of the bag.

        Raises
        ------
        ExamplesError
            It is of another length, not finite, or all zeros.
        """
        asked = np.asarray(vector, np.float32).ravel()
        size = float(np.linalg.norm(asked))
        if asked.shape != self._unit.shape[1:] or not np.isfinite(size) or size == 0:
            raise ExamplesError(
                f"A vector of {asked.size} numbers, length {size:g}",
                expected=f"{self._unit.shape[1]} numbers, not all zero",
            )
        asked = asked / np.float32(size)
        turned = asked @ self._axes
        head = turned[: self._few]
        score = self._head @ head
        slack = self._rest * np.float32(np.linalg.norm(turned[self._few :])) + np.float32(1e-5)
        out = {self._keys[key] for key in (patient, *without) if key in self._keys}
        if out:
            score[np.isin(self._owner, list(out))] = -np.inf
        found = self._best(asked, score, slack, most)
        return ShownList(
            [Neighbour(self._bag.keys[self._owner[k]], self._bag.addresses[self._rows[k]], cosine)
             for k, cosine in found],
            ("Patient", "Where", "Cosine"),
            lambda one: (one.patient, one.address, f"{one.cosine:.3f}"), "neighbours",
        )  # fmt: skip

    def _best(
        self, asked: NDArray[np.float32], score: NDArray[np.float32],
        slack: NDArray[np.float32], most: int,
    ) -> list[tuple[int, float]]:  # fmt: skip
        kept = int(np.isfinite(score).sum())  # those who may not be found are -inf
        most = min(most, kept)
        if most < 1:
            return []
        # the best by the first directions are looked at whole: who cannot reach them is out
        few = min(most + _LOOKED_AT, kept)
        first = np.argpartition(-score, few - 1)[:few]
        floor = np.partition(self._unit[first] @ asked, few - most)[few - most]
        may = np.flatnonzero(score + slack >= floor)
        if len(may) > len(score) // 8:  # gathering so many costs more than reading all in order
            exact = self._unit @ asked
            exact[~np.isfinite(score)] = -np.inf
            may = np.argpartition(-exact, most - 1)[:most] if most < len(exact) else may
            may = np.sort(np.flatnonzero(exact >= exact[may].min()))
            exact = exact[may]
        else:
            exact = self._unit[may] @ asked
        order = np.argsort(-exact, kind="stable")[:most]
        return [(int(may[k]), float(exact[k])) for k in order]

    def like(
        self, address: str, most: int = 10, without: Collection[str] = ()
    ) -> ShownList[Neighbour]:
        """What lies nearest to one of the index's own, of other patients.

        Parameters
        ----------
        address : str
            As in the bag.
        most : int
        without : collection of str

        Raises
        ------
        ExamplesError
            There is no such address.
        """
        if address not in self._place:
            raise ExamplesError(f"No vector of {address}", where=self._bag.modality)
        at = self._place[address]
        whose = self._bag.keys[self._bag.owner[at]]
        return self.find(self._bag.values[at], whose, most, without)


def nearest(
    bag: Bag, vector: ArrayLike, patient: str | None = None, most: int = 10
) -> ShownList[Neighbour]:
    """Look once; for many questions make one `VectorIndex`.

    Parameters
    ----------
    bag : Bag
    vector : array_like, (dim,)
    patient : str or None
        Whose it is: none of his own is found.
    most : int
    """
    return VectorIndex(bag).find(vector, patient, most)
