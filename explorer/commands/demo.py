"""The command ``demo``."""

from __future__ import annotations

from typing import Annotated

import typer

from explorer.command import Json, app, emit
from explorer.commands.info import info


@app.command()
def demo(
    store: Annotated[
        str | None, typer.Option("--store", help="Where the demo's store is made.")
    ] = None,
    open_lab: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the notebook in JupyterLab.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Ingest the bundled real patients and open the first notebook."""
    from explorer.demo import make_demo, open_notebook
    from explorer.info import info as describe

    made = make_demo(store)
    if as_json:
        emit(describe(made))
    else:
        info(made.url)
    if open_lab:
        raise typer.Exit(open_notebook(made))
