"""The command ``export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from explorer.command import Json, app, emit, show

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet
    from explorer.store import Store


@app.command()
def export(
    store: Annotated[
        str | None, typer.Argument(metavar="STORE", help="Folder, or s3:// URL, of the store.")
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATIENT] FOLDER", help="A new folder; before it, whom to export alone."
        ),
    ] = None,
    cohort: Annotated[
        str | None, typer.Option("--cohort", metavar="NAME", help="A frozen cohort.")
    ] = None,
    where: Annotated[
        str | None, typer.Option("--where", metavar="SQL", help="Patients whom a condition fits.")
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", metavar="F", help="nnunet, bids, ... or 'list'.")
    ] = None,
    split: Annotated[
        str | None, typer.Option("--split", metavar="NAME", help="Parts: train, val, test.")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="NAME=VALUE", help="Such as overlap=order."),
    ] = None,
    deidentify: Annotated[
        bool, typer.Option("--deidentify", help="Pseudonyms, shifted dates, scrubbed texts.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a patient as NIfTI, text and CSV; or a cohort, in a format of other programs."""
    from explorer.store import open_store

    if format == "list":
        return _list(as_json)
    names = names or []
    if store is None or not names:
        raise typer.BadParameter("Say STORE and FOLDER; --format list needs neither")
    opened = open_store(store)
    if len(names) == 2 and not (cohort or where or format or split):
        return _patient(opened, names[0], Path(names[1]), deidentify, as_json)
    if len(names) != 1 or (cohort and where):
        raise typer.BadParameter("Say PATIENT FOLDER, or FOLDER with --cohort or --where")
    given = _options(option or [])
    chosen = _chosen(opened, cohort, where)
    done = chosen.export(
        names[0], format or "nifti-csv", split=split, deidentify=deidentify, **given
    )
    if as_json:
        emit({"folder": str(done.folder), "resumed": done.resumed, **done.manifest})
    else:
        title = f"{done.words} exported as {done.format} to {done.folder}"
        show(title, ["what", "files", "bytes"], done.summary())
        if done.left_out:
            show("Left out", ["reason", "items"], done.reasons())
        if deidentify:
            typer.echo("Look before you share: text and pixels are not proven clean.")
    raise typer.Exit(1 if done.left_out else 0)


def _list(as_json: bool) -> None:
    from explorer.exports.exporter import formats

    rows = [[name, one.about] for name, one in formats().items()]
    if as_json:
        emit(dict(rows))
    else:
        show("Formats", ["format", "what it writes"], rows)


def _options(given: list[str]) -> dict[str, Any]:
    """``NAME=VALUE`` as keyword arguments; a list has commas."""
    found: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise typer.BadParameter(f"--option {one!r} is not NAME=VALUE")
        if name in ("channels", "labels"):
            found[name] = [part.strip() for part in value.split(",")]
        elif name in ("resample", "series"):
            found[name] = value.casefold() in ("true", "yes", "1")
        elif name == "number":
            found[name] = int(value) if value.isdigit() else 0
        else:
            found[name] = value
    return found


def _chosen(store: Store, cohort: str | None, where: str | None) -> PatientSet:
    if cohort is not None:
        return store.cohort(cohort)
    if where is None:
        return store.cohort()
    return store.cohort().where(where)


def _patient(store: Store, name: str, folder: Path, deidentify: bool, as_json: bool) -> None:
    from explorer.export import export as run

    done = run(store, name, folder, deidentify=deidentify)
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
