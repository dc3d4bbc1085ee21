"""The command ``relink``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from explorer.command import Json, StorePath, app, emit, opened, show

_SHOWN = 20


@app.command()
def relink(
    store: StorePath,
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Where the sources were.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Where they are.")],
    search: Annotated[
        bool, typer.Option("--search", help="Look by name and size, anywhere below NEW.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let a store's references point to where its sources were moved, after their sha256."""
    from explorer.relink import relink as run

    result = run(opened(store), old, new, search=search)
    if as_json:
        emit(result.__dict__)
    else:
        if result.left:
            head = ["patient", "file", "reason"]
            rows = [[one[name] for name in head] for one in result.left[:_SHOWN]]
            show(f"Left as they were: {len(result.left)}", head, rows)
        typer.echo(
            f"{result.files} files of {result.patients} patients found, references of "
            f"{result.items} items rewritten"
        )
    raise typer.Exit(1 if result.left else 0)
