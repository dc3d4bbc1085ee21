"""The command ``info``."""

from __future__ import annotations

from typing import Annotated

import typer

from explorer.command import Json, StorePath, TrustRoot, app, emit, opened, show


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
    show(f"{len(document['patients'])} patients in {store}", head, rows)
    if document["untrusted_roots"]:
        rows = [[root] for root in document["untrusted_roots"]]
        show("Not trusted, and not read (--trust-root DIR)", ["folder"], rows)
