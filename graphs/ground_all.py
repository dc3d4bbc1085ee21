"""Ground all findings of a patient, and keep the result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from explorer.derived import derived, text_sha256
from explorer.run_draft import RunDraft
from explorer.shown_list import ShownList
from graphs.finding import Finding
from graphs.grounding.ground import ground
from graphs.grounding.grounders import grounders
from graphs.grounding.grounding import Grounding
from graphs.grounding.reviews import review_rows, reviews
from graphs.groundings import groundings
from graphs.lesions import lesions

if TYPE_CHECKING:
    from explorer.patient import Patient
    from explorer.report import Report
    from graphs.grounding.grounder import Grounder
    from graphs.lesion import Lesion

PRODUCER, VERSION = "oncograph.ground", "1"
KIND = "grounding"


def ground_all(
    patient: Patient,
    methods: Sequence[str | Grounder] | None = None,
    *,
    again: bool = False,
    told: Callable[[str], None] | None = None,
) -> ShownList[Grounding]:
    """Ground the findings of every report, one run a report.

    A report is left alone where the same methods have grounded the same findings among the same
    images, outlines and reviews before; so what was stopped goes on where it was.

    Parameters
    ----------
    patient : Patient
        Its newest version is read and written.
    methods : sequence of str or Grounder, optional
        As in `ground`.
    again : bool
        Also what has been done before.
    told : callable, optional
        Called with each report's id when it is done.

    Returns
    -------
    ShownList of Grounding
        As `graphs.groundings.groundings`, of the new version.
    """
    store, key = patient.store, patient.key
    for item, draft in grounding_drafts(store[key], methods, again=again):
        if draft is not None:
            with store.transaction(f"findings of {item} grounded") as t:
                t.put_run(key, draft)
        if told is not None:
            told(item)
    return groundings(store[key])


def grounding_drafts(
    patient: Patient, methods: Sequence[str | Grounder] | None = None, *, again: bool = False
) -> Iterator[tuple[str, RunDraft | None]]:
    """Ground the findings of each report; nothing but the lesions' measurements is kept.

    Parameters
    ----------
    patient, methods, again
        As in `ground_all`; the patient as it is now.

    Yields
    ------
    item : str
        The report's id.
    draft : RunDraft or None
        None where the same has been grounded before.
    """
    by_report = _by_report(patient)
    asked = _named(methods)
    basis = _basis(patient) if by_report else ""
    measured: list[Lesion] | None = None
    for item, found in by_report.items():
        report = patient.reports.get(item)
        of = _digest([basis, asked, [one.row() for one in found]])
        if not again and _done(patient, item, report, of):
            yield item, None
            continue
        if measured is None:
            measured = lesions(patient, unknown=True)
        draft = _draft(patient, report, item, found, methods, measured)
        draft.settings["methods"] = asked
        draft.detail["of"] = of
        yield item, draft


def _by_report(patient: Patient) -> dict[str, list[Finding]]:
    found: dict[str, dict[str, Finding]] = {}
    for row in derived(patient, "findings"):
        one = Finding.of_row(row)
        found.setdefault(one.item, {}).setdefault(one.id, one)
    return {item: list(ones.values()) for item, ones in sorted(found.items())}


def _draft(
    patient: Patient,
    report: Report | None,
    item: str,
    findings: Sequence[Finding],
    methods: Sequence[str | Grounder] | None,
    measured: Sequence[Lesion],
) -> RunDraft:
    placed = {
        k for k, said in reviews(patient).items() if any(o.status == "accepted" for o in said)
    }
    # what a person has placed stands in the person's own run
    made = [
        ground(one, patient, methods, measured=measured) for one in findings if one.id not in placed
    ]
    counts = {
        status: sum(one.status == status for one in made) for status in ("proposed", "abstained")
    }
    return RunDraft(
        KIND, PRODUCER, VERSION,
        input=f"reports/{item}",
        input_sha256=text_sha256(report.text) if report else None,
        groundings=[one.row() for one in made],
        detail=counts,
        synthetic=bool(report and report.synthetic),
    )  # fmt: skip


def _done(patient: Patient, item: str, report: Report | None, of: str) -> bool:
    text = text_sha256(report.text) if report else None
    return any(
        (run["kind"], run["producer"], run["version"]) == (KIND, PRODUCER, VERSION)
        and (run["input"], run["input_sha256"]) == (f"reports/{item}", text)
        and json.loads(run["detail"] or "{}").get("of") == of
        for run in derived(patient, "runs")
    )


def _named(methods: Sequence[str | Grounder] | None) -> list[list[Any]]:
    """Who is asked, in which version."""
    if methods is None:
        chosen = list(grounders())
    else:
        chosen = list(grounders([one for one in methods if isinstance(one, str)]))
        chosen += [one for one in methods if not isinstance(one, str)]
    return [
        [one.name, one.producer.name, one.producer.version, one.producer.checkpoint,
         one.producer.settings]
        for one in chosen
    ]  # fmt: skip


def _basis(patient: Patient) -> str:
    """Changes with the images, outlines, structured reports, texts' origins and reviews."""
    seen: list[Any] = [patient.head.snapshot]
    runs = {row["run"] for row in patient.rows("runs")}
    names = {
        "items": ("item", "affine", "shape", "units", "image", "acquired"),
        "segments": ("item", "position", "name", "code_value", "voxels"),
        "texts": ("item", "date", "detail"),
        "observations": ("group", "name", "finding", "target", "laterality"),
    }
    for table, columns in names.items():
        rows = [row for row in patient.rows(table) if row.get("origin") not in runs]
        seen.append(sorted(json.dumps([row[name] for name in columns]) for row in rows))
    seen.append([[row["grounding"], row["status"], row["number"]] for row in review_rows(patient)])
    return _digest(seen)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
