"""The command ``check``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from explorer.command import Json, StorePath, TrustRoot, emit, opened, show
from graphs.target_address import target_address

if TYPE_CHECKING:
    from explorer.patient import Patient
    from graphs.verdict import Verdict

_SHOWN = 100


def check(
    store: StorePath,
    patient: Annotated[
        list[str] | None, typer.Option("--patient", metavar="ID", help="Only this one.")
    ] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="The outlines are all lesions that there are.")
    ] = False,
    readers: Annotated[
        float,
        typer.Option("--readers", min=0.0, max=1.0, help="Part by which two readers differ."),
    ] = 0.2,
    trust_root: TrustRoot = None,
    as_json: Json = False,
) -> None:
    """Hold the reports against the images, and each against itself; 1 where one contradicts."""
    from explorer.progress import progress
    from graphs.check_store import check_store
    from graphs.checks.image_cues import Tolerances

    place = opened(store, trust_root)
    keys = [place[one].key for one in patient] if patient else None
    with progress("Checking reports", len(place) if keys is None else len(keys)) as step:
        found, failed = check_store(
            place, keys, tolerances=Tolerances(readers=readers), complete=complete, step=step
        )
    rows = [_row(one, verdict) for one, verdicts in found for verdict in verdicts]
    reasons = [verdict.reason for _, verdicts in found for verdict in verdicts]
    if as_json:
        emit({"verdicts": rows})
    else:
        _show(store, rows, reasons)
    if failed:
        typer.echo("\n".join(": ".join(one) for one in failed.items()), err=True)
    if failed or any(row["verdict"] == "contradicts" for row in rows):
        raise typer.Exit(1)


def _row(patient: Patient, one: Verdict) -> dict[str, Any]:
    return {
        "patient": patient.label,
        "finding": one.finding,
        "verdict": one.verdict,
        "cue": one.cue,
        "report_value": one.report_value,
        "image_value": one.image_value,
        "evidence": [str(target_address(patient, target)) for target in one.evidence],
    }


def _show(store: str, rows: list[dict[str, Any]], reasons: list[str]) -> None:
    """Contradictions first: they are what a person has come for."""
    order = {"contradicts": 0, "agrees": 1, "cannot tell": 2}
    ranked = sorted(zip(rows, reasons, strict=True), key=lambda pair: order[pair[0]["verdict"]])
    counts = [f"{sum(row['verdict'] == name for row in rows)} {name}" for name in order]
    head = ["patient", "verdict", "cue", "report", "image", "why"]
    cells = [
        [row["patient"], row["verdict"], row["cue"], row["report_value"], row["image_value"], why]
        for row, why in ranked[:_SHOWN]
    ]
    shown = f" ({_SHOWN} shown; all with --json)" if len(rows) > _SHOWN else ""
    show(f"{', '.join(counts)} in {store}{shown}", head, cells)
