"""The command ``ingest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from explorer.command import Json, StoreOption, app, emit, show

if TYPE_CHECKING:
    from explorer.ingest_result import IngestResult

_SHOWN = 50
_COLUMNS = 80


@app.command()
def ingest(
    sources: Annotated[
        list[str], typer.Argument(metavar="SRC...", help="Folders, zips, files, s3://...")
    ],
    store: StoreOption,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy pixels into the store (on S3 always).")
    ] = False,
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
    tables: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE.yaml", help="What the columns of tables mean."),
    ] = None,
    deidentify: Annotated[
        bool, typer.Option("--deidentify", help="Take in nothing but de-identified copies.")
    ] = False,
    refuse_burned_in: Annotated[
        bool,
        typer.Option("--refuse-burned-in", help="De-identify, and refuse pixels with text."),
    ] = False,
    show_sources: Annotated[
        bool, typer.Option("--show-sources", help="Say which file each hidden name stands for.")
    ] = False,
    forget_key: Annotated[
        bool,
        typer.Option("--forget-key", help="Afterwards destroy the key of the pseudonyms."),
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Take in patients who were erased from the store.")
    ] = False,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDR", help="A Dask scheduler whose workers read."),
    ] = None,
    patient_map: Annotated[
        Path | None,
        typer.Option("--patient-map", metavar="FILE.csv", help="Whose identifiers and files are."),
    ] = None,
    accept_matches: Annotated[
        str | None,
        typer.Option(
            "--accept-matches",
            metavar="safe|FILE",
            help="Join proposals: the safe ones, or those whose ids a file lists (or --json of "
            "oncograph match).",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take folders, zip archives and files into a store."""
    from explorer.accept import accepted_in
    from explorer.deidentify import forget_key as forget
    from explorer.ingest import ingest as run

    result = run(
        sources, store, copy=copy, workers=workers, patient=patient, issuer=issuer,
        pairs=_pairs(pair or []), tables=tables, deidentify=deidentify or refuse_burned_in,
        refuse_burned_in=refuse_burned_in, again=again, scheduler=scheduler,
        patient_map=patient_map,
        accept_matches=accepted_in(accept_matches) if accept_matches else (),
    )  # fmt: skip
    if forget_key:
        forget(store)
    if as_json:
        sources_of = {"sources": result.sources} if show_sources else {}
        emit(result.document() | sources_of)
    else:
        _show(result, show_sources)
    raise typer.Exit(1 if result.refused else 0)


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        mask, equals, image = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} is not MASK=IMAGE", param_hint="--pair")
        pairs[mask] = image
    return pairs


def _show(result: IngestResult, show_sources: bool) -> None:
    """What became of the sources, for people."""
    rows = [[p["id"], p["version"], p["items"], p["changed"]] for p in result.patients]
    if rows:
        more = f": the first {_SHOWN} of {len(rows)}" if len(rows) > _SHOWN else ""
        show(f"Patients{more}", ["patient", "version", "items", "changed"], rows[:_SHOWN])
    _show_tables(result)
    if result.refused:
        head = ["files", "reason", "such as"]
        show("Refused", head, [[n, why, path] for why, n, path in result.reasons()])
    if show_sources and result.sources:
        show("Sources", ["hidden name", "file"], [list(one) for one in result.sources.items()])
    if result.joined:
        head = ["identifier", "patient", "done"]
        rows = [[one[name] for name in head] for one in result.joined[:_SHOWN]]
        more = (
            f": the first {_SHOWN} of {len(result.joined)}" if len(result.joined) > _SHOWN else ""
        )
        show(f"By a person's word{more}", head, rows)
    typer.echo(result.summary())


def _show_tables(result: IngestResult) -> None:
    """How tables were understood, and what in them is not what its column says."""
    by_file: dict[tuple[str, str | None], list[list[str | None]]] = {}
    for line in result.shown:
        rows = by_file.setdefault((line["file"], line.get("sheet")), [])
        rows.append([line["column"], line["meaning"], line["why"]])
    for (file, sheet), rows in by_file.items():
        more = f" ({_COLUMNS} of {len(rows)} lines)" if len(rows) > _COLUMNS else ""
        title = f"{file}{f', sheet {sheet}' if sheet else ''}{more}"
        show(title, ["column", "taken for", "why"], rows[:_COLUMNS])
    if by_file:
        typer.echo("Wrong? oncograph tables STORE --yaml NAME prints it; edit, ingest --map FILE.")
    if result.faults:
        names = ["file", "row", "column", "found", "expected"]
        faults = [[fault.get(name) for name in names] for fault in result.faults[:_SHOWN]]
        show(f"{len(result.faults)} faults in tables", names, faults)
