"""The command ``anchor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from explorer.command import Json, StorePath, app, emit, opened, show

if TYPE_CHECKING:
    from explorer.store import Store

_SHOWN = 100


@app.command()
def anchor(
    store: StorePath,
    patient: Annotated[
        str | None, typer.Argument(metavar="[PATIENT]", help="Whose time zero --date is.")
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="The date of time zero.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="What it is: diagnosis, treatment start, ...")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="Where the date stands.")] = None,
    from_fact: Annotated[
        str | None,
        typer.Option("--from-fact", metavar="NAME", help="Of all: a fact, or a table's column."),
    ] = None,
    from_event: Annotated[
        str | None, typer.Option("--from-event", metavar="KIND", help="Of all: a kind of event.")
    ] = None,
    earliest: Annotated[
        bool, typer.Option("--earliest", help="Of several dates of a patient, the first.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List time zeros and what cannot be told; or say what time zero is."""
    from explorer.anchor import Anchor
    from explorer.anchors import anchors

    many = from_fact or from_event
    if (patient is None) != (date is None) or (from_fact and from_event) or (patient and many):
        raise typer.BadParameter("PATIENT with --date and --kind, or --from-fact, or --from-event")
    if date is not None and not kind:
        raise typer.BadParameter("what the date is: 'diagnosis', ...", param_hint="--kind")
    place = opened(store)
    if many:
        _set_many(place, "facts" if from_fact else "events", many, kind, earliest, as_json)
    if patient is not None and date is not None and kind is not None:
        with place.transaction(f"time zero is the {kind}") as t:
            t.set_anchor(place[patient].key, Anchor(date, kind, source or "said by a person"))
    key = place[patient].key if patient is not None else None
    found = [one for one in anchors(place) if key in (None, one.key)]
    if as_json:
        emit({"anchors": [{**one.__dict__, "disagree": one.disagree} for one in found]})
        return
    lines: list[list[Any]] = [
        [one.patient, one.date, one.kind, one.source, one.cannot_tell,
         ", ".join(f"{day} ({where})" for day, where in one.said.items()) if one.disagree else None]
        for one in found[:_SHOWN]
    ]  # fmt: skip
    untold = sum(one.cannot_tell for one in found)
    shown = f" ({_SHOWN} of {len(found)} shown)" if len(found) > _SHOWN else ""
    head = ["patient", "date", "time zero", "said by", "cannot tell", "sources that disagree"]
    show(f"Time zero{shown}", head, lines)
    typer.echo(f"{untold} rows have a date or a count of days and no day from time zero")


def _set_many(
    place: Store, table: str, many: str, kind: str | None, earliest: bool, as_json: bool
) -> NoReturn:
    """Say time zero of all patients at once."""
    from explorer.anchor_from import anchor_from

    done = anchor_from(place, table, many, kind=kind, earliest=earliest)
    if as_json:
        emit(done.__dict__)
    else:
        if done.disagree:
            rows = [
                [name, ", ".join(dates), "; ".join(dict.fromkeys(dates.values()))]
                for name, dates in list(done.disagree.items())[:_SHOWN]
            ]
            show("Several dates, none taken", ["patient", "dates", "where"], rows)
        typer.echo(
            f"time zero is the {done.kind}: {done.set} patients set, "
            f"{len(done.disagree)} with several dates, {done.without} without one"
        )
    raise typer.Exit(1 if done.disagree else 0)
