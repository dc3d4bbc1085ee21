"""Stack: a linear model a modality, and learnt weights of their risks: the bar for fusion."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.models.answers import Answers
from graphs.models.attribution import Attribution
from graphs.models.baseline_hazard import BaselineHazard
from graphs.models.coxnet import Coxnet
from graphs.models.inner_folds import inner_folds
from graphs.models.linear import Linear
from graphs.models.linear_base import LinearBase
from graphs.models.link import Link
from graphs.models.model import Model, OnEpoch
from graphs.models.ridge_cox import RidgeCox
from graphs.models.set_weights import SetWeights, learnable
from graphs.models.weigh_candidates import weigh_candidates

Floats = NDArray[np.float64]
BASES: Mapping[str, type[LinearBase]] = {one.NAME: one for one in (RidgeCox, Coxnet, Linear)}


class Stack(Model):
    """Late fusion with nothing fixed by hand.

    Each modality has base models that are fitted on the patients who have it. Within `fit`, folds
    of the training patients give every one of them risks of models that have not seen them; on
    those, standardised, weights of 0 or more are learnt with a ridge: for every set of modalities
    a weighting of its own, of all training patients who have at least these. So the answer for a
    patient with clinical data alone is the clinical model's own, calibrated, whatever the others
    have; and weights for a set that no training patient has come from those who have more.
    With times, a set of modalities that training patients have gets a shift, shrunk towards 0, by
    its events over those expected: what it means to lack something. Weights, penalties, scaling
    and survival curves come from the training patients alone.

    Settings
    --------
    narrow, wide : list of str or None
        Base models of modalities up to, and above, `wide_from` features; None is 'ridge-cox' (and
        'coxnet' of wide ones), or 'linear' of labels.
    choose : str
        'mean' of the base models of a modality, or the 'best' out of fold.
    folds : int
    penalty : float
        Ridge on the weights of standardised risks.
    bases : dict of str to dict
        Settings of base models, by their name.
    """

    NAME: ClassVar[str] = "stack"
    KINDS: ClassVar[tuple[str, ...]] = (*RidgeCox.KINDS, *Linear.KINDS)
    SETTINGS: ClassVar[Mapping[str, Any]] = {
        "narrow": None,
        "wide": None,
        "wide_from": 129,
        "choose": "mean",
        "folds": 3,
        "penalty": 5.0,
        "bases": {},
    }
    kind: str
    outputs: int
    bases: dict[str, list[LinearBase]]
    spreads: dict[str, Floats]
    mixing: SetWeights
    baseline: BaselineHazard | None

    def fit(
        self, train: Examples, validation: Examples | None = None, *,
        on_epoch: OnEpoch | None = None, stop: Event | None = None,
    ) -> Self:  # fmt: skip
        """Learn; `validation` is not looked at.

        Raises
        ------
        ModelError
            No modality has enough patients, besides what `Model.fit` says.
        """
        self.check(train)
        target = train.outcome()
        self.kind, self.outputs = target.kind, _outputs(target)
        candidates = {
            name: names for name in train.modalities if (names := self._candidates(train, name))
        }
        if not candidates:
            raise ModelError("No modality has enough patients to learn from", do="take more")
        unseen = self._unseen(train, candidates, stop)
        self.bases, self.spreads = {}, {}
        risks = {}
        for name, names in candidates.items():
            kept, spread, risk = weigh_candidates(
                unseen[name], target, self.settings["penalty"],
                best=self.settings["choose"] == "best",
            )  # fmt: skip
            self.bases[name] = [self._base(train, name, names[k]) for k in kept]
            self.spreads[name], risks[name] = spread, risk
        self.mixing = SetWeights(tuple(self.bases), self.outputs)
        self.mixing.fit(risks, target, self.settings["penalty"])
        self.baseline = None
        if target.timed:
            event = np.minimum(target.event, self.outputs)
            self.baseline = BaselineHazard.fit(target.time, event, self.mixing.sums(risks))
        return self

    def _candidates(self, train: Examples, modality: str) -> tuple[str, ...]:
        block = train.blocks[modality]
        if not learnable(train.outcome().take(block.present)):
            return ()
        wide = len(block.names) >= self.settings["wide_from"]
        named = self.settings["wide" if wide else "narrow"]
        if named is None:
            named = ["ridge-cox", "coxnet"] if wide else ["ridge-cox"]
            if not train.outcome().timed:
                named = ["linear"]
        kind = train.outcome().kind
        strange = [one for one in named if one not in BASES]
        if strange:
            raise ModelError(f"No base model {strange[0]!r}", expected=f"some of {list(BASES)}")
        return tuple(one for one in named if kind in BASES[one].KINDS)

    def _base(self, train: Examples, modality: str, name: str) -> LinearBase:
        """A base model fitted on those who have the modality."""
        own = {"folds": self.settings["folds"], **self.settings["bases"].get(name, {})}
        have = train.only([modality]).take(train.blocks[modality].present)
        return BASES[name](seed=self.seed, **own).fit(have)

    def _unseen(
        self, train: Examples, candidates: Mapping[str, tuple[str, ...]], stop: Event | None
    ) -> dict[str, Floats]:
        """Risks out of fold, modality to (patient, candidate, output); NaN where there is none."""
        made = {
            name: np.full((len(train), len(names), self.outputs), np.nan)
            for name, names in candidates.items()
        }
        for learn, rest in inner_folds(train.outcome(), self.settings["folds"], self.seed):
            part = train.take(learn)
            for name, names in candidates.items():
                have = train.blocks[name].present
                asked = rest[have[rest]]
                if stop is not None and stop.is_set():
                    return made
                if not len(asked) or not learnable(part.outcome().take(have[learn])):
                    continue
                others = train.only([name]).take(asked)
                for k, one in enumerate(names):
                    made[name][asked, k] = self._outputs_of(self._base(part, name, one), others)
        return made

    def _outputs_of(self, base: LinearBase, examples: Examples) -> Floats:
        """Sums, (patient, output): a cause or class that the fold lacks is 0."""
        return self._padded(base.linear(examples))

    def _padded(self, sums: Floats) -> Floats:
        own = sums[:, : self.outputs]
        return np.pad(own, ((0, 0), (0, self.outputs - own.shape[1])))

    def _risks(self, examples: Examples) -> dict[str, Floats]:
        """Standardised risks of each modality, (patient, output); NaN without it."""
        made = {}
        for name, bases in self.bases.items():
            have = examples.blocks[name].present
            risk = np.full((len(examples), self.outputs), np.nan)
            if have.any():
                own = examples.only([name]).take(have)
                risk[have] = sum(
                    self._outputs_of(base, own) / spread
                    for base, spread in zip(bases, self.spreads[name], strict=True)
                )
            made[name] = risk
        return made

    def _fitted(self) -> None:
        if not hasattr(self, "mixing"):
            raise ModelError("The stack has learnt nothing yet", do="fit it first")

    def predict(self, examples: Examples) -> Answers:
        """Risks, with curves or probabilities."""
        self._fitted()
        sums = self.mixing.sums(self._risks(examples))
        if self.baseline is None:
            return Link(self.kind).answers(sums)
        alive = self.baseline.survival(sums)
        several = self.baseline.incidence(sums) if self.kind == "competing risks" else None
        return Answers(self.kind, sums[:, 0], self.baseline.times, alive, several)

    def explain(self, examples: Examples) -> Attribution:
        """Exact shares: weight of the modality, times weight of the feature, times its value.

        Of several classes: how the expected place moves with each feature, times the feature.
        """
        self._fitted()
        risks = self._risks(examples)
        slope = np.eye(1, self.outputs)
        if self.baseline is None:
            slope = Link(self.kind).slope(self.mixing.sums(risks))
        made = {}
        for name, bases in self.bases.items():
            shares = np.zeros((len(examples), len(examples.blocks[name].names)))
            for base, spread in zip(bases, self.spreads[name], strict=True):
                for k in range(min(self.outputs, len(base.intercept))):
                    factor = (slope * self.mixing.counts(risks, name) / spread)[:, [k]]
                    shares += factor * base.shares(examples.only([name]), k)[name]
            made[name] = shares
        if self.kind == "multi-class":
            return Attribution(made, "gradient times input")
        # at the training mean of every modality
        middle = {
            name: np.sum(
                [
                    self._padded(base.intercept[None]) / spread
                    for base, spread in zip(self.bases[name], self.spreads[name], strict=True)
                ],
                axis=0,
            )
            for name in self.bases
        }
        return Attribution(made, "linear", float(self.mixing.sums(middle)[0, 0]))

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Base models, weights and shifts."""
        arrays: dict[str, NDArray[Any]] = {}
        bases = []
        for k, (modality, several) in enumerate(self.bases.items()):
            arrays[f"spread {k}"] = self.spreads[modality]
            for j, base in enumerate(several):
                values, own = base.state()
                bases.append({"modality": modality, "model": base.NAME, "settings": base.settings,
                              "modalities": list(base.modalities), "state": values})  # fmt: skip
                arrays |= {f"base {k} {j}/{name}": one for name, one in own.items()}
        mixing, own = self.mixing.state()
        arrays |= {f"mixing/{name}": one for name, one in own.items()}
        if self.baseline is not None:
            arrays |= {"times": self.baseline.times, "hazard": self.baseline.hazard}
        values = {
            "kind": self.kind, "outputs": self.outputs, "bases": bases,
            "mixing": mixing,
        }  # fmt: skip
        return values, arrays

    def restore(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Take what `state` gave."""
        self.kind, self.outputs = str(values["kind"]), int(values["outputs"])
        head = "mixing/"
        own = {n.removeprefix(head): a for n, a in arrays.items() if n.startswith(head)}
        self.mixing = SetWeights.restored(values["mixing"], own)
        names = list(self.mixing.names)
        self.bases = {name: [] for name in names}
        self.spreads = {name: arrays[f"spread {k}"] for k, name in enumerate(names)}
        for one in values["bases"]:
            base = BASES[one["model"]](seed=self.seed, **one["settings"])
            base.modalities = tuple(one["modalities"])
            several = self.bases[one["modality"]]
            head = f"base {names.index(one['modality'])} {len(several)}/"
            own = {n.removeprefix(head): a for n, a in arrays.items() if n.startswith(head)}
            base.restore(one["state"], own)
            several.append(base)
        self.baseline = None
        if "times" in arrays:
            self.baseline = BaselineHazard(arrays["times"], arrays["hazard"])


def _outputs(target: Target) -> int:
    if target.kind == "competing risks":
        return max(int(target.event.max()), len(target.classes), 1)
    return 1 if target.timed else Link.outputs(target)
