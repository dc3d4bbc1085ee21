"""The command ``case``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from explorer.command import Json, StorePath, emit, opened, show


def case(
    store: StorePath,
    patient: Annotated[str, typer.Argument(metavar="PATIENT", help="Whose case it is.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The new page.")],
    identified: Annotated[
        bool, typer.Option("--identified", help="Keep names, dates and texts as they are.")
    ] = False,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="A person's name to take out of the texts; may be repeated."),
    ] = None,
    review: Annotated[
        bool, typer.Option("--review/--no-review", help="List the words to look at on the page.")
    ] = True,
    pictures: Annotated[
        int, typer.Option("--pictures", min=0, help="Places that are pictured, at most.")
    ] = 24,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file that is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a case as one page that loads nothing; de-identified unless told otherwise."""
    from widgets.to_html import to_html

    made = to_html(
        opened(store)[patient], out, identified=identified, names=name or (), review=review,
        pictures=pictures, overwrite=overwrite,
    )  # fmt: skip
    doubts = [vars(one) for one in made.doubts]
    if as_json:
        emit({
            "path": str(made.path), "case": made.who, "identified": made.identified,
            "bytes": made.size, "pictures": made.pictures, "withheld": list(made.withheld),
            "review": doubts,
        })  # fmt: skip
    else:
        rows: list[list[object]] = [
            ["case", made.who],
            ["pictures", made.pictures],
            ["bytes", made.size],
        ]
        show(f"Written to {made.path}", ["", ""], rows)
        if made.withheld:
            show("Not on the page", ["what, and why"], [[one] for one in made.withheld])
        if doubts:
            rows = [[one["word"], one["count"], one["context"]] for one in doubts]
            show("Look at these words before you share it", ["word", "times", "first in"], rows)
        if not identified:
            typer.echo("Look before you share: texts and pictures are not proven clean.")
    raise typer.Exit(1 if made.withheld else 0)
