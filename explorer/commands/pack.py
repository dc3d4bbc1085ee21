"""The command ``pack``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from explorer.command import Json, StorePath, TrustRoot, app, emit, opened
from explorer.printable import printable


@app.command()
def pack(
    store: StorePath,
    patient: Annotated[str, typer.Argument(metavar="PATIENT", help="The identifier, or the key.")],
    file: Annotated[Path, typer.Argument(metavar="FILE.onco.zip", help="The file to write.")],
    history: Annotated[
        bool, typer.Option("--history", help="All earlier versions as well.")
    ] = False,
    licence: Annotated[
        str | None, typer.Option("--licence", help="What the receiver may do with it.")
    ] = None,
    notes: Annotated[str | None, typer.Option("--notes", help="For the receiver.")] = None,
    trust_root: TrustRoot = None,
    as_json: Json = False,
) -> None:
    """Write one patient to a file that stands alone, to hand over."""
    from explorer.pack import pack as run

    done = run(
        opened(store, trust_root), patient, file, history=history, licence=licence, notes=notes
    )
    if as_json:
        emit(done.__dict__)
    else:
        typer.echo(
            f"{printable(done.patient)}: {done.versions} versions, {done.items} items, "
            f"{done.bytes} bytes in {printable(done.file)}. It is not de-identified by this."
        )
        for item in done.left:
            typer.echo(f"Without the pixels of {printable(item)}: they stay in their own file.")
    raise typer.Exit(1 if done.left else 0)
