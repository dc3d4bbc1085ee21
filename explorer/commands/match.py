"""The command ``match``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from explorer.command import Json, StorePath, app, emit, opened, show

_SHOWN = 100


@app.command()
def match(
    store: StorePath,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="More ids for --accept.")
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", metavar="ID", help="Join this pair; 'safe': all safe ones."),
    ] = None,
    undo: Annotated[
        str | None, typer.Option("--undo", metavar="ID", help="Take this join back.")
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option("--reason", help="Why, without a name: it stays in the history of both."),
    ] = None,
    joined: Annotated[bool, typer.Option("--joined", help="List the joins in force.")] = False,
    as_json: Json = False,
) -> None:
    """List patients who may be one; join those that you say, or take a join back."""
    from explorer.accept import accept as take
    from explorer.join_log import current
    from explorer.match import match as find
    from explorer.unjoin import unjoin

    if (undo and (accept or joined)) or (ids and not accept):
        raise typer.BadParameter("one of --accept ID [ID...], --undo ID and --joined")
    place = opened(store)
    if accept:
        done = take(place, [*accept, *(ids or [])], reason)
        _say({"joined": [one.__dict__ for one in done]}, as_json, f"{len(done)} joined")
    elif undo:
        parted = unjoin(place, undo, reason or "taken back by a person")
        _say({"undone": parted.__dict__}, as_json, f"{parted.patient} is a patient again")
    elif joined:
        joins = current(place)
        if as_json:
            emit({"joins": joins})
            return
        head = ["id", "patient", "into", "reason", "time"]
        show(f"{len(joins)} joins", head, [[row[name] for name in head] for row in joins])
    else:
        found = find(place)
        if as_json:
            emit({"proposals": [one.document() for one in found]})
            return
        rows: list[list[Any]] = [
            [p.id, p.labels[0], p.labels[1], p.rule, "; ".join(p.evidence), "; ".join(p.against)]
            for p in found[:_SHOWN]
        ]  # fmt: skip
        head = ["id", "patient", "into", "rule", "evidence", "against"]
        shown = f" ({_SHOWN} shown; all with --json)" if len(found) > _SHOWN else ""
        show(f"{len(found)} proposals in {store}{shown}", head, rows)
        typer.echo("Nothing is joined before you say so: --accept ID [ID...]")


def _say(document: dict[str, Any], as_json: bool, text: str) -> None:
    if as_json:
        emit(document)
    else:
        typer.echo(text)
