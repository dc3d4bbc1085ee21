"""extract: read the reports of a patient with an extractor, and keep what it finds."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

from explorer.derived import text_sha256
from explorer.patient import Patient
from explorer.report import Report
from explorer.run_draft import RunDraft
from explorer.shown_list import ShownList
from graphs.errors import ExtractionRefusedError
from graphs.extractors import extractor as named
from graphs.finding import Finding, Relation
from graphs.findings import findings, shown
from graphs.text.extractor import Extractor


def extract(
    patient: Patient, extractor: str | Extractor = "rules", keep: bool = True
) -> ShownList[Finding]:
    """Read a patient's reports.

    A report that the same version of the extractor, with the same settings, has read as it reads
    now is not read again. What an extractor refuses to answer becomes a run with the state
    'refused: ...' and no findings.

    Parameters
    ----------
    patient : Patient
    extractor : str or Extractor
        A registered name, or one's own.
    keep : bool
        False: nothing is written; every report is read.

    Returns
    -------
    ShownList of Finding
        Of all reports, by this extractor.

    Raises
    ------
    NotFoundError
        There is no extractor of that name.
    """
    reader = named(extractor) if isinstance(extractor, str) else extractor
    if not keep:
        drafts = [read(report, reader) for report in patient.reports.values()]
        rows = [row for draft in drafts for row in draft.findings]
        return shown(Finding.of_row(row) for row in rows)
    drafts = [one for report in unread(patient, reader) for one in runs_of(report, reader)]
    if drafts:
        with patient.store.transaction(f"findings by {reader.producer.name}") as t:
            for draft in drafts:
                t.put_run(patient.key, draft)
        patient = patient.store[patient.key]
    return findings(patient, producer=reader.producer.name)


def unread(patient: Patient, extractor: Extractor) -> list[Report]:
    """Reports that this version of an extractor has not read as they read now."""
    reports = list(patient.reports.values())
    made = {row["run"]: row["input_sha256"] for row in patient.rows("runs") if row["current"]}
    return [
        report for report in reports
        if made.get(_draft(report, extractor).run(patient.key)) != text_sha256(report.text)
    ]  # fmt: skip


def runs_of(report: Report, extractor: Extractor) -> list[RunDraft]:
    """What is kept of a report that was read: its findings, and their graph.

    Parameters
    ----------
    report : Report
    extractor : Extractor

    Returns
    -------
    list of RunDraft
        Kinds 'findings' and, unless the extractor refused, 'scene'.
    """
    from graphs.scene_of import scene_of

    draft = read(report, extractor)
    if draft.state != "present":
        return [draft]
    found = [Finding.of_row(row) for row in draft.findings]
    scene = scene_of(found, report, extractor.producer).run(input_sha256=draft.input_sha256)
    scene.synthetic = report.synthetic
    return [draft, scene]


def read(report: Report, extractor: Extractor) -> RunDraft:
    """What an extractor finds in a report, as a run with its rows.

    Parameters
    ----------
    report : Report
    extractor : Extractor

    Returns
    -------
    RunDraft
    """
    draft = _draft(report, extractor)
    began = perf_counter()
    try:
        found = extractor.extract(report.text, language=report.language)
    except ExtractionRefusedError as error:
        draft.state = f"refused: {error.message}"
        return draft
    key = report.patient.key
    ids = [one.named(key, report.id) for one in found]
    said: set[str] = set()
    for one, name in zip(found, ids, strict=True):
        if name in said:
            continue
        said.add(name)
        related = tuple(Relation(r.kind, _other(r.other, ids)) for r in one.relations)
        draft.findings.append(replace(one, id=name, item=report.id, relations=related).row())
    draft.detail = {"findings": len(said), "seconds": round(perf_counter() - began, 3)}
    return draft


def _draft(report: Report, extractor: Extractor) -> RunDraft:
    producer = extractor.producer
    return RunDraft(
        "findings",
        producer.name,
        producer.version,
        input=f"reports/{report.id}",
        input_sha256=text_sha256(report.text),
        checkpoint=producer.checkpoint,
        settings=producer.settings,
        synthetic=report.synthetic,
    )


def _other(name: str, ids: list[str]) -> str:
    """Relations name findings by their position until those have ids."""
    return ids[int(name)] if name.isdecimal() and int(name) < len(ids) else name
