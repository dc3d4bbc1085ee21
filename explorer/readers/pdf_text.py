"""The text layer of a PDF, taken out in a guarded child process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.errors import FileRefusedError

PDF_BYTES = 128 << 20
MEMORY = 1 << 30
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


def pdf_text(path: Path, seconds: float = SECONDS, memory: int = MEMORY) -> PdfText:
    """Take the text layer out of a PDF (ISO 32000-1, 9.10).

    Nothing is recognised in images, no script is run and no attachment or link is opened.

    Parameters
    ----------
    path : pathlib.Path
    seconds : float
        How long it may take.
    memory : int
        Bytes of address space that the child may have, where the system can bound it.

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
    reply = _ask(path, seconds, memory)
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


def _ask(path: Path, seconds: float, memory: int) -> dict[str, Any]:
    # by path and with -P, as in decoder.py
    script = Path(__file__).with_name("pdf_child.py")
    request = {
        "path": str(path), "sys_path": sys.path, "memory": memory, "most_pages": PAGES,
        "most_characters": CHARACTERS,
    }  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(script)],
            input=json.dumps(request).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            timeout=seconds,
            check=False,
        )
        reply: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise FileRefusedError(f"The PDF took more than {seconds:.3g} s to read") from error
    except ValueError as error:
        raise FileRefusedError("The PDF crashed the program that reads it") from error
    return reply


def _whole(page: str) -> str:
    """A page without halves of characters: a font's table may hold them, and no file can."""
    return page.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
