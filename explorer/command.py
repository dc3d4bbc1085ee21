"""What the commands share: the app, their options, and how they print."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from explorer.printable import printable

if TYPE_CHECKING:
    from explorer.store import Store

app = typer.Typer(
    name="oncograph",
    help="Explore the images, segmentations, reports and facts of oncology patients.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_WHERE = "The store: a folder, or s3://bucket/prefix."
# text, not a path: a path object folds the slashes of a URL
StoreOption = Annotated[str, typer.Option("--store", help=_WHERE)]
StorePath = Annotated[str, typer.Argument(metavar="STORE", help=_WHERE)]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
TrustRoot = Annotated[
    list[Path] | None,
    typer.Option(
        "--trust-root",
        metavar="DIR",
        help="Let this store read its references below DIR; remembered for you.",
    ),
]


def opened(place: str, trust_root: list[Path] | None = None) -> Store:
    """Open the store of a command, and remember what the person trusts it with."""
    from explorer.store import Store
    from explorer.trust import folder_named

    store = Store(place)
    store.trust.add(folder_named(folder) for folder in trust_root or [])
    return store


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
