"""predict: a model's answers for patients, kept as items that are flagged as predicted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.patient_set import PatientSet
from explorer.progress import progress
from explorer.shown_list import ShownList
from explorer.store import Store
from graphs.errors import ExamplesError, ModelError
from graphs.examples.examples import Examples
from graphs.explain import explain
from graphs.explanation.explanation import Explanation
from graphs.models.answers import Answers
from graphs.models.model import Model
from graphs.models.models import models
from graphs.prediction import Prediction
from graphs.predictions import shown
from graphs.provenance import Provenance

_FEWEST = 5
Floats = NDArray[np.float64]
_WHAT = {
    "survival": "log hazard against the mean of the training patients",
    "competing risks": "log hazard of the first cause against the mean of the training patients",
    "binary": "log odds",
    "multi-class": "expected place among the classes",
    "regression": "value",
}


def predict(
    model: Model,
    of: Examples | PatientSet,
    *,
    store: Store | None = None,
    keep: bool = True,
    ensemble: Sequence[Model] = (),
    horizon: float | None = None,
    top: int = 20,
) -> ShownList[Prediction]:
    """Predict, and write each answer among the patient's items.

    Predicting once more with the same checkpoint replaces an answer, another checkpoint stands
    beside it. Features leave predictions out unless they are asked for.

    Parameters
    ----------
    model : Model
        Fitted. Its `about` may name 'task', 'unit', 'horizon', 'snapshot', 'features' (the spec)
        and 'trained_on' (keys).
    of : Examples or PatientSet
        Of a set, the features are read by the model's own spec.
    store : Store, optional
        Where the answers go, and where the text of the evidence is read; a set brings its own.
    keep : bool
        Whether they are written.
    ensemble : sequence of Model
        The same model, fitted on random halves of its training patients
        (`graphs.models.refits.refits`): 1.96 standard deviations of their answers to both sides
        is the interval.
    horizon : float, optional
        Time up to which a probability is asked, in the unit of the outcome; by default the
        model's own (``about``), else the middle of its times.
    top : int
        Pieces of evidence that are kept of each patient.

    Returns
    -------
    ShownList of Prediction

    Raises
    ------
    ModelError
        The model is not fitted, or the ensemble is too small or of another model.
    ExamplesError
        Answers are to be kept, and no store is given.

    Examples
    --------
    >>> predict(model, store.cohort())
    """
    if not model.modalities:
        raise ModelError("The model is not fitted", do="model.fit(examples)")
    if isinstance(of, PatientSet):
        store = of.store if store is None else store
        examples = _features(model, of)
    else:
        examples = of
    if keep and store is None:
        raise ExamplesError("Answers are to be kept nowhere", do="give store=, or keep=False")
    found = _answers(model, examples, store, ensemble, horizon, top)
    if keep and store is not None:
        found = _kept(store, found)
    return shown(found)


def _features(model: Model, of: PatientSet) -> Examples:
    from graphs.features.features import features

    return features(of, model.about.get("features"), labels=False)


def _answers(
    model: Model, examples: Examples, store: Store | None, ensemble: Sequence[Model],
    horizon: float | None, top: int,
) -> list[Prediction]:  # fmt: skip
    answers = model.predict(examples)
    why = explain(model, examples, top=top, store=store)
    about, target = model.about, examples.target
    task = str(about.get("task") or (target.name if target else "") or "outcome")
    unit = str(about.get("unit") or (target.unit if target else ""))
    lower, upper, interval = _interval(model, examples, np.asarray(answers.risk, float), ensemble)
    chance, of_what = _chance(answers, about, horizon, unit)
    trained = about.get("trained_on")
    made = Provenance(model.NAME, _version(model), model.sha256, str(about.get("snapshot") or ""),
                      model.seed)  # fmt: skip
    return [
        Prediction(
            key, task, answers.kind, float(answers.risk[k]),
            None if lower is None else float(lower[k]), None if upper is None else float(upper[k]),
            interval, _WHAT[answers.kind], unit if answers.kind == "regression" else "",
            None if chance is None else float(chance[k]), of_what, _evidence(why, key), made,
            _seen(trained, key), json.dumps(model.settings, sort_keys=True, default=str),
            examples.snapshot,
        )
        for k, key in enumerate(examples.keys)
    ]  # fmt: skip


def _evidence(why: Explanation, key: str) -> tuple[Any, ...]:
    return tuple(why.of(key))


def _seen(trained: Any, key: str) -> str:
    if trained is None:
        return "not known whether the model was trained on this patient"
    return (
        "trained on: the model knows this patient, so this is no test of it" if key in trained
        else "the model was not trained on this patient"
    )  # fmt: skip


def _interval(
    model: Model, examples: Examples, risk: Floats, ensemble: Sequence[Model]
) -> tuple[Floats | None, Floats | None, str]:
    if not ensemble:
        return None, None, "the model gives none, and no ensemble was given"
    if len(ensemble) < _FEWEST or any(one.NAME != model.NAME for one in ensemble):
        raise ModelError(
            f"An ensemble of {len(ensemble)}", expected=f"{_FEWEST} or more of {model.NAME!r}"
        )
    said = np.stack([np.asarray(one.predict(examples).risk, float) for one in ensemble])
    # about the model's own answer: those of halves are shrunk more
    half = 1.96 * said.std(axis=0, ddof=1)
    about = f"95 % interval by {len(ensemble)} models fitted on random halves of the training"
    return risk - half, risk + half, about


def _chance(
    answers: Answers, about: dict[str, Any], horizon: float | None, unit: str
) -> tuple[Floats | None, str]:
    if answers.kind in ("survival", "competing risks"):
        if horizon is None:
            horizon = about.get("horizon")
        if horizon is None and len(answers.times):
            horizon = float(answers.times[len(answers.times) // 2])
        if horizon is None:
            return None, ""
        return answers.event_by(horizon), f"the event up to {horizon:g} {unit}".rstrip()
    if answers.kind == "binary" and answers.probability is not None:
        return answers.probability[:, 1], "the label"
    if answers.kind == "multi-class" and answers.probability is not None:
        return answers.probability.max(axis=1), "the likeliest class"
    return None, ""


def _version(model: Model) -> str:
    """Of the package that brings the model."""
    point = models().get(model.NAME)
    return point.dist.version if point is not None and point.dist is not None else "unknown"


def _kept(store: Store, found: list[Prediction]) -> list[Prediction]:
    from dataclasses import replace

    made = []
    keys = [one.patient for one in found]
    synthetic = {one.key: one.synthetic for one in store.patients(keys, ["items", "attributes"])}
    what = f"{len(found)} predictions of {found[0].task!r}" if found else "no predictions"
    with store.transaction(what) as t, progress("Predictions", len(found)) as step:
        t.begin(keys)
        for one in found:
            draft = one.run(synthetic=synthetic[one.patient])
            t.put_run(one.patient, draft)
            made.append(replace(one, address=f"onco:{one.patient}/nodes/{draft.nodes[0]['node']}"))
            step(one.patient)
    return made
