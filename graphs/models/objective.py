"""Objective: what a network's outputs mean, for one kind of outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from graphs.errors import ModelError
from graphs.examples.target import Target
from graphs.models import losses
from graphs.models.answers import Answers
from graphs.models.baseline_hazard import BaselineHazard

Floats = NDArray[np.float64]
_STEPS = 5  # at which curves of intervals are given, each


@dataclass
class Objective:
    """Loss, risk and answers of outputs, (patient, output).

    Made by `Objective.of` from training outcomes; `settle` then learns of the trained networks'
    outputs what the answers need besides.

    Attributes
    ----------
    kind : str
        Of the task.
    loss_name : str
        'cox' or 'nll' of times; '' otherwise.
    causes : int
        Of timed kinds; classes of others.
    edges : ndarray, (interval + 1,)
        Of 'nll': from 0 to the longest time, cut at quantiles of the training events.
    bias : ndarray, (output,)
        Outputs that fit the training outcomes where nothing is known of a patient.
    middle, spread : float
        Of a value.
    centre : ndarray, (cause,)
        The mean risk of training patients.
    baseline : BaselineHazard or None
    """

    kind: str
    loss_name: str = ""
    causes: int = 1
    edges: Floats = field(default_factory=lambda: np.zeros(0))
    bias: Floats = field(default_factory=lambda: np.zeros(1))
    middle: float = 0.0
    spread: float = 1.0
    centre: Floats = field(default_factory=lambda: np.zeros(1))
    baseline: BaselineHazard | None = None

    @classmethod
    def of(cls, target: Target, loss: str = "cox", intervals: int = 8) -> Self:
        """The objective of training outcomes.

        Parameters
        ----------
        target : Target
            Known outcomes.
        loss : str
            Of times: 'cox' or 'nll'.
        intervals : int
            Of 'nll', at most.

        Raises
        ------
        ModelError
            There is no such loss.
        """
        if target.timed:
            if loss not in ("cox", "nll"):
                raise ModelError(f"No loss {loss!r} of times", expected="'cox' or 'nll'")
            causes = max(int(target.event.max()), len(target.classes), 1)
            if target.kind == "survival":
                causes = 1
            made = cls(target.kind, loss, causes)
            if loss == "cox":
                made.bias = np.zeros(causes)
            else:
                made._cut(target, intervals)
            return made
        if target.kind == "multi-class":
            count = max(len(target.classes), int(target.label.max()) + 1)
            share = np.bincount(target.label.astype(int), minlength=count) + 0.5
            return cls(target.kind, causes=count, bias=np.log(share / share.sum()))
        middle = float(target.label.mean())
        if target.kind == "binary":
            return cls(target.kind, bias=np.array([np.log(middle / (1 - middle))]))
        return cls(target.kind, middle=middle, spread=float(target.label.std()))

    def _cut(self, target: Target, intervals: int) -> None:
        happened = target.time[target.event > 0]
        # an interval wants some events, or its hazard is noise
        count = max(1, min(intervals, len(happened) // 5))
        inner = np.quantile(happened, np.arange(1, count) / count)
        last = float(target.time.max())
        inner = np.unique(inner[(inner > 0) & (inner < last)])
        self.edges = np.concatenate([[0.0], inner, [max(last, 1e-9)]])
        place, exposure = self.place(target.time)
        steps = np.arange(len(self.edges) - 1)
        followed = (steps < place[:, None]) + (steps == place[:, None]) * np.where(
            target.event > 0, 1, exposure
        )[:, None]
        hits = np.stack([
            np.bincount(place[target.event == cause + 1], minlength=len(steps))
            for cause in range(self.causes)
        ]) + 0.5  # fmt: skip
        none = np.maximum(followed.sum(axis=0) - hits.sum(axis=0), 0.5)
        self.bias = np.log(hits / none).ravel()

    @property
    def outputs(self) -> int:
        """How many outputs a network has."""
        return len(self.bias)

    def place(self, time: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Interval of each time, and the share of it that has passed by then."""
        inner = self.edges[1:-1]
        found = np.searchsorted(inner, time, side="left").astype(np.int64)
        start, end = self.edges[found], self.edges[found + 1]
        return found, np.clip((time - start) / (end - start), 0, 1)

    def outcome(self, target: Target) -> dict[str, NDArray[Any]]:
        """What `loss` takes, by name, (patient,) each."""
        if not target.timed:
            label = target.label
            if self.kind == "regression":
                label = (label - self.middle) / max(self.spread, 1e-12)
            return {"label": label.astype(np.float32)}
        made: dict[str, NDArray[Any]] = {"time": target.time, "event": target.event}
        if self.loss_name == "nll":
            made["place"], made["exposure"] = self.place(target.time)
            made["exposure"] = made["exposure"].astype(np.float32)
        return made

    def loss(self, outputs: Tensor, outcome: dict[str, Tensor]) -> Tensor | None:
        """Mean loss of a batch; None where it says nothing, as a batch without events does."""
        # mixed precision ends here: sums of exponentials need all digits
        outputs = outputs.float()
        if self.loss_name == "cox":
            return losses.cox_loss(outputs, outcome["time"], outcome["event"])
        if self.loss_name == "nll":
            shape = self._intervals(outputs)
            return losses.discrete_loss(
                shape, outcome["place"], outcome["exposure"], outcome["event"]
            )
        if self.kind == "multi-class":
            return losses.class_loss(outputs, outcome["label"])
        if self.kind == "binary":
            return losses.binary_loss(outputs[:, 0], outcome["label"])
        return losses.value_loss(outputs[:, 0], outcome["label"])

    def _intervals(self, outputs: Tensor) -> Tensor:
        return outputs.reshape(len(outputs), self.causes, -1)

    def risk(self, outputs: Tensor) -> Tensor:
        """The risk that `Answers` holds, (patient,); it can be differentiated."""
        if self.loss_name == "nll":
            # mean cumulative hazard of cause 1: its log moves by the log hazard ratio where
            # hazards are proportional
            log_hazard, _ = losses.hazards(self._intervals(outputs))
            surely = torch.log1p(-log_hazard[:, 0].exp().clamp(max=1 - 1e-6))
            return torch.log((-surely).cumsum(dim=1).mean(dim=1)) - float(self.centre[0])
        if self.kind == "multi-class":
            places = torch.arange(outputs.shape[1], device=outputs.device, dtype=outputs.dtype)
            return outputs.softmax(dim=1) @ places
        if self.kind == "regression":
            return outputs[:, 0] * self.spread + self.middle
        return outputs[:, 0] - float(self.centre[0])

    def settle(self, outputs: list[Floats], target: Target) -> None:
        """Learn of the training patients' outputs, one array a network."""
        self.centre = np.zeros(self.causes)
        if self.loss_name == "cox":
            mean = np.mean(outputs, axis=0)
            self.centre = mean.mean(axis=0)
            self.baseline = BaselineHazard.fit(target.time, target.event, mean - self.centre)
        elif self.loss_name == "nll":
            self.centre[0] = self._mean_risk(outputs).mean()

    def answers(self, outputs: list[Floats]) -> Answers:
        """Answers of one or several networks, which are averaged."""
        risk, none = self._mean_risk(outputs), np.zeros(0)
        if self.loss_name == "nll":
            times, survival, incidence = self._curves(outputs)
            if self.kind == "survival":
                return Answers(self.kind, risk, times, survival)
            return Answers(self.kind, risk, times, survival, incidence)
        mean: Floats = np.mean(outputs, axis=0)
        if self.loss_name == "cox":
            if self.baseline is None:
                return Answers(self.kind, risk, none)
            hazards = mean - self.centre
            survival = self.baseline.survival(hazards)
            within = None if self.kind == "survival" else self.baseline.incidence(hazards)
            return Answers(self.kind, risk, self.baseline.times, survival, within)
        if self.kind == "binary":
            positive = 1 / (1 + np.exp(-np.clip(mean[:, 0], -700, 700)))
            pair = np.stack([1 - positive, positive], axis=1)
            return Answers(self.kind, risk, none, probability=pair)
        if self.kind == "multi-class":
            shares = np.mean([_tensor(one).softmax(dim=1).numpy() for one in outputs], axis=0)
            return Answers(self.kind, risk, none, probability=shares)
        return Answers(self.kind, risk, none)

    def _mean_risk(self, outputs: list[Floats]) -> Floats:
        found: Floats = np.mean([self.risk(_tensor(one)).numpy() for one in outputs], axis=0)
        return found

    def _curves(self, outputs: list[Floats]) -> tuple[Floats, Floats, Floats]:
        """Times, survival and incidence, with a constant hazard within each interval.

        Kvamme and Borgan (2021), Lifetime Data Analysis 27, 710-736.
        """
        part = np.arange(1, _STEPS + 1) / _STEPS
        times = (self.edges[:-1, None] + np.diff(self.edges)[:, None] * part).ravel()
        alive, within = [], []
        for one in outputs:
            logs = losses.hazards(self._intervals(_tensor(one)))
            hazard, log_through = (each.numpy() for each in logs)
            start = np.cumsum(log_through, axis=1) - log_through
            own = np.exp(start[:, :, None] + log_through[:, :, None] * part)
            own = own.reshape(len(one), -1)
            fall = -np.diff(own, axis=1, prepend=1.0)
            share = np.exp(hazard)
            share = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-300)
            alive.append(own)
            within.append((fall[:, None] * np.repeat(share, _STEPS, axis=2)).cumsum(axis=2))
        return times, np.mean(alive, axis=0), np.mean(within, axis=0)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """JSON-able values, and arrays by name."""
        values = {"kind": self.kind, "loss_name": self.loss_name, "causes": self.causes,
                  "middle": self.middle, "spread": self.spread}  # fmt: skip
        arrays = {"edges": self.edges, "bias": self.bias, "centre": self.centre}
        if self.baseline is not None:
            arrays |= {"times": self.baseline.times, "hazard": self.baseline.hazard}
        return values, arrays

    @classmethod
    def restored(cls, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        """What `state` gave."""
        baseline = None
        if "times" in arrays:
            baseline = BaselineHazard(arrays["times"], arrays["hazard"])
        return cls(
            values["kind"], values["loss_name"], values["causes"], arrays["edges"], arrays["bias"],
            values["middle"], values["spread"], arrays["centre"], baseline,
        )  # fmt: skip


def _tensor(numbers: Floats) -> Tensor:
    return torch.as_tensor(numbers, dtype=torch.float64)
