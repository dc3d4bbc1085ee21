"""The command ``evaluate``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from explorer.command import Json, emit, show
from graphs.commands.train import ConfigPath, Device


def evaluate(
    config: ConfigPath,
    on: Annotated[
        str, typer.Option("--on", metavar="STORE", help="Try the trained models on this store.")
    ] = "",
    cohort: Annotated[
        str, typer.Option("--cohort", metavar="NAME", help="With --on: a frozen cohort there.")
    ] = "",
    device: Device = "",
    as_json: Json = False,
) -> None:
    """Evaluate a configuration's models, with what must stand beside; fits made are kept.

    Without --on the models are fitted on some patients and tested on others, as the split says.
    With it, the models that ``train`` kept are tried on other patients, and nothing is fitted.
    """
    from graphs.runs.evaluate_elsewhere import evaluate_elsewhere
    from graphs.runs.evaluate_run import evaluate_run, keep_evaluation
    from graphs.runs.run_config import RunConfig
    from graphs.runs.run_data import run_data

    if cohort and not on:
        raise typer.BadParameter("--cohort goes with --on")
    asked = RunConfig.read(config)
    if device:
        asked = replace(asked, device=device)
    if asked.device.startswith("cuda"):
        from graphs.model_folder import chosen_device

        chosen_device(asked.device)
    data = run_data(asked)
    if on:
        made, there = evaluate_elsewhere(asked, on, cohort, data=data)
        folder = keep_evaluation(asked, there, made, "external")
    else:
        made = evaluate_run(asked, data=data)
        folder = keep_evaluation(asked, data, made, "evaluation")
    if as_json:
        emit({"primary": asked.primary, "folder": str(folder), **made.document()})
    else:
        show_evaluation(made, asked.primary, folder)
    if not made.complete:
        raise typer.Exit(1)


def show_evaluation(made: Any, primary: str, folder: Path) -> None:
    """Print what came out: the models, then the words."""
    rows = [[_cell(one) for one in row] for row in made.table.reset_index(drop=True).to_numpy()]
    show(f"Primary model: {primary}", [str(one) for one in made.table.columns], rows)
    typer.echo(made.words)
    typer.echo(f"Kept in {folder}: as JSON, and as a page.")


def _cell(value: Any) -> Any:
    return f"{value:.3f}" if isinstance(value, float) else value
