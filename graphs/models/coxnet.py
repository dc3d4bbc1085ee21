"""Coxnet: Cox's regression with an elastic net, of all modalities side by side."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.models.answers import Answers
from graphs.models.baseline_hazard import BaselineHazard
from graphs.models.design import Design
from graphs.models.inner_folds import inner_folds
from graphs.models.linear_base import LinearBase
from graphs.models.model import OnEpoch
from graphs.models.partial_likelihood import partial_likelihood

Floats = NDArray[np.float64]


class Coxnet(LinearBase):
    """Proportional hazards with few genes, or many small ones.

    The path of penalties is laid out on the training patients, and the place on it chosen by the
    cross-validated partial likelihood among them. Simon, Friedman, Hastie and Tibshirani (2011),
    J Stat Softw 39(5); the path is scikit-survival's.
    """

    NAME: ClassVar[str] = "coxnet"
    KINDS: ClassVar[tuple[str, ...]] = ("survival",)
    SETTINGS: ClassVar[Mapping[str, Any]] = {
        "l1_ratio": 0.1,
        "steps": 12,
        "least": 0.1,
        "narrow_factor": 0.2,
        "wide_from": 129,
        "folds": 3,
    }
    baseline: BaselineHazard
    chosen: float

    def fit(
        self, train: Examples, validation: Examples | None = None, *,
        on_epoch: OnEpoch | None = None, stop: Event | None = None,
    ) -> Self:  # fmt: skip
        """Learn; `validation` is not looked at.

        Raises
        ------
        ModelError
            No path can be computed, besides what `Model.fit` says.
        """
        self.check(train)
        target = train.outcome()
        design = self._design().fit(train, self.seed)
        matrix = design.matrix(train)
        path, terms = self._path(matrix, train, design, None)
        score = np.zeros(len(path))
        happened = target.event > 0
        for learn, _ in inner_folds(target, self.settings["folds"], self.seed):
            if target.event[learn].sum() < 2 or (stop is not None and stop.is_set()):
                continue
            part = train.take(learn)
            own = self._design().fit(part, self.seed)
            _, weights = self._path(own.matrix(part), part, own, path)
            risks = own.matrix(train) @ weights.T
            for k in range(len(path)):
                risk = risks[:, k] if k < risks.shape[1] else risks[:, -1]
                score[k] += partial_likelihood(risk, target.time, happened) - partial_likelihood(
                    risk[learn], target.time[learn], happened[learn]
                )
        best = int(score.argmax())
        self.chosen = float(path[best])
        self._learnt(design, terms[[best]], np.zeros(1))
        self.intercept = -self.linear(train).mean(axis=0)
        self.baseline = BaselineHazard.fit(target.time, target.event, self.linear(train))
        return self

    def _design(self) -> Design:
        return Design(wide=1 << 40)

    def _path(
        self, matrix: Floats, train: Examples, design: Design, alphas: Floats | None
    ) -> tuple[Floats, Floats]:
        """Penalties, (step,), and weights, (step, term)."""
        from sksurv.linear_model import CoxnetSurvivalAnalysis
        from sksurv.util import Surv

        target = train.outcome()
        narrow = [
            np.full(len(design.centres[name]), len(scaler.names) < self.settings["wide_from"])
            for name, scaler in design.scalers.items()
        ]
        small = np.concatenate([*narrow, np.ones(len(design.lacking), bool)])
        # where all are narrow the factor cancels out
        factor = np.where(small, self.settings["narrow_factor"], 1.0)
        moving = matrix.std(axis=0) > 0
        if not moving.any():
            raise ModelError("No feature differs between the training patients")
        model = CoxnetSurvivalAnalysis(
            l1_ratio=self.settings["l1_ratio"], n_alphas=self.settings["steps"],
            alpha_min_ratio=self.settings["least"], alphas=alphas, max_iter=2000, tol=1e-5,
            penalty_factor=factor[moving],
        )  # fmt: skip
        try:
            model.fit(
                np.ascontiguousarray(matrix[:, moving]),
                Surv.from_arrays(target.event > 0, target.time),
            )
        except ArithmeticError as error:
            raise ModelError(f"The path of penalties cannot be computed: {error}") from error
        weights = np.zeros((model.coef_.shape[1], matrix.shape[1]))
        weights[:, moving] = model.coef_.T
        return np.asarray(model.alphas_, np.float64), weights

    def predict(self, examples: Examples) -> Answers:
        """Risks and curves."""
        risk = self.linear(examples)
        return Answers(
            "survival", risk[:, 0], self.baseline.times, self.baseline.survival(risk)
        )  # fmt: skip

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Design, weights and baseline."""
        values, arrays = super().state()
        arrays |= {"times": self.baseline.times, "hazard": self.baseline.hazard}
        return {**values, "chosen": self.chosen}, arrays

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Take what `state` gave."""
        super().restore(values, arrays)
        self.chosen = float(values["chosen"])
        self.baseline = BaselineHazard(arrays["times"], arrays["hazard"])
