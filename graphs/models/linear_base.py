"""LinearBase: what models share that add up weighted columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.models.attribution import Attribution
from graphs.models.design import Design
from graphs.models.model import Model

Floats = NDArray[np.float64]
#: Settings of a model whose penalties differ between narrow and wide modalities.
RIDGE: Mapping[str, Any] = {
    "narrow": [1.0, 10.0, 100.0],
    "wide": [30.0, 100.0, 300.0, 1000.0],
    "components": 50,
    "wide_from": 129,
    "folds": 3,
}


class LinearBase(Model):
    """A weighted sum a patient, and its exact shares.

    A patient who lacks a modality adds nothing by it; where that was so of training patients too,
    what it means to lack it has been learnt, and shows in the risk but in no feature's share.

    Attributes
    ----------
    design : Design
    weights : dict of str to ndarray, (output, column)
    lacking : ndarray, (output, modality that some lacked)
    intercept : ndarray, (output,)
    """

    design: Design
    weights: dict[str, Floats]
    lacking: Floats
    intercept: Floats

    def _design(self) -> Design:
        return Design(self.settings["wide_from"] - 1, self.settings["components"])

    def _learnt(self, design: Design, terms: Floats, intercept: Floats) -> None:
        """Keep weights of terms, (output, term)."""
        self.design, self.intercept = design, intercept
        self.weights, self.lacking = design.unfold(terms)

    def fitted(self) -> None:
        """Whether there is anything to predict with.

        Raises
        ------
        ModelError
            Nothing has been learnt yet.
        """
        if not hasattr(self, "design"):
            raise ModelError(f"The model {self.NAME!r} has learnt nothing yet", do="fit it first")

    def linear(self, examples: Examples) -> Floats:
        """The sums, (patient, output).

        Raises
        ------
        ModelError
            Nothing has been learnt yet.
        """
        self.fitted()
        return self.design.linear(examples, self.weights, self.lacking) + self.intercept

    def shares(self, examples: Examples, output: int = 0) -> dict[str, Floats]:
        """What each feature adds to one of the sums, modality to (patient, feature)."""
        self.fitted()
        own = {name: weight[[output]] for name, weight in self.weights.items()}
        return self.design.shares(examples, own)

    def explain(self, examples: Examples) -> Attribution:
        """Weight times scaled value of each feature; `base` is the risk at the training mean.

        For a patient who lacks no modality, base and shares sum to the risk.
        """
        return Attribution(self.shares(examples), "linear", float(self.intercept[0]))

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Design and weights."""
        values, arrays = self.design.state()
        for k, name in enumerate(values["names"]):
            arrays[f"weights {k}"] = self.weights[name]
        arrays |= {"lacking": self.lacking, "intercept": self.intercept}
        return {"design": values}, arrays

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Take what `state` gave."""
        self.design = Design.of(values["design"], arrays)
        names = values["design"]["names"]
        self.weights = {name: arrays[f"weights {k}"] for k, name in enumerate(names)}
        self.lacking, self.intercept = arrays["lacking"], arrays["intercept"]
