"""Open-i XML: the reports of the Indiana University chest X-ray collection."""

from __future__ import annotations

from explorer.draft import FileStatus, Grid, Header, PatientHint, Reading, Source
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers.bounded_xml import XML_BYTES
from explorer.readers.one_file import describe
from explorer.readers.openi_report import ROOT, OpeniReport, openi_report
from explorer.readers.report_rows import detail, report_row, target
from explorer.records_draft import RecordsDraft, TablesReading

_HEAD = 1 << 12


class OpeniReader:
    """Reads eCitation files: a report each, whose patient is the collection's ``uId``.

    The collection has thousands of them: all of a folder go in with one commit.
    """

    name = "openi"

    def peek(self, source: Source) -> Header | None:
        """Claim XML files that are eCitations.

        Raises
        ------
        FileRefusedError
            It is larger than any report.
        """
        if not source.path.name.lower().endswith(".xml"):
            return None
        with source.path.open("rb") as file:
            start = file.read(_HEAD)
        if ROOT not in start:
            return None
        if source.size > XML_BYTES:
            raise FileRefusedError(f"The XML is larger than {XML_BYTES >> 20} MiB")
        return Header(source, self.name, "table", f"{self.name}:{source.uri}", PatientHint(None))

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Not used: each file names its patient."""
        reading = self.read_tables(headers)
        return Reading(list(reading.drafts), reading.statuses)

    def read_tables(self, headers: list[Header]) -> TablesReading:
        """Turn each file into a report of its patient."""
        reading = TablesReading([], [])
        for header in headers:
            uri = header.source.uri
            try:
                draft = _read(header.source)
            except FileRefusedError as error:
                reading.statuses.append(FileStatus(uri, "refused", error.message))
            except Exception as error:  # noqa: BLE001 - hostile bytes make parsers raise anything
                reason = f"The file is broken: {describe(error)}"
                reading.statuses.append(FileStatus(uri, "refused", reason))
            else:
                reading.drafts.append(draft)
                reason_ = "; ".join(draft.problems) or None
                reading.statuses.append(FileStatus(uri, "ingested", reason_, draft.item))
        return reading


def _read(source: Source) -> RecordsDraft:
    report = openi_report(source.path.read_bytes())
    item = item_id("report", "openi", report.uid)
    draft = RecordsDraft(
        item_id("openi", source.uri), source.path.name, [source], PatientHint(report.uid)
    )
    if report.text:
        draft.texts.append(
            report_row(
                item, report.text, source, name=report.title or report.uid,
                sections={one.label: one.span for one in report.sections},
                language_said=report.language, published=report.published,
            )
        )  # fmt: skip
    else:
        draft.problems.append("it has no text")
    draft.observations += _terms(report, item) + _images(report, item)
    return draft


def _terms(report: OpeniReport, item: str) -> list[dict[str, object]]:
    how = {"major": "by people", "automatic": "by a program"}
    return [
        {
            "group": "MeSH", "name": kind, "value": term, "finding": term.split("/")[0],
            "state": "present", "method": how.get(kind), "target": target(item),
        }
        for kind, term in report.mesh
    ]  # fmt: skip


def _images(report: OpeniReport, item: str) -> list[dict[str, object]]:
    return [
        {
            "group": "image", "name": one.figure or "image", "value": one.id, "state": "present",
            "target": target(item), "detail": detail(caption=one.caption, url=one.url),
        }
        for one in report.images
    ]  # fmt: skip
