"""evaluate: models on patients that they were not fitted on, with what must stand beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from explorer.progress import progress
from graphs.errors import ExamplesError
from graphs.evaluation.evaluation import Evaluation
from graphs.evaluation.fold import make_folds
from graphs.evaluation.measures import measure_of
from graphs.evaluation.recipe import recipes
from graphs.evaluation.run_folds import jobs, run_folds
from graphs.evaluation.setting import Setting, controls_of, horizon_of, said_operating
from graphs.examples.examples import Examples


def evaluate(
    models: Any,
    examples: Examples,
    *,
    folds: Any = None,
    repeats: int = 1,
    seed: int = 0,
    groups: str = "",
    validation: float | None = None,
    controls: bool | Sequence[str] = True,
    subgroups: bool | Sequence[str] = True,
    operating: Mapping[str, float] | None = None,
    horizon: float | None = None,
    measure: str = "",
    margin: float | None = None,
    draws: int = 1000,
    shuffles: int = 3,
    permutations: int = 5,
    folder: str | Path | None = None,
    device: str = "auto",
    stop: Event | None = None,
) -> Evaluation:
    """Fit models on some patients and test them on others, fold by fold.

    Parameters
    ----------
    models : str, class, tuple, callable, or a sequence or mapping of these
        Names of registered models, classes of `Model`, pairs of such a one and its settings, or
        callables that return an unfitted model; a mapping names them.
    examples : Examples
        Those whose outcome is not known are left out, and counted.
    folds : int, str, Split or sequence of (train, test), optional
        See `make_folds`: 5 by default, stratified by the outcome; a column of `about` leaves each
        of its values out in turn.
    repeats : int
        Of the whole division.
    seed : int
    groups : str
        Column of `about` (a site): who has the same value stays in one fold.
    validation : float, optional
        Share of the training patients who are given to `fit` apart, for early stopping.
    controls : bool or sequence of str
        'alone' (each modality fitted alone), 'shuffled' and 'missing' (at test time), 'permuted'
        (fitted on outcomes that were dealt anew); all by default.
    subgroups : bool or sequence of str
        Columns of `about`; all by default.
    operating : mapping, optional
        ``{"sensitivity": .95}``: a threshold is chosen on a fifth of the training patients (or on
        those of `validation`), whom the model is not fitted on, and is applied to the test
        patients. By default that, of binary labels; none of times.
    horizon : float, optional
        In the target's unit, of what is said of a single time; by default the median time of
        those who have the event.
    measure : str
        What verdicts are by; the first of the task's `MEASURES` by default.
    margin : float, optional
        Of non-inferiority, in the measure's unit.
    draws : int
        Of patients, for the intervals.
    shuffles, permutations : int
        How often a modality, or the outcome, is dealt anew.
    folder : path, optional
        Where the answers of each fit are kept: what is there is not fitted again.
    device : str
        'auto', 'cpu' or 'cuda', for models that are made here.
    stop : Event, optional
        Once it is set, what was done until then is given.

    Returns
    -------
    Evaluation
        One failing fit loses no other: the table says why it is missing.

    Raises
    ------
    ExamplesError
        There is no outcome, or folds, columns or times that do not fit.
    ModelError, NotFoundError, NotInstalledError
        A model cannot be made.

    Notes
    -----
    Weights of censoring are of each fold's training patients. Intervals are over patients, drawn
    within events and censorings, or classes; they do not show how results vary with the training
    patients: 'SD of folds' and 'p (folds)' do. The folds of one evaluation should not have been
    used to choose the models.
    """
    chosen = recipes(models, device)
    known = examples.known()
    notes = []
    if len(known) < len(examples):
        notes.append(f"{len(examples) - len(known)} patients whose outcome is not known are left "
                     "out.")  # fmt: skip
    if not len(known):
        raise ExamplesError("Nobody's outcome is known", expected="some patients")
    kind = known.outcome().kind
    if operating is None and kind == "binary":
        operating = {"sensitivity": 0.95}
    if operating and kind not in ("binary", "survival", "competing risks"):
        raise ExamplesError(f"An operating point of {kind}", expected="a label or a time")
    at, times = horizon_of(known.outcome(), horizon)
    setting = Setting(
        known, tuple(make_folds(known, folds, repeats, seed, groups)), at, times, seed,
        validation or 0.0, controls_of(controls), shuffles, permutations,
        said_operating(operating),
    )  # fmt: skip
    place = None if folder is None else Path(folder)
    if place is not None:
        place.mkdir(parents=True, exist_ok=True)
    first = measure_of(kind, measure)
    with progress("evaluating", len(jobs(chosen, setting))) as step:
        ran = run_folds(chosen, setting, folder=place, step=step, stop=stop)
    return Evaluation(
        tuple(one.name for one in chosen), setting, ran, first, draws, margin,
        columns_of(known, subgroups), tuple(notes),
    )  # fmt: skip


def columns_of(examples: Examples, said: bool | Sequence[str]) -> tuple[str, ...]:
    """Columns of `about` by which results are divided.

    Raises
    ------
    ExamplesError
        There is no such column.
    """
    there = [str(one) for one in examples.about.columns] if np.size(examples.about) else []
    if isinstance(said, bool):
        return tuple(there) if said else ()
    for one in said:
        if one not in there:
            raise ExamplesError(f"Nothing is known about patients as {one!r}",
                                expected=f"one of {there}")  # fmt: skip
    return tuple(said)
