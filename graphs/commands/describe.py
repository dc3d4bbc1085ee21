"""The command ``describe``."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from explorer.command import Json, StorePath, TrustRoot, emit, opened
from explorer.errors import OncographError
from explorer.printable import printable
from explorer.progress import progress

_TABLES = ("items", "segments", "texts", "runs", "observations")


def describe(
    store: StorePath,
    patient: Annotated[str | None, typer.Option("--patient", help="Only this one.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep/--no-keep", help="Commit the measurements and the reports.")
    ] = True,
    trust_root: TrustRoot = None,
    as_json: Json = False,
) -> None:
    """Write a report of what is outlined: sizes, volumes, intensities, organs, contact."""
    from graphs.describe import describe as write

    place = opened(store, trust_root)
    everybody = place.patients([patient] if patient else None, _TABLES)
    documents: list[dict[str, Any]] = []
    failed = 0
    with progress("Describing", len(everybody)) as step:
        for one in everybody:
            if one.segmentations or patient:
                try:
                    report = write(one, keep=keep)
                except OncographError as error:
                    failed += 1
                    sys.stderr.write(f"{printable(one.label)}: {printable(error)}\n")
                else:
                    documents.append({"label": one.label, **report.document()})
            step(one.label)
    if as_json:
        emit({"reports": documents})
    else:
        for document in documents:
            typer.echo(f"{printable(document['label'])}\n\n{printable(document['text'])}")
        typer.echo(f"{len(documents)} reports of {len(everybody)} patients; {failed} failed")
    if failed:
        raise typer.Exit(1)
