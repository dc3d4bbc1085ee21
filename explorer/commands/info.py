"""The command ``info``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from explorer.command import Json, StorePath, TrustRoot, app, emit, opened, show
from explorer.layout import ORIGIN_TABLES
from explorer.privacy.risks import is_risk

_MOST = 100  # rows that a person reads on a screen


@app.command()
def info(
    store: StorePath,
    patient: Annotated[str | None, typer.Option("--patient", help="Only this one.")] = None,
    trust_root: TrustRoot = None,
    as_json: Json = False,
) -> None:
    """Say what a store holds."""
    from explorer.info import info as describe

    document = describe(opened(store, trust_root), patient)
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
    show(f"{len(document['patients'])} patients in {store}", head, rows[:_MOST])
    if len(rows) > _MOST:
        typer.echo(f"{_MOST} of {len(rows)} items shown; --patient NAME, or --json, has the others")
    _show_records(document["patients"])
    _show_risks(document["patients"])
    if document["untrusted_roots"]:
        rows = [[root] for root in document["untrusted_roots"]]
        show("Not trusted, and not read (--trust-root DIR)", ["folder"], rows)


def _show_risks(patients: list[dict[str, Any]]) -> None:
    """What de-identification could not take away."""
    rows = [
        [one["id"], item["id"], problem]
        for one in patients
        for item in one["items"]
        for problem in item["problems"]
        if is_risk(problem)
    ]
    if rows:
        more = f" ({_MOST} of {len(rows)} shown)" if len(rows) > _MOST else ""
        title = f"To look at before it is shared{more}"
        show(title, ["patient", "item", "what"], rows[:_MOST])


def _show_records(patients: list[dict[str, Any]]) -> None:
    """What there is of each patient that is no item; nothing where there is none."""
    tables = [name for name in ORIGIN_TABLES if any(one["records"][name] for one in patients)]
    rows = [
        [one["id"], *(one["records"][name] or None for name in tables)]
        for one in patients
        if any(one["records"].values())
    ]
    if rows:
        total = ["all", *(sum(one["records"][name] for one in patients) for name in tables)]
        names = ["reports" if name == "texts" else name for name in tables]
        shown = f" ({_MOST} of {len(rows)} patients shown)" if len(rows) > _MOST else ""
        show(f"Records{shown}", ["patient", *names], [*rows[:_MOST], total])
