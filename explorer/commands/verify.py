"""The command ``verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from explorer.command import Json, StorePath, TrustRoot, app, emit, opened, show

if TYPE_CHECKING:
    from explorer.store import Store


@app.command()
def verify(
    store: StorePath,
    patient: Annotated[str | None, typer.Option("--patient", help="Only this one.")] = None,
    cohort: Annotated[
        str | None, typer.Option("--cohort", help="A frozen cohort: all of it as it was frozen.")
    ] = None,
    trust_root: TrustRoot = None,
    as_json: Json = False,
) -> None:
    """Check every reference's sha256 and that every chunk can be read; or a frozen cohort."""
    from explorer.verify import verify as check

    if patient is not None and cohort is not None:
        raise typer.BadParameter("a patient or a cohort, not both", param_hint="--cohort")
    place = opened(store, trust_root)
    if cohort is not None:
        _cohort(place, cohort, as_json=as_json)
    result = check(place, patient)
    if as_json:
        emit({**result.__dict__, "ok": result.ok})
    else:
        if result.faults:
            head = ["patient", "item", "file", "found", "do"]
            show("Faults", head, [[fault[name] for name in head] for fault in result.faults])
        typer.echo(repr(result)[1:-1])
    raise typer.Exit(0 if result.ok else 1)


def _cohort(store: Store, name: str, *, as_json: bool) -> None:
    from explorer.printable import printable

    result = store.cohort(name).verify()
    if as_json:
        emit(result.document())
    else:
        if rows := result.rows():
            show("Not as it was", ["patient", "item", "found"], rows)
        typer.echo(printable(repr(result)[1:-1]))
        typer.echo(f"sha256 {result.digest}")
    raise typer.Exit(0 if result.ok else 1)
