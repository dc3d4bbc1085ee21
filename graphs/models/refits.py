"""refits: the same model fitted on random halves of its training patients."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import numpy as np

from graphs.examples.examples import Examples
from graphs.models.model import Model


def refits(
    model: Model,
    train: Examples,
    draws: int = 20,
    *,
    on_draw: Callable[[int], None] | None = None,
    stop: Event | None = None,
) -> list[Model]:
    """Fit a model anew on halves drawn without replacement, with a seed each.

    A mean over half of the patients, drawn without replacement, varies between draws as a mean
    over a bootstrap draw of all of them does (Efron 1982, The Jackknife, the Bootstrap and Other
    Resampling Plans, ch. 8), and no patient is there twice.

    Parameters
    ----------
    model : Model
        Its kind, settings and device are taken.
    train : Examples
        What it was fitted on.
    draws : int
    on_draw : callable, optional
        Called after each fit with how many there are.
    stop : Event, optional
        Once it is set, what there is, is returned.
    """
    rng = np.random.default_rng(model.seed)
    found: list[Model] = []
    target = train.outcome()
    strata = target.strata()
    for number in range(1, draws + 1):
        half = np.concatenate(
            [rng.permutation(np.flatnonzero(strata == one))[: max(1, (strata == one).sum() // 2)]
             for one in np.unique(strata)]
        )  # fmt: skip
        made = type(model)(seed=model.seed + number, device=model.device, **model.settings)
        made.fit(train.take(np.sort(half)), stop=stop)
        if stop is not None and stop.is_set():
            break
        found.append(made)
        if on_draw is not None:
            on_draw(number)
    return found
