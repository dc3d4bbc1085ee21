"""The text layer of a PDF, taken out in a guarded child process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from explorer.errors import FileRefusedError
from explorer.readers.pdf_process import PdfProcess, shared_pdf_process

PDF_BYTES = 128 << 20
SECONDS = 30.0
PAGES = 500
CHARACTERS = 4_000_000
PAGE_BREAK = "\f"


@dataclass(frozen=True)
class PdfText:
    """A PDF's text.

    Attributes
    ----------
    text : str
        The pages' texts with a form feed between.
    spans : list of (int, int)
        Of each page in the text, half-open.
    empty : list of int
        Pages (from 1) without text.
    pictures : int
        Pages without text that show an image.
    producer : str or None
        The program that made the file.
    """

    text: str
    spans: list[tuple[int, int]]
    empty: list[int]
    pictures: int
    producer: str | None


def pdf_text(path: Path, seconds: float = SECONDS, process: PdfProcess | None = None) -> PdfText:
    """Take the text layer out of a PDF (ISO 32000-1, 9.10).

    Nothing is recognised in images, no script is run and no attachment or link is opened.

    Parameters
    ----------
    path : pathlib.Path
    seconds : float
        How long it may take.
    process : PdfProcess, optional
        The child that reads; by default this process' own.

    Returns
    -------
    PdfText

    Raises
    ------
    FileRefusedError
        It has no text layer (a scan), is encrypted, broken, or takes too much.
    """
    if path.stat().st_size > PDF_BYTES:
        raise FileRefusedError(f"The PDF is larger than {PDF_BYTES >> 20} MiB")
    request = {"path": str(path), "most_pages": PAGES, "most_characters": CHARACTERS}
    reply = (process or shared_pdf_process()).read(request, seconds)
    if "error" in reply:
        raise FileRefusedError(f"The PDF cannot be read: {_line(reply['error'])}")
    texts = [_whole(page) for page in reply["pages"]]
    if not any(page.strip() for page in texts):
        scan = reply["images"] > 0
        raise FileRefusedError(
            "The PDF has no text layer" + (": its pages are images, as of a scan" if scan else ""),
            expected="a PDF with text in it",
            do="recognise its text (OCR), and ingest the result",
        )
    spans, at = [], 0
    for page in texts:
        spans.append((at, at + len(page)))
        at += len(page) + len(PAGE_BREAK)
    empty = [number for number, page in enumerate(texts, 1) if not page.strip()]
    producer = reply["producer"]
    return PdfText(PAGE_BREAK.join(texts), spans, empty, int(reply["images"]), producer)


def _whole(page: str) -> str:
    """A page without halves of characters: a font's table may hold them, and no file can."""
    return page.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
