"""evaluate_fitted: a trained model on patients of another cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from graphs.errors import ExamplesError, ModelError
from graphs.evaluate import columns_of
from graphs.evaluation.condensed import condensed
from graphs.evaluation.evaluation import Evaluation
from graphs.evaluation.fold import Fold
from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.measures import measure_of
from graphs.evaluation.run_folds import WHOLE, Ran, variations
from graphs.evaluation.setting import Setting, controls_of, horizon_of
from graphs.examples.examples import Examples
from graphs.models.load_model import load_model
from graphs.models.model import Model


def evaluate_fitted(
    models: Model | str | Path | Mapping[str, Model | str | Path],
    examples: Examples,
    *,
    seed: int = 0,
    controls: bool | Sequence[str] = True,
    subgroups: bool | Sequence[str] = True,
    horizon: float | None = None,
    measure: str = "",
    draws: int = 1000,
    shuffles: int = 3,
    device: str = "auto",
) -> Evaluation:
    """Test models as they are: nothing is fitted, and nothing of the models changes.

    Parameters
    ----------
    models : Model, path, or mapping
        A fitted model, the folder that `Model.save` wrote, or several of these by name.
    examples : Examples
        Of patients that the models were not fitted on.
    seed : int
    controls : bool or sequence of str
        'shuffled' and 'missing' can be had without fitting; the others are left out.
    subgroups, horizon, measure, draws, shuffles
        As of `evaluate`.
    device : str
        Of models that are loaded.

    Returns
    -------
    Evaluation
        With one fold: everybody. Weights of censoring, and the curve without features, are of
        these patients, since the training patients are not at hand.

    Raises
    ------
    ExamplesError
        Nobody's outcome is known.
    ModelError
        A model was not fitted, or its folder cannot be read.
    """
    known = examples.known()
    if not len(known):
        raise ExamplesError("Nobody's outcome is known", expected="some patients")
    given: Mapping[str, Any] = models if isinstance(models, Mapping) else {"": models}
    at, times = horizon_of(known.outcome(), horizon)
    fold = Fold(0, 0, np.zeros(0, np.int64), np.arange(len(known)))
    wanted = tuple(one for one in controls_of(controls) if one in ("shuffled", "missing"))
    setting = Setting(known, (fold,), at, times, seed, controls=wanted, shuffles=shuffles)
    ran, names, notes = Ran(), [], ["Models as they were saved; nothing was fitted here."]
    for said, one in given.items():
        model = one if isinstance(one, Model) else load_model(one, device=device)
        if not model.modalities:
            raise ModelError(f"The model {model.NAME!r} was not fitted", do="fit or load it first")
        name = str(said) or model.NAME
        names.append(name)
        notes.append(f"{name}: checkpoint sha256 {model.sha256[:12]}.")
        _test(model, name, setting, ran)
    left = len(examples) - len(known)
    if left:
        notes.append(f"{left} patients whose outcome is not known are left out.")
    return Evaluation(
        tuple(names), setting, ran, measure_of(known.outcome().kind, measure), draws, None,
        columns_of(known, subgroups), tuple(notes),
    )  # fmt: skip


def _test(model: Model, name: str, setting: Setting, ran: Ran) -> None:
    fold = setting.folds[0]
    lacking = [one for one in model.modalities if one not in setting.examples.blocks]
    if lacking:
        ran.problems[name, WHOLE] = [f"the examples have no {', '.join(lacking)}"]
        return
    test = setting.examples.only(model.modalities)
    for variation, one in [(WHOLE, test), *variations(test, setting, fold)]:
        try:
            answers = condensed(model.predict(one), setting.times)
        except Exception as error:  # noqa: BLE001 - one failing model never loses the others
            ran.problems.setdefault((name, variation), []).append(
                f"{type(error).__name__}: {error}"
            )
            continue
        ran.held.setdefault((name, variation), []).append(HeldOut(
            fold.test, setting.target, answers, setting.target, setting.times, setting.horizon
        ))  # fmt: skip
