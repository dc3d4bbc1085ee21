"""The command ``compact``."""

from __future__ import annotations

from typing import Annotated

import typer

from explorer.command import Json, StorePath, app, emit


@app.command()
def compact(
    store: StorePath,
    grace: Annotated[
        float, typer.Option("--grace", min=0, help="Leave orphans younger than this (seconds).")
    ] = 3600.0,
    expire_before: Annotated[
        str | None,
        typer.Option(
            "--expire-before", metavar="DATE", help="Let older versions go, pinned ones not."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say what would be done.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Merge small fragments and sweep up what no version can reach."""
    from explorer.compact import compact as run
    from explorer.store import Store

    result = run(Store(store), grace, expire_before=expire_before, dry_run=dry_run)
    if as_json:
        emit(result.__dict__)
    else:
        typer.echo(", ".join(f"{name} {value}" for name, value in result.__dict__.items()))
