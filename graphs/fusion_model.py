"""FusionModel: what a model of several modalities must offer, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from explorer.patient import Patient
from graphs.explanation.evidence import Evidence as Evidence
from graphs.models.epoch import Epoch as Epoch


@dataclass(frozen=True)
class Provenance:
    """What made a prediction.

    Attributes
    ----------
    model, version : str
    checkpoint : str
        sha256 of the weights.
    snapshot : str
        Of the data that it was trained on: the store and what names its state.
    seed : int
    """

    model: str
    version: str
    checkpoint: str
    snapshot: str
    seed: int


@dataclass(frozen=True)
class Prediction:
    """A model's answer for one patient.

    Attributes
    ----------
    patient : str
        Key.
    risk : float
        Higher is worse; in the unit that `what` names.
    lower, upper : float or None
        95 % interval; None where a model gives none.
    probability : float or None
        Of the event up to the horizon of the training; None where a model gives none.
    what : str
        What the risk means: 'log hazard against the mean patient'.
    evidence : tuple of Evidence
    provenance : Provenance
    """

    patient: str
    risk: float
    lower: float | None
    upper: float | None
    probability: float | None
    what: str
    evidence: tuple[Evidence, ...]
    provenance: Provenance


@dataclass(frozen=True, eq=False)
class CohortRows:
    """Patients to train on, with their outcomes.

    Attributes
    ----------
    patients : sequence of Patient
        With the tables that the model names read already.
    time : ndarray of float, (patient,)
    event : ndarray of bool, (patient,)
    unit : str
        Of the times.
    horizon : float
        Time for which probabilities are asked.
    snapshot : str
        What names the state of the data.
    seed : int
    """

    patients: tuple[Patient, ...]
    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    unit: str
    horizon: float
    snapshot: str
    seed: int = 0


@runtime_checkable
class FusionModel(Protocol):
    """A model; the entry point group ``oncograph.models`` names classes that are made so.

    Attributes
    ----------
    name : str
    modalities : tuple of str
        That it can use; a patient may lack any of them.
    tables : tuple of str
        Record tables that it reads of a patient: they are read at once for all.
    """

    name: str
    modalities: tuple[str, ...]
    tables: tuple[str, ...]

    def fit(self, rows: CohortRows, on_epoch: Callable[[Epoch], None], stop: Event) -> None:
        """Train.

        Parameters
        ----------
        rows : CohortRows
            Nothing but these may be learnt from, standardisation included.
        on_epoch : callable
            Called after each epoch.
        stop : Event
            Once it is set, `fit` returns at the next batch; what was learnt is not used.
        """

    def predict(self, patient: Patient) -> Prediction:
        """Predict for a patient with whatever is known of him."""


@dataclass(frozen=True, eq=False)
class Scores:
    """How a model does on patients that it has not seen.

    Attributes
    ----------
    n, events : int
        Of the held-out patients.
    concordance, lower, upper : float
        Harrell's c-index with its 95 % interval, by bootstrap over patients.
    groups : list of (float, float, float, float, int)
        Mean predicted probability of the event up to the horizon, what Kaplan-Meier observed with
        its 95 % interval, and patients, by fifths of the prediction; none without probabilities.
    horizon : float
    unit : str
    """

    n: int
    events: int
    concordance: float
    lower: float
    upper: float
    horizon: float
    unit: str
    groups: list[tuple[float, float, float, float, int]] = field(default_factory=list)
