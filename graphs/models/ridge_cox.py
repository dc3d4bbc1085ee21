"""RidgeCox: Cox's regression with a ridge, of all modalities side by side."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.models.answers import Answers
from graphs.models.baseline_hazard import BaselineHazard
from graphs.models.cox_weights import cox_weights
from graphs.models.inner_folds import inner_folds
from graphs.models.linear_base import RIDGE, LinearBase
from graphs.models.model import OnEpoch
from graphs.models.partial_likelihood import partial_likelihood

Floats = NDArray[np.float64]


class RidgeCox(LinearBase):
    """Proportional hazards, with penalties that differ between narrow and wide modalities.

    Wide modalities (genes, embeddings) come as principal components. The penalties are chosen by
    the cross-validated partial likelihood within the training patients (Verweij and van
    Houwelingen 1993, Stat Med 12, 2305). With competing risks each cause has a regression of its
    own, with patients of other causes censored, and their hazards give the cumulative incidence.

    A patient without a modality is answered for from the others, by the weights that they have
    beside it; `Stack` learns weights for each set of modalities.
    """

    NAME: ClassVar[str] = "ridge-cox"
    KINDS: ClassVar[tuple[str, ...]] = ("survival", "competing risks")
    SETTINGS: ClassVar[Mapping[str, Any]] = RIDGE
    baseline: BaselineHazard
    chosen: list[float]

    def fit(
        self, train: Examples, validation: Examples | None = None, *,
        on_epoch: OnEpoch | None = None, stop: Event | None = None,
    ) -> Self:  # fmt: skip
        """Learn; `validation` is not looked at."""
        self.check(train)
        target = train.outcome()
        self.chosen = self._choose(train)
        design = self._design().fit(train, self.seed)
        matrix, penalty = design.matrix(train), design.penalties(*self.chosen)
        causes = max(int(target.event.max()), len(target.classes), 1)
        if target.kind == "survival":
            causes = 1
        terms = np.stack(
            [
                cox_weights(matrix, target.time, target.event == cause + 1, penalty)
                for cause in range(causes)
            ]
        )
        self._learnt(design, terms, np.zeros(causes))
        self.intercept = -self.linear(train).mean(axis=0)
        event = np.minimum(target.event, causes)
        self.baseline = BaselineHazard.fit(target.time, event, self.linear(train))
        return self

    def _choose(self, train: Examples) -> list[float]:
        target = train.outcome()
        grid = self._design().grid(train, self.settings["narrow"], self.settings["wide"])
        if len(grid) == 1:
            return list(grid[0])
        score = np.zeros(len(grid))
        whole = Target.survival(target.time, target.event == 1)
        for learn, _ in inner_folds(whole, self.settings["folds"], self.seed):
            if whole.event[learn].sum() < 2:
                continue
            part = train.take(learn)
            design = self._design().fit(part, self.seed)
            matrix, every = design.matrix(part), design.matrix(train)
            own, terms = part.outcome(), None
            for k, pair in enumerate(grid):
                penalty = design.penalties(*pair)
                terms = cox_weights(matrix, own.time, own.event == 1, penalty, terms)
                risk = every @ terms
                event = whole.event > 0
                score[k] += partial_likelihood(risk, whole.time, event) - partial_likelihood(
                    risk[learn], whole.time[learn], event[learn]
                )
        return list(grid[int(score.argmax())])

    def predict(self, examples: Examples) -> Answers:
        """Risks and curves."""
        risk = self.linear(examples)
        alive = self.baseline.survival(risk)
        several = self.baseline.incidence(risk) if len(self.baseline.hazard) > 1 else None
        kind = "survival" if several is None else "competing risks"
        return Answers(kind, risk[:, 0], self.baseline.times, alive, several)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Design, weights and baseline."""
        values, arrays = super().state()
        arrays |= {"times": self.baseline.times, "hazard": self.baseline.hazard}
        return {**values, "chosen": self.chosen}, arrays

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Take what `state` gave."""
        super().restore(values, arrays)
        self.chosen = list(values["chosen"])
        self.baseline = BaselineHazard(arrays["times"], arrays["hazard"])
