"""The command ``ground``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from explorer.command import Json, StorePath, TrustRoot, emit, opened, show
from graphs.target_address import target_address

if TYPE_CHECKING:
    from explorer.patient import Patient
    from graphs.grounding.grounding import Grounding

_SHOWN = 100


def ground(
    store: StorePath,
    patient: Annotated[
        str | None, typer.Option("--patient", metavar="ID", help="Only this one; all by default.")
    ] = None,
    methods: Annotated[
        list[str] | None,
        typer.Option("--method", metavar="NAME", help="Only this method; may be given again."),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also what has been done before.")] = False,
    trust_root: TrustRoot = None,
    as_json: Json = False,
) -> None:
    """Find where in the images the findings of the reports lie, or say why that is not known."""
    from explorer.progress import progress
    from graphs.ground_store import TABLES, ground_store
    from graphs.groundings import groundings

    place = opened(store, trust_root)
    keys = [place[patient].key] if patient is not None else None
    with progress("patients grounded", len(place) if keys is None else 1) as step:
        failures = ground_store(place, keys, methods, again=again, step=step)
    rows: list[dict[str, Any]] = []
    failed: list[dict[str, str]] = []
    for one in place.patients(keys, TABLES):
        if one.key in failures:
            failed.append({"patient": one.label, "reason": failures[one.key]})
        else:
            rows += [_row(one, grounding) for grounding in groundings(one)]
    if as_json:
        emit({"groundings": rows, "failed": failed})
    else:
        _show(rows, failed)
    if failed:
        raise typer.Exit(1)


def _row(patient: Patient, one: Grounding) -> dict[str, Any]:
    address = None if one.target is None else str(target_address(patient, one.target))
    return {
        "patient": patient.label,
        "finding": one.finding,
        "grounding": one.id,
        "status": one.status,
        "method": one.method,
        "region": one.region,
        "geometry": one.geometry,
        "address": address,
        "score": one.score,
        "evidence": [vars(cue) for cue in one.evidence],
        "alternatives": [vars(other) for other in one.alternatives],
        "reason": one.reason,
    }


def _show(rows: list[dict[str, Any]], failed: list[dict[str, str]]) -> None:
    head = ["patient", "finding", "status", "method", "region", "address", "score", "reason"]
    shown = f" ({_SHOWN} shown; all with --json)" if len(rows) > _SHOWN else ""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["status"]] = counts.get(row["status"], 0) + 1
    said = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "none"
    show(
        f"{len(rows)} groundings: {said}{shown}",
        head,
        [[row[name] for name in head] for row in rows[:_SHOWN]],
    )
    if failed:
        faults: list[list[Any]] = [[one["patient"], one["reason"]] for one in failed]
        show(f"{len(failed)} patients failed", ["patient", "reason"], faults)
