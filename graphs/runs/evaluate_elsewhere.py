"""evaluate_elsewhere: models that were trained, on patients of another store or cohort."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from explorer.errors import NotFoundError
from explorer.store import Store
from graphs.errors import ConfigError
from graphs.evaluation.evaluation import Evaluation
from graphs.models.model import ABOUT
from graphs.runs.run_config import RunConfig
from graphs.runs.run_data import RunData, run_data


def evaluate_elsewhere(
    config: RunConfig | str | Path, store: str, cohort: str = "", *, data: RunData | None = None
) -> tuple[Evaluation, RunData]:
    """Try the models that `graphs.train` kept on an external cohort; nothing is fitted.

    Parameters
    ----------
    config : RunConfig or path
        Of the training: its task and features are read of the other patients, too.
    store : str
        Folder or ``s3://`` of the other store.
    cohort : str
        A frozen one there; all patients by default.
    data : RunData, optional
        Of the training.

    Returns
    -------
    Evaluation
        A row a model, the primary one first.
    RunData
        Of the other patients; those who were trained on are not among them.

    Raises
    ------
    ConfigError
        No model was trained, or nobody is left.
    """
    from graphs.evaluate_fitted import evaluate_fitted
    from graphs.features.features import features

    asked = config if isinstance(config, RunConfig) else RunConfig.read(config)
    order = sorted(asked.models, key=lambda name: name != asked.primary)
    folders = {name: asked.results / "models" / name for name in order}
    kept = {name: place for name, place in folders.items() if (place / ABOUT).exists()}
    if not kept:
        raise ConfigError("No model was trained", where=str(asked.results), do="oncograph train")
    trained = run_data(asked) if data is None else data
    place = Store(store)
    try:
        patients = place.cohort(cohort) if cohort else place.cohort()
    except NotFoundError as error:
        raise ConfigError(f"cohort: {error.found}", where=store) from error
    found = features(patients, asked.features, task=trained.task, like=trained.examples)
    with_outcome = known = found.known()
    # a key is random: the same one is the same patient, in a store that was copied, too
    seen = set(trained.train.keys)
    known = known.take([key not in seen for key in known.keys])
    if not len(known):
        raise ConfigError(
            f"Nobody is left to try the models on: of {len(found)} patients "
            f"{len(with_outcome)} have a known outcome, and the models were trained on "
            f"{len(with_outcome) - len(known)} of those", where=store,
            expected="patients with a known outcome who were not trained on",
        )  # fmt: skip
    made = evaluate_fitted(kept, known, seed=asked.seed, device=asked.device)
    there = replace(asked, store=store, cohort=cohort)
    return made, RunData(there, patients, trained.task, known, len(found) - len(known))
