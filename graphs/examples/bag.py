"""Bag: several vectors a patient of one modality: sentences, slices, lesions, tiles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from graphs.errors import ExamplesError
from graphs.examples.block import Block


@dataclass(frozen=True, eq=False)
class Bag:
    """Vectors of instances, sorted by patient.

    Attributes
    ----------
    modality : str
    keys : tuple of str
        Patients.
    values : ndarray of float32, (instance, feature)
        NaN where a feature of an instance is not known.
    owner : ndarray of int64, (instance,)
        Position of each instance's patient in `keys`; ascending.
    names : tuple of str
        Features.
    addresses : tuple of str, (instance,)
        Of the sentence, slice or lesion; '' where there is none.
    state : ndarray of str, (patient,)
        As of `Block`; 'present' where the patient has an instance.
    producer : str
    predicted : bool
    """

    modality: str
    keys: tuple[str, ...]
    values: NDArray[np.float32]
    owner: NDArray[np.int64]
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    state: NDArray[np.str_]
    producer: str = ""
    predicted: bool = False
    offsets: NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.owner), len(self.names)):
            raise ExamplesError(
                f"Values of shape {self.values.shape}",
                expected=f"({len(self.owner)}, {len(self.names)})", where=self.modality,
            )  # fmt: skip
        if len(self.addresses) != len(self.owner) or (np.diff(self.owner) < 0).any():
            raise ExamplesError(
                "Instances without an address, or not in the order of the patients",
                where=self.modality,
            )
        count = np.bincount(self.owner, minlength=len(self.keys))
        if ((count > 0) != (self.state == "present")).any():
            raise ExamplesError("A state that does not fit the instances", where=self.modality)
        object.__setattr__(self, "offsets", np.concatenate([[0], count.cumsum()]).astype(np.int64))

    @property
    def present(self) -> NDArray[np.bool_]:
        """Who has an instance, (patient,)."""
        found: NDArray[np.bool_] = self.state == "present"
        return found

    def __len__(self) -> int:
        return len(self.keys)

    def of(self, patient: int) -> slice:
        """Where the instances of a patient, by position, are."""
        return slice(int(self.offsets[patient]), int(self.offsets[patient + 1]))

    def take(self, rows: ArrayLike) -> Bag:
        """Some patients, by position or by a mask, in that order."""
        chosen = np.asarray(rows)
        if chosen.dtype == bool:
            chosen = np.flatnonzero(chosen)
        count = self.offsets[chosen + 1] - self.offsets[chosen]
        owner = np.repeat(np.arange(len(chosen)), count)
        first = np.repeat(self.offsets[chosen] - np.concatenate([[0], count.cumsum()[:-1]]), count)
        where = (np.arange(len(owner)) + first).astype(np.int64)
        return replace(
            self, keys=tuple(self.keys[k] for k in chosen.tolist()), values=self.values[where],
            owner=owner.astype(np.int64), state=self.state[chosen],
            addresses=tuple(self.addresses[k] for k in where.tolist()),
        )  # fmt: skip

    def hide(self, mask: ArrayLike, state: str = "withheld") -> Bag:
        """The same with no instance of some patients."""
        hidden = np.asarray(mask, bool) & self.present
        kept = ~hidden[self.owner]
        return replace(
            self, values=self.values[kept], owner=self.owner[kept],
            addresses=tuple(np.array(self.addresses, object)[kept]),
            state=np.where(hidden, state, self.state).astype(str),
        )  # fmt: skip

    def pooled(self) -> Block:
        """The mean of each patient's instances, for models that take one vector.

        Instances that lack a feature (NaN) do not count in its mean.
        """
        told = np.isfinite(self.values)
        totals = np.zeros((len(self.keys), len(self.names)))
        np.add.at(totals, self.owner, np.where(told, self.values, 0))
        known = np.zeros(totals.shape)
        np.add.at(known, self.owner, told)
        means = totals / np.where(known > 0, known, np.nan)
        count = np.diff(self.offsets)
        first = {
            key: self.addresses[self.offsets[k]] if count[k] == 1 else ""
            for k, key in enumerate(self.keys) if count[k]
        }  # fmt: skip
        frame = pd.DataFrame(means.astype(np.float32), index=list(self.keys),
                             columns=list(self.names))  # fmt: skip
        return Block(
            self.modality, frame, self.state, lambda key, _: first.get(key, ""),
            producer=self.producer, predicted=self.predicted,
        )  # fmt: skip
