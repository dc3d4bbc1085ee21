"""The command ``tables``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from explorer.command import Json, StorePath, app, emit, show


@app.command()
def tables(
    store: StorePath,
    name: Annotated[
        str | None, typer.Option("--yaml", metavar="NAME", help="Print the map of this table.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the tables that were taken in, and what their columns mean."""
    from explorer.store import Store
    from explorer.tables import tables as listed

    found = listed(Store(store))
    if name is not None:
        # as it stands: it is written to a file, edited, and read again
        sys.stdout.write(found[name].meaning)
        return
    if as_json:
        emit({"tables": [asdict(one) for one in found]})
        return
    rows = []
    for one in found:
        for meaning in one.tables():
            vectors = ", ".join(block.name for block in meaning.vectors)
            outcomes = ", ".join(outcome.name for outcome in meaning.outcomes)
            sheet = f"!{meaning.sheet}" if meaning.sheet else ""
            whose = meaning.identifier or "the columns"
            rows.append([one.name + sheet, one.by, meaning.rows, whose, len(meaning.columns),
                         vectors or None, outcomes or None, one.note])  # fmt: skip
    head = ["table", "said by", "a row is", "patients in", "columns", "vectors", "outcomes", "held"]
    show(f"{len(found)} tables in {store}", head, rows)
