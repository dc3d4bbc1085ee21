"""The command ``findings``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from explorer.command import Json, StorePath, emit, opened, show

_SHOWN = 100


def findings(
    store: StorePath,
    patient: Annotated[
        list[str] | None, typer.Option("--patient", metavar="ID", help="Only this one.")
    ] = None,
    extractor: Annotated[
        str, typer.Option("--extractor", metavar="NAME", help="Who reads the reports.")
    ] = "rules",
    terms: Annotated[
        Path | None,
        typer.Option(
            "--terms",
            metavar="CSV",
            exists=True,
            dir_okay=False,
            help="More words for the rules: term,entity,kind[,code,language,labels,anatomy].",
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="The local folder of the weights that another extractor than the rules reads.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read the reports, and keep what they state; reports that were read are not read again."""
    from explorer.progress import progress
    from graphs.extract_store import extract_store
    from graphs.extractors import extractor as named
    from graphs.findings import HEAD, cells
    from graphs.findings import findings as stored
    from graphs.text.lexicon import Lexicon

    if terms and extractor != "rules":
        raise typer.BadParameter("--terms is for the rules")
    if model and extractor == "rules":
        raise typer.BadParameter("--model is for extractors that read weights")
    options: dict[str, Any] = {"lexicon": Lexicon.default().with_terms(terms)} if terms else {}
    if model:
        options["folder"] = model
    reader = named(extractor, **options)
    place = opened(store)
    keys = [place[one].key for one in patient] if patient else None
    with progress("Reading reports", len(place) if keys is None else len(keys)) as step:
        extract_store(place, reader, keys, step)
    reports: list[dict[str, Any]] = []
    rows: list[list[Any]] = []
    refused: list[list[str]] = []
    count = 0
    for one in place.patients(keys, ("texts", "runs", "findings")):
        if not len(one.reports):
            continue
        found = stored(one, producer=reader.producer.name)
        refused += _refused(one, reader.producer.name)
        count += len(found)
        if as_json:
            reports += _document(one, found)
        else:
            rows += [[one.label, *cells(f)] for f in found[: max(0, _SHOWN - len(rows))]]
    if as_json:
        emit({"reports": reports})
    else:
        shown = f" ({_SHOWN} shown; all with --json)" if count > _SHOWN else ""
        show(f"{count} findings in {store}{shown}", ["patient", *HEAD], rows)
        if refused:
            show(f"{len(refused)} reports refused", ["patient", "report", "why"], refused)
    if refused:
        raise typer.Exit(1)


def _refused(patient: Any, producer: str) -> list[list[str]]:
    from explorer.derived import derived

    return [
        [patient.label, row["input"], row["state"]]
        for row in derived(patient, "runs")
        if row["kind"] == "findings" and row["producer"] == producer and row["state"] != "present"
    ]


def _document(patient: Any, found: list[Any]) -> list[dict[str, Any]]:
    """The patient's reports, those without findings too."""
    by_report: dict[str, list[dict[str, Any]]] = {name: [] for name in patient.reports}
    for one in found:
        by_report.setdefault(one.item, []).append(
            {
                "id": one.id,
                "text": one.text,
                "start": one.start,
                "end": one.end,
                "entity": one.entity,
                "code": one.code,
                "anatomy": list(one.anatomy),
                "assertion": one.assertion,
                "laterality": one.laterality,
                "measurements": [
                    {
                        "value": list(v.value),
                        "unit": v.unit,
                        "kind": f"prior {v.kind}" if v.prior else v.kind,
                    }
                    for v in one.measurements
                ],
                "change": one.change,
                "address": str(one.address(patient)),
            }
        )
    return [
        {"patient": patient.label, "report": name, "findings": said}
        for name, said in by_report.items()
    ]
