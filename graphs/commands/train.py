"""The command ``train``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from explorer.command import Json, emit, show

ConfigPath = Annotated[
    Path, typer.Argument(metavar="CONFIG", exists=True, dir_okay=False, help="A YAML file.")
]
Device = Annotated[str, typer.Option("--device", help="auto, cpu or cuda; over the file's.")]


def train(config: ConfigPath, device: Device = "", as_json: Json = False) -> None:
    """Fit the models of a configuration and keep them; what is kept is not fitted again."""
    from graphs.runs.epoch_progress import epoch_progress
    from graphs.runs.run_config import RunConfig
    from graphs.runs.trained_run import HEAD
    from graphs.train import train as fit

    asked = RunConfig.read(config)
    if device:
        asked = replace(asked, device=device)
    with epoch_progress("Training", len(asked.models)) as (on_epoch, stop):
        made = fit(asked, on_epoch=on_epoch, stop=stop)
    if as_json:
        emit(made.document())
    else:
        title = f"Trained on {made.patients} patients ({made.unknown} without a known outcome)"
        show(title, HEAD, [one.row() for one in made.models])
    if made.failed:
        raise typer.Exit(1)
