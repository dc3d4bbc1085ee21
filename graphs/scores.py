"""Scores: how a survival model does on patients that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass, field


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
    gain : str
        In words, how it does against the best single modality on the same patients.
    alone : dict of str to float
        C-index of the same kind of model on each modality alone.
    """

    n: int
    events: int
    concordance: float
    lower: float
    upper: float
    horizon: float
    unit: str
    groups: list[tuple[float, float, float, float, int]] = field(default_factory=list)
    gain: str = ""
    alone: dict[str, float] = field(default_factory=dict)
