"""evaluate_run: the models of a configuration on patients that they are not fitted on."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from threading import Event
from typing import Any

from explorer.new_file import new_file
from graphs.evaluation.evaluation import Evaluation
from graphs.runs.evaluation_wishes import evaluation_wishes
from graphs.runs.run_config import RunConfig
from graphs.runs.run_data import RunData, run_data
from graphs.runs.software import software


def evaluate_run(
    config: RunConfig | str | Path, *, data: RunData | None = None, stop: Event | None = None
) -> Evaluation:
    """Evaluate as the configuration says; fits that were made are not made again.

    Parameters
    ----------
    config : RunConfig or path
    data : RunData, optional
        What `run_data` gave.
    stop : Event, optional
        Once it is set, what was done until then is given.

    Returns
    -------
    Evaluation
        The primary model comes first. `keep_evaluation` writes it.

    Raises
    ------
    ConfigError
        It asks for something that `graphs.evaluate` does not know.
    LeakError
        The patients cannot be divided without a leak.
    """
    from graphs.evaluate import evaluate

    asked = config if isinstance(config, RunConfig) else RunConfig.read(config)
    wishes = evaluation_wishes(asked.evaluation)
    read = run_data(asked) if data is None else data
    split = asked.split
    folds: Any = read.split
    if split.repeats > 1:
        # the split was looked through for leaks; its repeats are dealt by the evaluation
        folds = split.folds if read.split else None
    order = sorted(asked.models, key=lambda name: name != asked.primary)
    models = {name: (asked.models[name].model, asked.models[name].settings) for name in order}
    return evaluate(
        models, read.examples, folds=folds, repeats=split.repeats, seed=asked.seed,
        groups=split.group if split.repeats > 1 else "", device=asked.device,
        folder=asked.results / "fits" / asked.sha256[:16], stop=stop, **wishes,
    )  # fmt: skip


def keep_evaluation(config: RunConfig, data: RunData, made: Evaluation, name: str) -> Path:
    """Write an evaluation, with what it is of, as JSON and as a page.

    Returns
    -------
    Path
        The folder; what stood there under the name before is replaced.
    """
    folder = config.results
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "config": config.plain(), "config_sha256": config.sha256, "primary": config.primary,
        "task_sha256": data.task.sha256, "snapshot": data.examples.snapshot,
        "outcome_unknown": data.unknown, "software": software(),
    }  # fmt: skip
    document = json.dumps({"run": about, "evaluation": made.document()}, indent=2)
    head = f"<meta charset='utf-8'><title>{escape(data.task.name)}</title>"
    page = f"<!doctype html>{head}<pre>{escape(made.words)}</pre>{made._repr_html_()}"
    for path, text in ((folder / f"{name}.json", document), (folder / f"{name}.html", page)):
        part = path.with_name(path.name + ".part")
        part.unlink(missing_ok=True)
        new_file(part, text.encode()).replace(path)
    return folder
