"""The command ``split``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from explorer.command import Json, StorePath, TrustRoot, app, emit, opened, show

_SHOWN = 50


@app.command()
def split(
    store: StorePath,
    cohort: Annotated[
        str, typer.Argument(metavar="[COHORT]", help="A frozen cohort; all patients by default.")
    ] = "",
    parts: Annotated[
        str, typer.Option("--parts", help="Shares, such as train=0.7,val=0.15,test=0.15.")
    ] = "",
    folds: Annotated[int | None, typer.Option("--folds", help="Folds of equal size.")] = None,
    stratify: Annotated[
        list[str] | None, typer.Option("--stratify", help="Balance this: 'facts: tumor_stage'.")
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option("--group", help="Keep together: site, scanner, a fact.")
    ] = None,
    time: Annotated[str | None, typer.Option("--time", help="'newest into test'.")] = None,
    seed: Annotated[int, typer.Option("--seed")] = 0,
    together: Annotated[
        bool, typer.Option("--together", help="Linked patients go into one part.")
    ] = False,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="Accept the leaks of this check.")
    ] = None,
    check: Annotated[
        list[str] | None, typer.Option("--check", help="Only this check; all by default.")
    ] = None,
    keep: Annotated[str, typer.Option("--keep", help="Keep it with the frozen cohort.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="A new CSV file.")] = None,
    trust_root: TrustRoot = None,
    as_json: Json = False,
) -> None:
    """Divide patients without leaks; exit status 1 where something leaks."""
    from explorer.freeze.frozen_cohort import FrozenCohort
    from explorer.split.leak_error import LeakError

    if keep and not cohort:
        raise typer.BadParameter(
            "--keep goes with a frozen COHORT: oncograph cohort STORE --freeze NAME makes one"
        )
    place = opened(store, trust_root)
    patients = FrozenCohort(place, cohort) if cohort else place.cohort()
    try:
        made = patients.split(
            _shares(parts), folds=folds, stratify=stratify or (), group=group or (), time=time,
            seed=seed, together=together, allow=allow or (), checks=check or None,
        )  # fmt: skip
    except LeakError as error:
        if as_json:
            emit({"refused": True, "message": error.message, "report": error.report.document()})
        else:
            rows = [
                [one.check, one.one.label, one.other.label if one.other else None,
                 " | ".join(one.parts), one.evidence]
                for one in error.found[:_SHOWN]
            ]  # fmt: skip
            head = ["check", "one", "other", "parts", "evidence"]
            show(f"{len(error.found)} leaks: no split was made", head, rows)
        raise typer.Exit(1) from None
    if keep:
        made.keep(keep)
    if out is not None:
        made.to_csv(out)
    if as_json:
        emit(made.document())
        return
    frame = made.table()
    for column in [one for one in frame.columns if str(one).endswith(" share")]:
        frame[column] = [f"{share:.1%}" for share in frame[column]]
    show(repr(made)[1:-1], [str(one) for one in frame.columns], frame.to_numpy().tolist())
    typer.echo(repr(made.report)[1:-1])


def _shares(text: str) -> dict[str, float] | None:
    if not text:
        return None
    try:
        pairs = [one.split("=") for one in text.split(",")]
        found = {name.strip(): float(share) for name, share in pairs}
    except ValueError:
        raise typer.BadParameter(f"--parts {text!r}: NAME=SHARE,NAME=SHARE,...") from None
    if len(found) < len(pairs):
        raise typer.BadParameter(f"--parts {text!r} names a part twice")
    return found
