"""combine: how much each modality's risk counts, learnt of risks that were out of fold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.examples.target import Target
from graphs.models.cox_weights import cox_weights
from graphs.models.link import Link

Floats = NDArray[np.float64]


def combine(risks: Floats, target: Target, penalty: float) -> tuple[Floats, Floats]:
    """Weights that are 0 or more: a risk that was right out of fold counts as it says.

    Parameters
    ----------
    risks : ndarray, (patient, risk, output)
        Standardised.
    target : Target
        Of the same patients.
    penalty : float
        Ridge on the weights.

    Returns
    -------
    ndarray, (risk, output)
    ndarray, (output,)
        Intercepts; 0 of times.
    """
    if target.timed:
        weights = [
            _cox(risks[:, :, k], target.time, target.event == k + 1, penalty)
            for k in range(risks.shape[2])
        ]
        return np.stack(weights, axis=1), np.zeros(risks.shape[2])
    if target.kind == "regression":
        return _values(risks, target.label, penalty)
    return _labels(risks, target, penalty)


def _cox(risks: Floats, time: Floats, event: NDArray[np.bool_], penalty: float) -> Floats:
    kept = np.arange(risks.shape[1])
    while len(kept):
        found = cox_weights(risks[:, kept], time, event, np.full(len(kept), penalty))
        if (found >= 0).all():
            break
        # the most negative goes first: without it another may rise above 0
        kept = np.delete(kept, int(found.argmin()))
    weights = np.zeros(risks.shape[1])
    if len(kept):
        weights[kept] = found
    return weights


def _values(risks: Floats, label: Floats, penalty: float) -> tuple[Floats, Floats]:
    from sklearn.linear_model import Ridge

    spread = max(float(label.std()), 1e-300)
    found = Ridge(alpha=penalty, positive=True).fit(risks[:, :, 0], label / spread)
    return found.coef_[:, None] * spread, np.array([found.intercept_ * spread])


def _labels(risks: Floats, target: Target, penalty: float) -> tuple[Floats, Floats]:
    """One weight a risk for all classes, and an intercept a class."""
    from scipy.optimize import minimize

    count, several, outputs = risks.shape
    link = Link(target.kind)
    place = target.label.astype(int)
    hit = np.zeros((count, max(outputs, 2)))
    hit[np.arange(count), place] = 1

    def split(at: Floats) -> tuple[Floats, Floats]:
        return at[:several], at[several:]

    def loss(at: Floats) -> tuple[float, Floats]:
        weights, base = split(at)
        sums = np.einsum("prk,r->pk", risks, weights) + base
        off = link.probability(sums) - hit
        off = off if outputs > 1 else off[:, 1:]
        value = link.loss(sums, target) + penalty * (weights @ weights) / 2
        # intercepts hardly held: a class that nobody has must not run away
        value += 1e-3 * (base @ base)
        slope = [np.einsum("pk,prk->r", off, risks) + penalty * weights,
                 off.sum(axis=0) + 2e-3 * base]  # fmt: skip
        return float(value), np.concatenate(slope)

    bounds = [(0, None)] * several + [(None, None)] * outputs
    found = minimize(loss, np.zeros(several + outputs), jac=True, bounds=bounds,
                     method="L-BFGS-B", options={"maxiter": 500, "ftol": 1e-12})  # fmt: skip
    weights, base = split(np.asarray(found.x, np.float64))
    return np.repeat(weights[:, None], outputs, axis=1), base
