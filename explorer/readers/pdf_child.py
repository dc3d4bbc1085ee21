"""The child process that takes the text layer out of a PDF: hostile bytes, kept at a distance.

Started as a script by `explorer.readers.pdf_text`; it imports nothing of this package. One
request, as JSON on stdin; one reply, as JSON on stdout.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any


def limit_memory(limit: int) -> None:
    """Bound the address space where the system can (Linux; not Windows)."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ImportError, ValueError, OSError):
        return


def pages(path: str, most_pages: int, most_characters: int) -> dict[str, Any]:
    """Take the text of each page.

    Parameters
    ----------
    path : str
    most_pages, most_characters : int

    Returns
    -------
    dict
        ``pages`` (a list of texts), ``images`` (pages without text that show an image),
        ``producer``; or ``error``.
    """
    from pypdf import PdfReader

    reader = PdfReader(path, strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        return {"error": "it is encrypted, and opens only with a password"}
    if len(reader.pages) > most_pages:
        return {"error": f"it has {len(reader.pages)} pages, more than {most_pages}"}
    texts: list[str] = []
    pictures = 0
    for page in reader.pages:
        text = page.extract_text()
        if not text.strip():
            pictures += _shows_image(page)
        texts.append(text)
        if sum(map(len, texts)) > most_characters:
            return {"error": f"it holds more than {most_characters} characters"}
    about = reader.metadata
    producer = about.producer if about else None
    return {"pages": texts, "images": pictures, "producer": producer and str(producer)[:200]}


def _shows_image(page: Any) -> bool:
    try:
        objects = page["/Resources"]["/XObject"].get_object()
        return any(one.get_object().get("/Subtype") == "/Image" for one in objects.values())
    except (KeyError, AttributeError, TypeError):
        return False


def main() -> None:
    """Answer the one request."""
    # A library that prints would break the reply: it gets a private copy of stdout.
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    request = json.loads(sys.stdin.buffer.read())
    sys.path[:] = request["sys_path"]
    logging.disable(logging.CRITICAL)
    limit_memory(request["memory"])
    try:
        reply = pages(request["path"], request["most_pages"], request["most_characters"])
    except RecursionError:
        reply = {"error": "its parts are nested deeper than any real ones"}
    except MemoryError:
        reply = {"error": "it needs more memory than any report"}
    except Exception as error:  # noqa: BLE001 - whatever the parser raises is the reply
        reply = {"error": f"it is broken: {type(error).__name__}: {str(error)[:200]}"}
    sink.write(json.dumps(reply).encode("ascii"))
    sink.flush()


if __name__ == "__main__":
    main()
