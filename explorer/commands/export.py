"""The command ``export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from explorer.command import Json, StorePath, app, emit, show


@app.command()
def export(
    store: StorePath,
    patient: Annotated[str, typer.Argument(metavar="PATIENT", help="Whom to export.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder.")],
    deidentify: Annotated[
        bool, typer.Option("--deidentify", help="Pseudonyms, shifted dates, scrubbed texts.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a patient's images, masks, texts and records as NIfTI, text and CSV files."""
    from explorer.export import export as run
    from explorer.store import open_store

    done = run(open_store(store), patient, folder, deidentify=deidentify)
    if as_json:
        emit({"folder": str(done.folder), "files": done.files, "left_out": done.left_out})
    else:
        kinds: dict[str, int] = {}
        for one in done.files:
            kinds[one["kind"]] = kinds.get(one["kind"], 0) + 1
        show(f"Exported to {done.folder}", ["kind", "files"], [[k, n] for k, n in kinds.items()])
        if done.left_out:
            rows = [[one["item"], one["reason"]] for one in done.left_out]
            show("Left out", ["item", "reason"], rows)
        if deidentify:
            typer.echo("Look before you share: text and pixels are not proven clean.")
    raise typer.Exit(1 if done.left_out else 0)
