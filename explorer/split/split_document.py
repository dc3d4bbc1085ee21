"""A split as JSON and as CSV, and read again."""

from __future__ import annotations

import csv
import io
import json
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.new_file import new_file
from explorer.records import now
from explorer.safe_cell import safe_cell
from explorer.split.leak import Leak, Side
from explorer.split.leak_report import LeakReport
from explorer.split.split_error import SplitError

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet
    from explorer.split.split import Split

_KIND = "split"


def split_document(split: Split, *, names: bool = True) -> dict[str, Any]:
    """Everything about a split.

    Parameters
    ----------
    split : Split
    names : bool
        Whether what people call the patients is in it, and the evidence of leaks, which may
        quote it.

    Returns
    -------
    dict
        JSON-able.
    """
    cohort = split.cohort
    labels, versions = cohort.labels, cohort.versions
    report = split.report.document()
    if not names:
        report = {name: value for name, value in report.items() if name not in ("leaks", "notes")}
        report["checked"] = [{**one, "cannot": sum(one["cannot"].values())}
                             for one in report["checked"]]  # fmt: skip
    return {
        "oncograph": _KIND,
        "name": split.name,
        "store": cohort.store.id,
        "cohort": {"name": cohort.name, "digest": cohort.digest, "patients": len(cohort)},
        "time": now(),
        "software": version("oncograph"),
        "sha256": split.digest,
        "settings": split.settings,
        "sizes": {part: len(keys) for part, keys in split.members.items()},
        "report": report,
        **({"parts": {
            part: [{"key": key, "label": labels[key], "version": versions[key]} for key in keys]
            for part, keys in split.members.items()
        }, "strata": split.strata} if names else {}),
    }  # fmt: skip


def save_split(split: Split, path: str | PathLike[str]) -> Path:
    """See `Split.save`."""
    text = json.dumps(split_document(split), indent=1, ensure_ascii=False)
    return new_file(path, text.encode("utf-8", "surrogatepass"))


def save_parts(split: Split, path: str | PathLike[str]) -> Path:
    """See `Split.to_csv`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["patient", "key", "version", "part"])
    labels, versions = split.cohort.labels, split.cohort.versions
    for part, keys in split.members.items():
        for key in keys:
            writer.writerow([safe_cell(one) for one in (labels[key], key, versions[key], part)])
    return new_file(path, out.getvalue().encode("utf-8", "replace"))


def load_split(cohort: PatientSet, path: str | PathLike[str]) -> Split:
    """See `Split.load`."""
    from explorer.split.split import Split

    place = Path(path)
    try:
        document = json.loads(place.read_bytes().decode("utf-8", "surrogatepass"))
        known = document["oncograph"] == _KIND
        members = {part: tuple(one["key"] for one in rows)
                   for part, rows in document["parts"].items()}  # fmt: skip
        versions = {one["key"]: one["version"] for rows in document["parts"].values()
                    for one in rows}  # fmt: skip
        found = Split(
            cohort, members, document["settings"], report_of(document["report"]),
            document["strata"], document["name"],
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SplitError(f"It is no split: {error!r}", where=str(place)) from error
    if not known or document["store"] != cohort.store.id:
        raise SplitError("The split is of another store", where=str(place))
    here = cohort.versions
    other = sorted(key for key, one in versions.items() if here.get(key) != one)
    if other:
        raise SplitError(
            f"{len(other)} of its patients are not in the cohort at those versions",
            where=", ".join(other[:5]),
            do="open the cohort that it was made of (freeze keeps one)",
        )
    if found.digest != document["sha256"]:
        raise SplitError("The assignment does not fit its sha256", where=str(place))
    return found


def report_of(document: dict[str, Any]) -> LeakReport:
    """Read a report again."""
    leaks = []
    for row in document.get("leaks", ()):
        sides = [Side(**side) for side in row["sides"]]
        other = sides[1] if len(sides) > 1 else None
        leaks.append(Leak(row["check"], row["severity"], sides[0], other, row["evidence"],
                          tuple(row["parts"])))  # fmt: skip
    return LeakReport(
        tuple(leaks), tuple(document["allowed"]), tuple(document["checked"]),
        tuple(document["left_out"]), tuple(document.get("notes", ())),
        None if "leaks" in document else document["counts"],
    )  # fmt: skip
