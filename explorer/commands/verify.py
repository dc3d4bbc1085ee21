"""The command ``verify``."""

from __future__ import annotations

from typing import Annotated

import typer

from explorer.command import Json, StorePath, TrustRoot, app, emit, opened, show


@app.command()
def verify(
    store: StorePath,
    patient: Annotated[str | None, typer.Option("--patient", help="Only this one.")] = None,
    trust_root: TrustRoot = None,
    as_json: Json = False,
) -> None:
    """Check every reference's sha256 and that every chunk can be read."""
    from explorer.verify import verify as check

    result = check(opened(store, trust_root), patient)
    if as_json:
        emit({**result.__dict__, "ok": result.ok})
    else:
        if result.faults:
            head = ["patient", "item", "file", "found", "do"]
            show("Faults", head, [[fault[name] for name in head] for fault in result.faults])
        typer.echo(repr(result)[1:-1])
    raise typer.Exit(0 if result.ok else 1)
