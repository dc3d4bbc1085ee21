"""The guarded child process that reads PDFs: started when needed, again after it failed."""

from __future__ import annotations

import atexit
import json
from typing import Any

from explorer.readers.decoder import Decoder

_REPLY_BYTES = 64 << 20


class PdfProcess(Decoder):
    """A child process that takes the text out of one PDF after another."""

    script = "pdf_child.py"
    called = "PDF reader"

    def read(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request; see `explorer.readers.pdf_child`.

        Raises
        ------
        FileRefusedError
            The child crashed, or took longer.
        """
        _, raw = self.ask(request, b"", _REPLY_BYTES, seconds)
        reply: dict[str, Any] = json.loads(raw)
        if "error" in reply:
            with self._lock:
                self.close()  # what a broken file left in its memory spoils no other
        return reply


_SHARED = PdfProcess()
atexit.register(_SHARED.close)


def shared_pdf_process() -> PdfProcess:
    """Give this process' reader of PDFs."""
    return _SHARED
