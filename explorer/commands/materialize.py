"""The command ``materialize``."""

from __future__ import annotations

from typing import Annotated

import typer

from explorer.command import Json, StorePath, TrustRoot, app, emit, opened, show


@app.command()
def materialize(
    store: StorePath,
    patients: Annotated[
        list[str] | None, typer.Argument(metavar="[PATIENT...]", help="All by default.")
    ] = None,
    trust_root: TrustRoot = None,
    as_json: Json = False,
) -> None:
    """Copy referenced pixels into the store, so that it stands alone."""
    from explorer.materialize import materialize as run

    result = run(opened(store, trust_root), patients or None)
    if as_json:
        emit(result.__dict__)
    else:
        if result.left:
            head = ["patient", "item", "reason"]
            show("Left by reference", head, [[one[name] for name in head] for one in result.left])
        typer.echo(
            f"{result.items} items of {result.patients} patients copied, {result.bytes} bytes"
        )
    raise typer.Exit(1 if result.left else 0)
