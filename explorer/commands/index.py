"""The command ``index``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from explorer.command import Json, app, emit, show

if TYPE_CHECKING:
    import pandas as pd

    from explorer.index.download_manifest import DownloadManifest
    from explorer.index.public_cohort import PublicCohort
    from explorer.index.public_index import PublicIndex
    from explorer.store import Store

_SHOWN = 50
_Values = list[str] | None


@app.command()
def index(
    query: Annotated[
        str | None,
        typer.Argument(metavar="[SQL]", help="One SELECT over idc, and a store's tables."),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--index", help="A Parquet file, or a package that holds one.")
    ] = None,
    having: Annotated[
        _Values, typer.Option("--having", help="Patients with a series of it; for each of them.")
    ] = None,
    collection: Annotated[_Values, typer.Option("--collection", help="One of these.")] = None,
    body_part: Annotated[_Values, typer.Option("--body-part", help="One of these.")] = None,
    licence: Annotated[_Values, typer.Option("--licence", help="Series under these terms.")] = None,
    only: Annotated[_Values, typer.Option("--only", help="Series of these modalities.")] = None,
    store: Annotated[
        str | None, typer.Option("--store", help="Mark what it has; its tables can be asked.")
    ] = None,
    issuer: Annotated[
        str | None, typer.Option("--issuer", help="Who gave out the PatientIDs of --of.")
    ] = None,
    of: Annotated[
        _Values, typer.Option("--of", metavar="COLLECTION", help="Collections of that issuer.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option("--manifest", help="Write what to download to a new file.")
    ] = None,
    form: Annotated[str, typer.Option("--form", help="s5cmd, idc-index or json.")] = "s5cmd",
    as_json: Json = False,
) -> None:
    """Ask a public index of series, beside a store, and say what to download."""
    from explorer.index.download_manifest import FORMS
    from explorer.index.public_index import public_index
    from explorer.store import Store

    chosen = next((one for one in FORMS if one == form), None)
    if chosen is None:
        raise typer.BadParameter(f"{form!r} is none of {', '.join(FORMS)}", param_hint="--form")
    asked = public_index(source)
    opened = Store(store) if store is not None else None
    if opened is not None:
        opened.attach(asked, issuer=issuer, collections=of)
    if query is not None:
        frame = opened.sql(query) if opened is not None else asked.sql(query)
        if manifest is None:
            _show_rows(frame, as_json=as_json)
            return
        cohort = _of_rows(asked, frame)
    else:
        cohort = _narrow(asked, having, collection, body_part, licence, only)
    found = cohort.manifest(opened) if manifest is not None or query is None else None
    if manifest is not None and found is not None:
        found.save(manifest, chosen)
    if as_json:
        emit(_document(cohort, found))
    else:
        _show(cohort, found, opened)
    raise typer.Exit(1 if found is not None and found.refused else 0)


def _narrow(
    asked: PublicIndex, having: _Values, collection: _Values, body_part: _Values,
    licence: _Values, only: _Values,
) -> PublicCohort:  # fmt: skip
    cohort = asked.cohort()
    if collection:
        cohort = cohort.having(collection=collection)
    for modality in having or []:
        cohort = cohort.having(modality, body_part=body_part)
    if body_part and not having:
        cohort = cohort.having(body_part=body_part)
    if licence:
        cohort = cohort.only(licence=licence)
    return cohort.only(only) if only else cohort


def _of_rows(asked: PublicIndex, frame: pd.DataFrame) -> PublicCohort:
    if "SeriesInstanceUID" not in frame:
        raise typer.BadParameter("a manifest needs a query that selects SeriesInstanceUID")
    return asked.cohort().series(frame["SeriesInstanceUID"].dropna(), "the query")


def _document(cohort: PublicCohort, found: DownloadManifest | None) -> dict[str, object]:
    steps = [
        {
            "asked": s.reason,
            "before": s.before,
            "left": s.left,
            "series": s.series_left,
            "why": s.why,
        }
        for s in cohort.steps
    ]  # fmt: skip
    return {
        "index": cohort.index.source, "counts": cohort.counts, "steps": steps,
        "manifest": found.document() if found is not None else None,
    }  # fmt: skip


def _show_rows(frame: pd.DataFrame, *, as_json: bool) -> None:
    if as_json:
        emit({"rows": frame.astype(object).where(frame.notna(), None).to_dict("records")})
        return
    more = f": the first {_SHOWN} of {len(frame)}" if len(frame) > _SHOWN else ""
    shown = frame.head(_SHOWN).astype(object)
    rows = [list(row) for row in shown.where(shown.notna(), None).itertuples(index=False)]
    show(f"{len(frame)} rows{more}", [str(name) for name in frame.columns], rows)


def _show(cohort: PublicCohort, found: DownloadManifest | None, store: Store | None) -> None:
    steps = [
        [s.reason, s.before, s.left, s.series_left, "; ".join(f"{n} {w}" for w, n in s.why.items())]
        for s in cohort.steps
    ]
    if steps:
        show("Asked", ["step", "patients before", "left", "series left", "left out"], steps)
    if found is not None:
        rows = [
            [*(one[name] for name in ("terms", "use", "series", "patients")),
             f"{one['bytes'] / 1e9:,.2f}"]
            for one in found.licences.to_dict("records")
        ]  # fmt: skip
        show("To download", ["licence", "use", "series", "patients", "GB"], rows)
        if store is not None:
            typer.echo(f"{len(found.held)} series are in the store already")
        if found.refused:
            rows = [list(one) for one in found.refused[:_SHOWN]]
            show(f"{len(found.refused)} refused", ["series", "reason"], rows)
    counts = cohort.counts
    typer.echo(f"{counts['series']} series of {counts['patients']} patients")
