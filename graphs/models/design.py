"""Design: the columns of linear models, learnt of the training patients alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from graphs.examples.examples import Examples
from graphs.models.scaler import Scaler

Floats = NDArray[np.float64]


@dataclass
class Design:
    """Scaled columns of every modality; wide ones are reduced to principal components.

    A column is 0 at the mean of the training patients who have the modality, so that a patient
    who lacks it adds nothing by it. Where some training patients lack a modality, and others do
    not, a column says who does.

    Attributes
    ----------
    wide : int
        A modality of more features than this is reduced.
    components : int
        Principal components to which it is; each is divided by its standard deviation.
    scalers : dict of str to Scaler
    centres : dict of str to ndarray, (column,)
        Means after scaling.
    axes : dict of str to ndarray, (component, column)
        Of wide modalities: components, over their standard deviations.
    lacking : list of str
        Modalities with a column of who lacks them.
    """

    wide: int = 128
    components: int = 50
    scalers: dict[str, Scaler] = field(default_factory=dict)
    centres: dict[str, Floats] = field(default_factory=dict)
    axes: dict[str, Floats] = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)

    def fit(self, train: Examples, seed: int = 0) -> Self:
        """Learn scaling and components."""
        for name in train.modalities:
            block = train.vectors(name)
            present = block.present
            if not present.any():
                continue
            scaler = self.scalers[name] = Scaler().fit(block)
            numbers = scaler.transform(block)[present].astype(np.float64)
            self.centres[name] = numbers.mean(axis=0)
            if self.reduces(train, name):
                self.axes[name] = _axes(numbers - self.centres[name], self.components, seed)
            if not present.all():
                self.lacking.append(name)
        return self

    def reduces(self, examples: Examples, name: str) -> bool:
        """Whether a modality is wide."""
        return len(examples.blocks[name].names) > self.wide

    def grid(self, examples: Examples, narrow: Any, wide: Any) -> list[tuple[float, float]]:
        """Pairs of penalties to choose among; of what there is not, the first alone.

        Parameters
        ----------
        examples : Examples
        narrow, wide : float or sequence of float
        """
        chosen = [
            [float(one) for one in (value if isinstance(value, list | tuple) else [value])]
            for value in (narrow, wide)
        ]
        reduced = [self.reduces(examples, name) for name in examples.modalities]
        if all(reduced):
            chosen[0] = chosen[0][:1]
        if not any(reduced):
            chosen[1] = chosen[1][:1]
        return list(product(*chosen))  # type: ignore[arg-type]

    def columns(self, examples: Examples) -> dict[str, Floats]:
        """Scaled and centred numbers of each modality, (patient, column)."""
        made = {}
        for name, scaler in self.scalers.items():
            block = examples.vectors(name)
            numbers = scaler.transform(block).astype(np.float64) - self.centres[name]
            numbers[~block.present] = 0
            made[name] = numbers
        return made

    def matrix(self, examples: Examples) -> Floats:
        """What is regressed on, (patient, term): columns or components, then who lacks what."""
        parts = [
            numbers @ self.axes[name].T if name in self.axes else numbers
            for name, numbers in self.columns(examples).items()
        ]
        return np.concatenate([*parts, self._lack(examples)], axis=1)

    def _lack(self, examples: Examples) -> Floats:
        lacks = [~examples.blocks[name].present for name in self.lacking]
        return np.array(lacks, np.float64).reshape(len(lacks), len(examples)).T

    def penalties(self, narrow: float, wide: float) -> Floats:
        """The penalty of each term, (term,): of components, and of all others."""
        sizes = [
            np.full(len(self.axes[name]), wide) if name in self.axes
            else np.full(len(self.centres[name]), narrow)
            for name in self.scalers
        ]  # fmt: skip
        return np.concatenate([*sizes, np.full(len(self.lacking), narrow)])

    def unfold(self, weights: Floats) -> tuple[dict[str, Floats], Floats]:
        """Weights of terms as those of columns, and of lacking a modality.

        Parameters
        ----------
        weights : ndarray, (output, term)

        Returns
        -------
        dict of str to ndarray, (output, column)
        ndarray, (output, lacking)
        """
        made, at = {}, 0
        for name in self.scalers:
            axes = self.axes.get(name)
            size = len(self.centres[name]) if axes is None else len(axes)
            own = weights[:, at : at + size]
            made[name] = own if axes is None else own @ axes
            at += size
        return made, weights[:, at:]

    def linear(self, examples: Examples, weights: dict[str, Floats], lacking: Floats) -> Floats:
        """Weighted sums, (patient, output), that depend on no other row even in the last bit."""
        made = np.zeros((len(examples), len(lacking)))
        lack = self._lack(examples)
        columns = self.columns(examples)
        for output in range(made.shape[1]):
            for name, numbers in columns.items():
                made[:, output] += (numbers * weights[name][output]).sum(axis=1)
            made[:, output] += (lack * lacking[output]).sum(axis=1)
        return made

    def shares(self, examples: Examples, weights: dict[str, Floats]) -> dict[str, Floats]:
        """What each feature adds, modality to (patient, feature).

        Parameters
        ----------
        examples : Examples
        weights : dict of str to ndarray, (1 or patient, column)
        """
        return {
            name: self.scalers[name].gather(numbers * weights[name])
            for name, numbers in self.columns(examples).items()
        }

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """JSON-able values, and arrays by name."""
        names = list(self.scalers)
        values = {
            "wide": self.wide, "components": self.components, "names": names,
            "scalers": [self.scalers[name].plain() for name in names], "lacking": self.lacking,
            "reduced": [name for name in names if name in self.axes],
        }  # fmt: skip
        # by number: names of modalities are anybody's
        arrays = {f"centre {k}": self.centres[name] for k, name in enumerate(names)}
        arrays |= {f"axes {k}": self.axes[n] for k, n in enumerate(names) if n in self.axes}
        return values, arrays

    @classmethod
    def of(cls, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Design:
        """What `state` gave."""
        made = cls(values["wide"], values["components"], lacking=list(values["lacking"]))
        for k, name in enumerate(values["names"]):
            made.scalers[name] = Scaler.of(values["scalers"][k])
            made.centres[name] = arrays[f"centre {k}"]
            if name in values["reduced"]:
                made.axes[name] = arrays[f"axes {k}"]
        return made


def _axes(numbers: Floats, components: int, seed: int) -> Floats:
    from sklearn.decomposition import PCA

    most = min(components, numbers.shape[0] - 1, numbers.shape[1])
    found = PCA(max(most, 1), random_state=seed).fit(numbers)
    spread = np.sqrt(found.explained_variance_)
    kept = spread > 1e-9 * max(spread[0], 1e-300)
    axes: Floats = found.components_[kept] / spread[kept, None]
    return axes
