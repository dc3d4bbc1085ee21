"""The command ``erase``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from explorer.command import Json, StorePath, app, emit, opened, show
from explorer.printable import printable

if TYPE_CHECKING:
    from explorer.erase import Erasure


@app.command()
def erase(
    store: StorePath,
    patient: Annotated[str, typer.Argument(metavar="PATIENT", help="The identifier, or the key.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Erase a patient for good: arrays, rows, names, history; say what still holds the patient."""
    from explorer.erase import erase as run
    from explorer.erase import plan_erasure

    place = opened(store)
    planned = plan_erasure(place, patient)
    if not as_json:
        typer.echo(
            f"{printable(planned.patient)}: {planned.versions} versions, {planned.items} items, "
            f"{planned.rows} rows and {planned.bytes} bytes of arrays go for good."
        )
        _outside(planned)
    if not yes:
        if as_json:
            raise typer.BadParameter("with --json nobody is asked: add --yes", param_hint="--yes")
        typer.confirm("Erase?", abort=True, err=True)
    done = run(place, planned.keys[0])
    if as_json:
        emit(done.document())
    else:
        typer.echo("Erased.")
        for folder in done.at_work:
            typer.echo(f"A run is at work; its folder goes with it: {folder}")


def _outside(planned: Erasure) -> None:
    rows = planned.outside.lines()
    if rows:
        show("What still holds the patient afterwards", ["what", "where", ""], rows)
