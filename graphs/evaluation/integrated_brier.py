"""IntegratedBrier: the squared error of the predicted curve, over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.step_curve import StepCurve

Floats = NDArray[np.float64]


def brier_by_patient(held: HeldOut, chance: Floats) -> Floats:
    """Each patient's weighted squared error at each time.

    Parameters
    ----------
    held : HeldOut
    chance : ndarray, (patient, time)
        Probability of the event (with competing risks: of cause 1) up to each of `held.times`.

    Returns
    -------
    ndarray, (patient, time)
        Its mean over patients is the Brier score (Graf et al. 1999; with competing risks Gerds
        and Schumacher 2006), with weights of the training patients' censoring.
    """
    time, event, at = held.target.time[:, None], held.target.event[:, None], held.times[None, :]
    over = held.weights(held.target.time)[:, None]
    still = held.weights(held.times)[None, :]
    passed = time > at
    there = (event == 1) & ~passed
    weight = np.where(passed, still, np.where(event > 0, over, 0.0))
    found: Floats = weight * (there - chance) ** 2
    return found


def integrated_brier(held: HeldOut, weight: Floats) -> tuple[Floats, Floats]:
    """The mean over patients and times; lower is better.

    Parameters
    ----------
    held : HeldOut
    weight : ndarray, (draw, patient)

    Returns
    -------
    ndarray, (draw,)
    ndarray, (draw,)
        Their quotient is the score; NaN of a model that says no curve.
    """
    return weight @ _integral(held, _said(held)), weight.sum(axis=1)


def brier_skill(held: HeldOut, weight: Floats) -> tuple[Floats, Floats]:
    """The share of the reference's error that is saved; 0 is the reference, below 0 worse.

    The reference knows no feature: the Kaplan-Meier curve of the training patients, or their
    cumulative incidence (Aalen and Johansen) with competing risks.
    """
    known = held.reference
    plain = StepCurve.incidence(known.time, known.event).at(held.times)
    reference = weight @ _integral(held, np.broadcast_to(plain, (len(held), len(plain))))
    return reference - weight @ _integral(held, _said(held)), reference


def _said(held: HeldOut) -> Floats:
    said = [held.answers.event_by(float(one)) for one in held.times]
    if any(one is None for one in said):
        return np.full((len(held), len(held.times)), np.nan)
    return np.stack([one for one in said if one is not None], axis=1)


def _integral(held: HeldOut, chance: Floats) -> Floats:
    each = brier_by_patient(held, chance)
    if len(held.times) < 2:
        flat: Floats = each.mean(axis=1)
        return flat
    found: Floats = np.trapezoid(each, held.times, axis=1) / (held.times[-1] - held.times[0])
    return found
