"""Setting: what one evaluation is of: patients, folds, times, and what is varied."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graphs.errors import ExamplesError
from graphs.evaluation.fold import Fold
from graphs.examples.bag import Bag
from graphs.examples.examples import Examples
from graphs.examples.target import Target

Floats = NDArray[np.float64]
CONTROLS = ("alone", "shuffled", "permuted", "missing")
_TIMES = 16


@dataclass(frozen=True, eq=False)
class Setting:
    """What holds for all models of an evaluation.

    Attributes
    ----------
    examples : Examples
        Those whose outcome is known.
    folds : tuple of Fold
    horizon : float
        In the target's unit; NaN without times.
    times : ndarray of float64, (time,)
        For which curves are compared; the horizon is one of them.
    seed : int
    validation : float
        Share of the training patients who are held out of it for early stopping; 0 is none.
    controls : tuple of str
        Of `CONTROLS`.
    shuffles, permutations : int
        How often each is drawn.
    operating : tuple of (str, float) or None
        ('sensitivity', .95): what a threshold must reach on patients whom it is chosen by.
    """

    examples: Examples
    folds: tuple[Fold, ...]
    horizon: float
    times: Floats
    seed: int = 0
    validation: float = 0.0
    controls: tuple[str, ...] = CONTROLS
    shuffles: int = 3
    permutations: int = 5
    operating: tuple[str, float] | None = None

    @property
    def target(self) -> Target:
        """Outcome of the patients."""
        return self.examples.outcome()

    @cached_property
    def digest(self) -> str:
        """The sha256 of features, outcomes, times and seed: what answers depend on."""
        seen = hashlib.sha256()
        examples, target = self.examples, self.target
        said = [examples.keys, examples.snapshot, target.kind, self.seed, self.validation]
        seen.update(json.dumps(said).encode())
        for array in (target.time, target.event, target.label, self.times, examples.rows):
            seen.update(np.ascontiguousarray(array).tobytes())
        for name, block in examples.blocks.items():
            seen.update(json.dumps([name, list(block.names)]).encode())
            seen.update("\0".join(block.state.tolist()).encode())
            if isinstance(block, Bag):
                seen.update(np.ascontiguousarray(block.values).tobytes())
                seen.update(block.owner.tobytes())
            else:
                hashed = pd.util.hash_pandas_object(block.frame.reset_index(drop=True))
                seen.update(hashed.to_numpy().tobytes())
        return seen.hexdigest()


def controls_of(said: bool | Sequence[str]) -> tuple[str, ...]:
    """Which controls are wanted.

    Raises
    ------
    ExamplesError
        One is none of `CONTROLS`.
    """
    if isinstance(said, bool):
        return CONTROLS if said else ()
    unknown = [one for one in said if one not in CONTROLS]
    if unknown:
        raise ExamplesError(f"No control {unknown[0]!r}", expected=f"some of {list(CONTROLS)}")
    return tuple(said)


def horizon_of(target: Target, horizon: float | None) -> tuple[float, Floats]:
    """The time that single times are judged at, and the times of curves.

    Parameters
    ----------
    target : Target
    horizon : float, optional
        In the target's unit; by default the median time of those who have the event.

    Returns
    -------
    float
    ndarray, (time,)
        Between the 10th and 80th percentile of the event times, and the horizon.

    Raises
    ------
    ExamplesError
        Nobody has the event, or nobody is followed beyond the horizon.
    """
    if not target.timed:
        return float("nan"), np.zeros(0)
    events = target.time[target.event == 1]
    if not len(events):
        raise ExamplesError("Nobody has the event", expected="some events")
    at = float(np.median(events)) if horizon is None else float(horizon)
    if not (0 < at < target.time.max()):
        raise ExamplesError(
            f"A horizon of {at:g} {target.unit}",
            expected=f"a time before the last follow-up, {target.time.max():g}",
        )
    grid = np.quantile(events, np.linspace(0.1, 0.8, _TIMES))
    return at, np.unique(np.append(grid, at))


def said_operating(operating: Any) -> tuple[str, float] | None:
    """Read ``{"sensitivity": .95}``.

    Raises
    ------
    ExamplesError
        It is something else.
    """
    if operating is None:
        return None
    said = list(dict(operating).items()) if isinstance(operating, Mapping) else []
    name, value = said[0] if len(said) == 1 else ("", 0)
    number = isinstance(value, int | float)
    if name not in ("sensitivity", "specificity") or not number or not 0 < value < 1:
        raise ExamplesError(f"An operating point {operating!r}",
                            expected="such as {'sensitivity': .95}")  # fmt: skip
    return str(name), float(value)
