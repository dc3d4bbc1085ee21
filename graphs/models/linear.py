"""Linear: logistic, multinomial or ridge regression of all modalities side by side."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.models.answers import Answers
from graphs.models.attribution import Attribution
from graphs.models.inner_folds import inner_folds
from graphs.models.linear_base import RIDGE, LinearBase
from graphs.models.link import Link
from graphs.models.model import OnEpoch

Floats = NDArray[np.float64]
#: Log odds against the mean class of a class that no training patient has.
_NEVER = -30.0


class Linear(LinearBase):
    """Labels and values, with penalties that differ between narrow and wide modalities.

    Wide modalities come as principal components. The penalties are chosen by the log loss, or the
    squared error, of a cross-validation within the training patients.
    """

    NAME: ClassVar[str] = "linear"
    KINDS: ClassVar[tuple[str, ...]] = ("binary", "multi-class", "regression")
    SETTINGS: ClassVar[Mapping[str, Any]] = RIDGE
    kind: str
    chosen: list[float]

    def fit(
        self, train: Examples, validation: Examples | None = None, *,
        on_epoch: OnEpoch | None = None, stop: Event | None = None,
    ) -> Self:  # fmt: skip
        """Learn; `validation` is not looked at."""
        self.check(train)
        target = train.outcome()
        self.kind = target.kind
        self.chosen = self._choose(train)
        design = self._design().fit(train, self.seed)
        terms, intercept = _fit(
            design.matrix(train), target, design.penalties(*self.chosen), Link.outputs(target)
        )
        self._learnt(design, terms, intercept)
        return self

    def _choose(self, train: Examples) -> list[float]:
        target = train.outcome()
        grid = self._design().grid(train, self.settings["narrow"], self.settings["wide"])
        loss, link = np.zeros(len(grid)), Link(target.kind)
        for learn, rest in inner_folds(target, self.settings["folds"], self.seed):
            part, others = train.take(learn), train.take(rest)
            if len(np.unique(part.outcome().label)) < 2 or len(grid) == 1:
                continue
            design = self._design().fit(part, self.seed)
            matrix, unseen = design.matrix(part), design.matrix(others)
            for k, pair in enumerate(grid):
                terms, intercept = _fit(
                    matrix, part.outcome(), design.penalties(*pair), Link.outputs(target)
                )
                loss[k] += link.loss(unseen @ terms.T + intercept, others.outcome())
        return list(grid[int(loss.argmin())])

    def predict(self, examples: Examples) -> Answers:
        """Risks, and probabilities of labels."""
        return Link(self.kind).answers(self.linear(examples))

    def explain(self, examples: Examples) -> Attribution:
        """Weight times scaled value.

        Of several classes: how the expected place moves with each feature at the patient's own
        probabilities, times the feature; there is no base that they would sum to the risk with.
        """
        if self.kind != "multi-class":
            return super().explain(examples)
        slope = Link(self.kind).slope(self.linear(examples))
        own = {name: slope @ weight for name, weight in self.weights.items()}
        return Attribution(self.design.shares(examples, own), "gradient times input")

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Design and weights."""
        values, arrays = super().state()
        return {**values, "chosen": self.chosen, "kind": self.kind}, arrays

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Take what `state` gave."""
        super().restore(values, arrays)
        self.kind, self.chosen = str(values["kind"]), list(values["chosen"])


def _fit(matrix: Floats, target: Target, penalty: Floats, outputs: int) -> tuple[Floats, Floats]:
    """Weights, (output, term), and intercepts, (output,)."""
    from sklearn.linear_model import LogisticRegression, Ridge

    # a penalty a term is a common penalty of terms that are made smaller
    scale = 1 / np.sqrt(penalty)
    if target.kind == "regression":
        spread = max(float(target.label.std()), 1e-300)
        found = Ridge(alpha=1.0).fit(matrix * scale, target.label / spread)
        return (found.coef_ * scale * spread)[None], np.array([found.intercept_ * spread])
    label = target.label.astype(int)
    logistic = LogisticRegression(C=1.0, max_iter=1000, tol=1e-6).fit(matrix * scale, label)
    if target.kind == "binary":
        return logistic.coef_ * scale, np.asarray(logistic.intercept_, np.float64)
    terms, intercept = np.zeros((outputs, matrix.shape[1])), np.full(outputs, _NEVER)
    seen, weights, base = logistic.classes_, logistic.coef_, logistic.intercept_
    if len(seen) == 2:
        weights, base = np.concatenate([-weights, weights]) / 2, np.array([-base[0], base[0]]) / 2
    terms[seen], intercept[seen] = weights * scale, base
    return terms, intercept
