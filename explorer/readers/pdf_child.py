"""The child process that takes the text layer out of a PDF: hostile bytes, kept at a distance.

Started as a script by `explorer.readers.pdf_process`; it imports nothing of this package. Requests
come on stdin and replies go to stdout, framed as in `decode_child`; what was found is JSON in the
bytes behind a reply's head. It ends when its stdin does.
"""

from __future__ import annotations

import json
import logging
import os
import struct
import sys
from typing import Any, BinaryIO


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


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Answer one request: the pages, or an error in words."""
    try:
        return pages(request["path"], request["most_pages"], request["most_characters"])
    except RecursionError:
        return {"error": "its parts are nested deeper than any real ones"}
    except MemoryError:
        return {"error": "it needs more memory than any report"}
    except Exception as error:  # noqa: BLE001 - whatever the parser raises is the reply
        return {"error": f"it is broken: {type(error).__name__}: {str(error)[:200]}"}


def _message(source: BinaryIO) -> Any:
    """The next request's head, or None where there is none."""
    size = source.read(4)
    return json.loads(source.read(*struct.unpack("<L", size))) if len(size) == 4 else None


def _reply(sink: BinaryIO, found: dict[str, Any]) -> None:
    raw = json.dumps(found).encode("ascii")
    packed = json.dumps({"bytes": len(raw)}).encode("ascii")
    sink.write(struct.pack("<L", len(packed)) + packed + raw)
    sink.flush()


def main() -> None:
    """Take over stdin and stdout, then answer until stdin ends."""
    # A library that prints would break the replies: they get a private copy of stdout.
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    hello = _message(sys.stdin.buffer)
    sys.path[:] = hello["path"]
    logging.disable(logging.CRITICAL)
    limit_memory(hello["memory"])
    import pypdf  # noqa: F401 - now, so that no file's time limit pays for it

    sink.write(struct.pack("<L", 12) + b'{"bytes": 0}')
    sink.flush()
    while (request := _message(sys.stdin.buffer)) is not None:
        _reply(sink, answer(request))


if __name__ == "__main__":
    main()
