"""The guarded child process that reads PDFs: started when needed, again after it failed."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from explorer.errors import FileRefusedError

MEMORY = 1 << 30
_START_SECONDS = 60.0
_REPLY_BYTES = 64 << 20


class PdfProcess:
    """A child process that takes the text out of one PDF after another.

    Parameters
    ----------
    memory : int
        Bytes of address space that the child may have, where the system can bound it.
    """

    def __init__(self, memory: int = MEMORY) -> None:
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request; see `explorer.readers.pdf_child`.

        Raises
        ------
        FileRefusedError
            The child crashed, or took longer.
        """
        with self._lock:
            reply = self._guarded(self._running(), request, seconds)
            if "error" in reply:
                self.close()  # what a broken file left in its memory spoils no other
        return reply

    def close(self) -> None:
        """End the child. The next request starts another."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was not yet sent cannot be sent any more
                    continue

    def _running(self) -> subprocess.Popen[bytes]:
        process = self._process
        if process is not None and process.poll() is None and self._owner == os.getpid():
            return process
        self.close()
        # by path and with -P, as in decoder.py
        script = Path(__file__).with_name("pdf_child.py")
        process = subprocess.Popen(
            [sys.executable, "-P", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        self._process, self._owner = process, os.getpid()
        hello = {"sys_path": sys.path, "memory": self._memory}
        self._guarded(process, hello, _START_SECONDS)
        return process

    def _guarded(
        self, process: subprocess.Popen[bytes], request: dict[str, Any], seconds: float
    ) -> dict[str, Any]:
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            return _exchange(process, request)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            if late.is_set():
                raise FileRefusedError(f"The PDF took more than {seconds:.3g} s to read") from error
            raise FileRefusedError("The PDF crashed the program that reads it") from error
        finally:
            timer.cancel()


def _exchange(process: subprocess.Popen[bytes], request: dict[str, Any]) -> dict[str, Any]:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
    process.stdin.flush()
    line = process.stdout.readline(_REPLY_BYTES)
    if not line.endswith(b"\n"):
        raise EOFError
    reply: dict[str, Any] = json.loads(line)
    return reply


_SHARED = PdfProcess()
atexit.register(_SHARED.close)


def shared_pdf_process() -> PdfProcess:
    """Give this process' reader of PDFs."""
    return _SHARED
