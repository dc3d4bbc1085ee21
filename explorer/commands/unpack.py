"""The command ``unpack``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from explorer.command import Json, StorePath, app, emit
from explorer.printable import printable


@app.command()
def unpack(
    file: Annotated[Path, typer.Argument(metavar="FILE.onco.zip", help="A packed patient.")],
    store: StorePath,
    keep_key: Annotated[
        bool, typer.Option("--keep-key", help="Keep the patient's key, so that addresses hold.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Take the patient in though he was erased.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take a packed patient into a store, made where there is none."""
    from explorer.store import open_store
    from explorer.unpack_patient import unpack_patient

    done = unpack_patient(file, open_store(store, create=True), keep_key=keep_key, again=again)
    if as_json:
        emit(done.__dict__)
        return
    said = f"{done.versions} new versions" if done.versions else "there already, from this pack"
    typer.echo(f"{printable(done.patient)} ({done.key}): {said}")
    for name, text in (("Licence", done.licence), ("Notes", done.notes)):
        if text:
            typer.echo(f"{name}: {printable(text)}")
