"""The command ``cohort``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from explorer.command import Json, StorePath, app, emit, opened, show

if TYPE_CHECKING:
    from explorer.cohort import Cohort
    from explorer.select.comparison import Comparison
    from explorer.store import Store

_SHOWN = 50
Many = list[str] | None


@app.command()
def cohort(
    store: StorePath,
    condition: Annotated[
        str | None, typer.Argument(metavar="[WHERE]", help="SQL over patients: \"sex = 'F'\".")
    ] = None,
    having: Annotated[
        Many, typer.Option("--having", metavar="KIND", help="CT, report, rna.")
    ] = None,
    fact: Annotated[
        Many, typer.Option("--fact", metavar="CONDITION", help="'age > 60 years'.")
    ] = None,
    missing: Annotated[
        Many, typer.Option("--missing", metavar="STATE", help="Absence that stays; any.")
    ] = None,
    name: Annotated[str | None, typer.Option("--freeze", metavar="NAME", help="Keep it.")] = None,
    by_reference: Annotated[
        bool, typer.Option("--by-reference", help="Leave referenced pixels in their files.")
    ] = False,
    versus: Annotated[
        tuple[str, str] | None,
        typer.Option("--compare", metavar="A B", help="Two frozen cohorts: who came, who went."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the frozen cohorts.")] = False,
    as_json: Json = False,
) -> None:
    """Choose patients, see who was left out why, and freeze them; compare two cohorts."""
    asked = bool(condition or having or fact or missing or name)
    if asked + bool(versus) + listed > 1:
        raise typer.BadParameter("one of a question, --compare A B and --list")
    if by_reference and not name:
        raise typer.BadParameter("--by-reference goes with --freeze NAME")
    place = opened(store)
    if listed:
        _list(place, as_json)
    elif versus:
        _compare(place.cohort(versus[0]).compare(place.cohort(versus[1])), as_json)
    else:
        found = place.cohort()
        for one in having or []:
            found = found.having(one, missing=missing or ())
        for one in fact or []:
            found = found.with_fact(one, missing=missing or ())
        if condition:
            found = found.where(condition)
        frozen = found.freeze(name, by_reference=by_reference) if name else None
        _say(
            found, None if frozen is None else frozen.document | {"sha256": frozen.digest}, as_json
        )


def _say(found: Cohort, frozen: dict[str, Any] | None, as_json: bool) -> None:
    labels = found.labels
    if as_json:
        patients = [
            {"key": key, "label": labels[key], "version": version}
            for key, version in found.versions.items()
        ]
        emit({**found.flow.document(), "question": found.question, "patients": patients,
              "frozen": frozen})  # fmt: skip
        return
    from explorer.select.flow import reasons

    rows: list[list[Any]] = [["all patients", found.flow.total, None, None]]
    rows += [[s.reason, s.left, s.before - s.left or None, reasons(s)] for s in found.steps]
    show(f"{len(found)} of {found.flow.total} patients", ["step", "left", "out", "why"], rows)
    more = f" ({_SHOWN} of {len(labels)} shown; all with --json)" if len(labels) > _SHOWN else ""
    listed = list(found.versions.items())[:_SHOWN]
    show(f"Patients{more}", ["patient", "version"], [[labels[key], n] for key, n in listed])
    if frozen is not None:
        typer.echo(f"Frozen: sha256 {frozen['sha256']}")


def _list(place: Store, as_json: bool) -> None:
    found = place.cohorts()
    rows = [[one.name, len(one), one.time, one.self_contained, one.digest] for one in found]
    head = ["name", "patients", "time", "self_contained", "sha256"]
    if as_json:
        emit({"cohorts": [dict(zip(head, row, strict=True)) for row in rows]})
    else:
        show(f"{len(rows)} frozen cohorts", head, rows)


def _compare(found: Comparison, as_json: bool) -> None:
    if as_json:
        emit(found.document())
        return
    show("Patients", list(found.counts), [list(found.counts.values())])
    for title, frame in (("Why", found.reasons()), ("Changed", found.changed.drop(columns="key"))):
        if len(frame):
            rows = [
                [", ".join(cell) if isinstance(cell, list) else cell for cell in row]
                for row in frame.head(_SHOWN).itertuples(index=False)
            ]
            show(title, list(frame.columns), rows)
