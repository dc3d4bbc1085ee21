"""Reports as PDF, where they have a text layer."""

from __future__ import annotations

from explorer.draft import Draft, FileStatus, Grid, Header, Reading, Source
from explorer.errors import FileSkippedError
from explorer.item_id import item_id
from explorer.readers.folder_hint import folder_hint
from explorer.readers.one_file import read_each
from explorer.readers.pdf_text import pdf_text
from explorer.readers.report_date import report_date
from explorer.readers.report_kind import about_data
from explorer.readers.report_rows import report_row
from explorer.records_draft import RecordsDraft

_HEAD = 1024  # the mark may stand behind a mail's or a web server's bytes (ISO 32000-1, annex H)


class PdfReader:
    """Reads one report a file: its text layer. A scan without one is refused with that reason."""

    name = "pdf"

    def peek(self, source: Source) -> Header | None:
        """Claim PDFs by their mark.

        Raises
        ------
        FileSkippedError
            It is called like a file about the data.
        """
        named = source.path.name.lower().endswith(".pdf")
        with source.path.open("rb") as file:
            start = file.read(_HEAD)
        if not (b"%PDF-" in start if named else start.startswith(b"%PDF-")):
            return None
        if why := about_data(source.path.name):
            raise FileSkippedError(why)
        patient = folder_hint(source)
        return Header(
            source, self.name, "records", f"{self.name}:{source.uri}", patient, note=patient.note
        )

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn a PDF into a report."""
        return read_each(headers, _read)


def _read(header: Header) -> tuple[Draft, FileStatus]:
    source = header.source
    read = pdf_text(source.path)
    note = None
    if read.empty:
        note = f"{len(read.empty)} of {len(read.spans)} pages have no text"
    dated = report_date(read.text, source.path.name)
    item = item_id("report", source.relative)
    row = report_row(
        item, read.text, source, name=source.path.name, date=dated.date if dated else None,
        pages=read.spans, date_at=dated.span if dated else None, empty_pages=read.empty,
        producer=read.producer,
    )  # fmt: skip
    draft = RecordsDraft(item, source.path.name, [source], texts=[row])
    if note:
        draft.problems.append(note)
    return draft, FileStatus(source.uri, "ingested", note, item)
