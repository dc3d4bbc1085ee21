"""Scaler: turns a block into numbers, with what it learnt of the training patients alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graphs.errors import ModelError
from graphs.examples.block import Block

Floats = NDArray[np.float32]


@dataclass
class Scaler:
    """Standardises numbers, spreads categories over columns, and marks what is missing.

    A missing number becomes the training mean (0 after scaling) with a column that says so, if
    any was missing in training. A category that training has not seen is 'another', as are those
    that fewer than `least` training patients have. Rows of patients without the modality are 0.

    Attributes
    ----------
    clip : float
        Most standard deviations from the mean.
    least : int
    columns : list of str
        Names of what comes out: a feature's own, ``feature = level``, ``feature missing``.
    source : ndarray of int64, (column,)
        Position of the feature that each column comes from.
    """

    clip: float = 5.0
    least: int = 5
    names: list[str] = field(default_factory=list)
    levels: dict[str, list[str]] = field(default_factory=dict)
    means: dict[str, float] = field(default_factory=dict)
    spreads: dict[str, float] = field(default_factory=dict)
    marked: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    source: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def fit(self, block: Block) -> Self:
        """Learn from training patients; those without the modality do not count."""
        frame = block.frame[block.present]
        self.names = list(map(str, frame.columns))
        self.levels, self.means, self.spreads, self.marked = {}, {}, {}, []
        numeric = [n for n in frame.columns if not _category(frame[n])]
        values = frame[numeric].to_numpy(np.float64) if numeric else np.zeros((len(frame), 0))
        with np.errstate(invalid="ignore", divide="ignore"):
            count = np.isfinite(values).sum(axis=0)
            total = np.where(np.isfinite(values), values, 0)
            mean = np.where(count > 0, total.sum(axis=0) / np.maximum(count, 1), 0)
            off = np.where(np.isfinite(values), values - mean, 0)
            spread = np.sqrt((off**2).sum(axis=0) / np.maximum(count, 1))
        for k, name in enumerate(numeric):
            self.means[name] = float(mean[k])
            # what does not vary in training says nothing
            self.spreads[name] = float(spread[k]) if spread[k] > 1e-12 else float("inf")
            if 0 < count[k] < len(frame):
                self.marked.append(name)
        for name in frame.columns:
            if _category(frame[name]):
                counts = frame[name].astype(object).value_counts()
                kept = [str(one) for one, n in counts.items() if n >= self.least]
                self.levels[name] = sorted(kept)
        self._lay_out()
        return self

    def _lay_out(self) -> None:
        self.columns, source = [], []
        for k, name in enumerate(self.names):
            if name in self.levels:
                own = [f"{name} = {level}" for level in self.levels[name]]
            else:
                own = [name, f"{name} missing"] if name in self.marked else [name]
            self.columns += own
            source += [k] * len(own)
        self.source = np.array(source, np.int64)

    def transform(self, block: Block) -> Floats:
        """Numbers of any patients.

        Returns
        -------
        ndarray of float32, (patient, column)

        Raises
        ------
        ModelError
            The block lacks a feature.
        """
        missing = [name for name in self.names if name not in block.frame.columns]
        if missing:
            raise ModelError(
                f"{len(missing)} features are not there, such as {missing[:3]}",
                expected="the features that the model was fitted on", where=block.modality,
            )  # fmt: skip
        made = np.zeros((len(block), len(self.columns)), np.float32)
        at = {name: int(np.searchsorted(self.source, k)) for k, name in enumerate(self.names)}
        numeric = [name for name in self.names if name not in self.levels]
        if numeric:
            values = block.frame[numeric].to_numpy(np.float64)
            mean = np.array([self.means[name] for name in numeric])
            spread = np.array([self.spreads[name] for name in numeric])
            scaled = np.clip((values - mean) / spread, -self.clip, self.clip)
            made[:, [at[name] for name in numeric]] = np.nan_to_num(scaled, nan=0.0)
            place = {name: k for k, name in enumerate(numeric)}
            for name in self.marked:
                made[:, at[name] + 1] = np.isnan(values[:, place[name]])
        for name, levels in self.levels.items():
            said = block.frame[name].astype(object).map(lambda one: str(one), na_action="ignore")
            for k, level in enumerate(levels):
                made[:, at[name] + k] = (said == level).to_numpy(bool)
        made[~block.present] = 0
        return made

    def gather(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum weights of columns, (patient, column), over the features that they come from."""
        made = np.zeros((weights.shape[0], len(self.names)))
        for column, feature in enumerate(self.source.tolist()):
            made[:, feature] += weights[:, column]
        return made

    def plain(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        spreads = {name: None if np.isinf(one) else one for name, one in self.spreads.items()}
        return {"clip": self.clip, "least": self.least, "names": self.names, "levels": self.levels,
                "means": self.means, "spreads": spreads, "marked": self.marked}  # fmt: skip

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Scaler:
        """What `plain` gave."""
        made = cls(**{**plain, "spreads": {
            name: float("inf") if one is None else one for name, one in plain["spreads"].items()
        }})  # fmt: skip
        made._lay_out()
        return made


def _category(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype)
