"""Reports as text: .txt and .md."""

from __future__ import annotations

from explorer.draft import Draft, FileStatus, Grid, Header, Reading, Source
from explorer.errors import FileRefusedError, FileSkippedError
from explorer.item_id import item_id
from explorer.readers.folder_hint import folder_hint
from explorer.readers.one_file import read_each
from explorer.readers.plain_text import TEXT_BYTES, is_text, plain_text
from explorer.readers.report_date import report_date
from explorer.readers.report_kind import about_data, why_no_report
from explorer.readers.report_rows import report_row
from explorer.records_draft import RecordsDraft

_SUFFIXES = (".txt", ".text", ".md", ".markdown")


class TextReader:
    """Reads one report a file, every character kept: offsets into it are addresses.

    A file that is about the data (README, LICENSE), a table, code or a log is skipped with that
    reason.
    """

    name = "text"

    def peek(self, source: Source) -> Header | None:
        """Claim texts by their suffix and content.

        Raises
        ------
        FileSkippedError
            It is no report.
        FileRefusedError
            It is too large.
        """
        name = source.path.name
        if not name.lower().endswith(_SUFFIXES):
            return None
        if why := about_data(name):
            raise FileSkippedError(why)
        with source.path.open("rb") as file:
            data = file.read(TEXT_BYTES + 1)
        if data and not is_text(data[: 1 << 16]):
            return None
        if len(data) > TEXT_BYTES:
            raise FileRefusedError(
                f"The text is larger than {TEXT_BYTES >> 20} MiB", expected="a report"
            )
        if why := why_no_report(name, plain_text(data).text):
            raise FileSkippedError(why)
        patient = folder_hint(source)
        return Header(
            source, self.name, "records", f"{self.name}:{source.uri}", patient, note=patient.note
        )

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn a text into a report."""
        return read_each(headers, _read)


def _read(header: Header) -> tuple[Draft, FileStatus]:
    source = header.source
    read = plain_text(source.path.read_bytes())
    dated = report_date(read.text, source.path.name)
    item = item_id("report", source.relative)
    row = report_row(
        item, read.text, source, name=source.path.name, date=dated.date if dated else None,
        encoding=read.encoding, date_at=dated.span if dated else None, read=read.note,
    )  # fmt: skip
    draft = RecordsDraft(item, source.path.name, [source], texts=[row])
    if read.note:
        draft.problems.append(read.note)
    return draft, FileStatus(source.uri, "ingested", read.note, item)
