"""The command ``ingest``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from explorer.command import Json, StoreOption, app, emit, show


@app.command()
def ingest(
    sources: Annotated[list[Path], typer.Argument(metavar="SRC...", help="Folders, zips, files.")],
    store: StoreOption,
    copy: Annotated[bool, typer.Option("--copy", help="Copy pixels into the store.")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Reading processes.")] = 1,
    patient: Annotated[
        str | None, typer.Option("--patient", help="Whose the files are that do not say it.")
    ] = None,
    issuer: Annotated[
        str | None, typer.Option("--issuer", help="Who gave out the patients' identifiers.")
    ] = None,
    pair: Annotated[
        list[str] | None,
        typer.Option("--pair", metavar="MASK=IMAGE", help="A mask file and its image file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take folders, zip archives and files into a store."""
    from explorer.ingest import ingest as run

    pairs = {}
    for text in pair or []:
        mask, equals, image = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} is not MASK=IMAGE", param_hint="--pair")
        pairs[mask] = image
    result = run(
        sources, store, copy=copy, workers=workers, patient=patient, issuer=issuer, pairs=pairs
    )
    if as_json:
        emit(result.document())
    else:
        rows = [[p["id"], p["version"], p["items"], p["changed"]] for p in result.patients]
        if rows:
            show("Patients", ["patient", "version", "items", "changed"], rows)
        if result.refused:
            head = ["files", "reason", "such as"]
            show("Refused", head, [[n, why, path] for why, n, path in result.reasons()])
        typer.echo(result.summary())
    raise typer.Exit(1 if result.refused else 0)
