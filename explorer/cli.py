"""The command ``oncograph``.

Each command prints for people and, with ``--json``, one JSON document on stdout for programs.
Exit status: 0 done, 1 done with files refused or checks failed, 2 usage.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from explorer.errors import OncographError
from explorer.printable import printable

app = typer.Typer(
    name="oncograph",
    help="Explore the images, segmentations, reports and facts of oncology patients.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StoreOption = Annotated[Path, typer.Option("--store", help="The store's folder.")]
StorePath = Annotated[Path, typer.Argument(metavar="STORE", help="The store's folder.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def show(title: str, head: list[str], rows: list[list[Any]]) -> None:
    """Print a table; every cell is text, whatever markup it holds."""
    table = Table(
        title=Text(printable(title)), title_justify="left", box=SIMPLE_HEAD, pad_edge=False
    )
    for name in head:
        table.add_column(Text(printable(name)), overflow="fold")
    for row in rows:
        table.add_row(*(Text("–" if value is None else printable(value)) for value in row))  # noqa: RUF001 - a dash for absence
    # a pipe has no width of its own; eighty columns would fold every name
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def emit(document: Any) -> None:
    """Print one JSON document on stdout."""
    text = json.dumps(document, ensure_ascii=False, default=str)
    # a lone surrogate (a name that is no UTF-8) becomes JSON's own escape of it
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")


@app.command()
def ingest(
    sources: Annotated[list[Path], typer.Argument(metavar="SRC...", help="Folders, zips, files.")],
    store: StoreOption,
    copy: Annotated[bool, typer.Option("--copy", help="Copy pixels into the store.")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Reading processes.")] = 1,
    patient: Annotated[
        str | None, typer.Option("--patient", help="Whose the files are that do not say it.")
    ] = None,
    issuer: Annotated[
        str | None, typer.Option("--issuer", help="Who gave out the patients' identifiers.")
    ] = None,
    pair: Annotated[
        list[str] | None,
        typer.Option("--pair", metavar="MASK=IMAGE", help="A mask file and its image file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take folders, zip archives and files into a store."""
    from explorer.ingest import ingest as run

    pairs = {}
    for text in pair or []:
        mask, equals, image = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} is not MASK=IMAGE", param_hint="--pair")
        pairs[mask] = image
    result = run(
        sources, store, copy=copy, workers=workers, patient=patient, issuer=issuer, pairs=pairs
    )
    if as_json:
        emit(result.document())
    else:
        rows = [[p["id"], p["version"], p["items"], p["changed"]] for p in result.patients]
        if rows:
            show("Patients", ["patient", "version", "items", "changed"], rows)
        if result.refused:
            head = ["files", "reason", "such as"]
            show("Refused", head, [[n, why, path] for why, n, path in result.reasons()])
        typer.echo(result.summary())
    raise typer.Exit(1 if result.refused else 0)


@app.command()
def info(
    store: StorePath,
    patient: Annotated[str | None, typer.Option("--patient", help="Only this one.")] = None,
    as_json: Json = False,
) -> None:
    """Say what a store holds."""
    from explorer.info import info as describe
    from explorer.store import Store

    document = describe(Store(store), patient)
    if as_json:
        emit(document)
        return
    rows = [
        [one["id"], item["id"], item["modality"] or item["kind"], item["name"],
         " x ".join(map(str, item["shape"] or [])), item["units"], item["day"], item["storage"],
         ", ".join(item["labels"][:6])]
        for one in document["patients"]
        for item in one["items"]
    ]  # fmt: skip
    head = ["patient", "item", "kind", "name", "shape", "units", "day", "storage", "labels"]
    show(f"{len(document['patients'])} patients in {store}", head, rows)


@app.command()
def verify(
    store: StorePath,
    patient: Annotated[str | None, typer.Option("--patient", help="Only this one.")] = None,
    as_json: Json = False,
) -> None:
    """Check every reference's sha256 and that every chunk can be read."""
    from explorer.store import Store
    from explorer.verify import verify as check

    result = check(Store(store), patient)
    if as_json:
        emit({**result.__dict__, "ok": result.ok})
    else:
        if result.faults:
            head = ["patient", "item", "file", "found", "do"]
            show("Faults", head, [[fault[name] for name in head] for fault in result.faults])
        typer.echo(repr(result)[1:-1])
    raise typer.Exit(0 if result.ok else 1)


@app.command()
def compact(
    store: StorePath,
    grace: Annotated[
        float, typer.Option("--grace", min=0, help="Leave orphans younger than this (seconds).")
    ] = 3600.0,
    as_json: Json = False,
) -> None:
    """Merge small fragments and sweep up what no version can reach."""
    from explorer.compact import compact as run
    from explorer.store import Store

    result = run(Store(store), grace)
    if as_json:
        emit(result.__dict__)
    else:
        typer.echo(", ".join(f"{name} {value}" for name, value in result.__dict__.items()))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is installed, what is missing, and the command that mends it."""
    from explorer.doctor import doctor as examine

    checks = examine()
    if as_json:
        emit({"checks": [check.__dict__ for check in checks]})
    else:
        words = {True: "ok", False: "missing", None: "optional"}
        rows = [[words[check.ok], check.name, check.found, check.do] for check in checks]
        show("oncograph doctor", ["", "what", "found", "what to do"], rows)
    raise typer.Exit(1 if any(check.ok is False for check in checks) else 0)


@app.command()
def demo(
    store: Annotated[
        Path | None, typer.Option("--store", help="Where the demo's store is made.")
    ] = None,
    open_lab: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the notebook in JupyterLab.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Ingest the bundled real patients and open the first notebook."""
    from explorer.demo import make_demo, open_notebook
    from explorer.info import info as describe

    made = make_demo(store)
    if as_json:
        emit(describe(made))
    else:
        info(made.path)
    if open_lab:
        raise typer.Exit(open_notebook(made))


def main() -> None:
    """Run the command; errors for people become one message and exit status 2."""
    os.umask(0o077)  # what the store writes is for its owner
    for point in entry_points(group="oncograph.commands"):
        app.add_typer(point.load(), name=point.name)
    try:
        app()
    except OncographError as error:
        Console(stderr=True).print(Text(f"oncograph: {printable(error)}"))
        sys.exit(2)
    except KeyboardInterrupt:
        Console(stderr=True).print("Stopped. What was committed is whole; run it again to go on.")
        sys.exit(130)


if __name__ == "__main__":
    main()
