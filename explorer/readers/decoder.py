"""Decode compressed frames in a guarded child process.

The decoders are C and C++ (imagecodecs: libjpeg-turbo, CharLS, OpenJPEG, ...). On hostile bytes
they may crash, hang or eat memory; in the child that costs one file, not the notebook.
"""

from __future__ import annotations

import atexit
import json
import os
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import FileRefusedError

_JPEG = "1.2.840.10008.1.2.4."
# DICOM PS3.5 A.4, by the codec that reads it.
SYNTAXES = {
    "1.2.840.10008.1.2.5": "rle",
    **dict.fromkeys((_JPEG + "50", _JPEG + "51"), "jpeg"),
    **dict.fromkeys((_JPEG + "57", _JPEG + "70"), "ljpeg"),
    **dict.fromkeys((_JPEG + "80", _JPEG + "81"), "jpegls"),
    **dict.fromkeys((_JPEG + "90", _JPEG + "91"), "jpeg2k"),
    **dict.fromkeys((_JPEG + "201", _JPEG + "202", _JPEG + "203"), "htj2k"),
}
PICTURES = {"image/png": "png", "image/jpeg": "jpeg"}
MEMORY = 1 << 30  # bytes of address space
_START_SECONDS = 60.0
_SECONDS, _PIXELS_A_SECOND = 5.0, 1e6  # a frame's time limit: generous, yet under ten seconds


class Decoder:
    """A child process that decodes frames, started when needed, started again after a crash.

    Parameters
    ----------
    memory : int
        Bytes of address space that the child may have, where the system can bound it.
    """

    script = "decode_child.py"
    called = "decoder"

    def __init__(self, memory: int = MEMORY) -> None:
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def decode(
        self,
        syntax: str,
        data: bytes,
        pixels: int,
        bits: int,
        seconds: float | None = None,
        color: str | None = None,
    ) -> NDArray[Any]:
        """Decode one frame.

        Parameters
        ----------
        syntax : str
            Transfer syntax UID, a key of `SYNTAXES`; or a media type of `PICTURES`.
        data : bytes
            The encoded frame.
        pixels : int
            Rows x Columns x samples; more than that does not come back.
        bits : int
            BitsAllocated.
        seconds : float, optional
            Time limit; by default 5 s and 1 s more a million pixels.
        color : {'YCBCR', 'RGB'}, optional
            What the three components of a JPEG frame are; they come back as RGB.

        Returns
        -------
        ndarray
            As the codec made it, little endian.

        Raises
        ------
        FileRefusedError
            The frame cannot be decoded, or the decoder crashed or took too long over it.
        """
        codec = SYNTAXES.get(syntax) or PICTURES[syntax]
        head = {"codec": codec, "bits": bits, "bytes": len(data), "color": color}
        limit = _SECONDS + pixels / _PIXELS_A_SECOND if seconds is None else seconds
        reply, raw = self.ask(head, data, pixels * 8, limit)
        if "error" in reply:
            raise FileRefusedError(f"A {codec} frame is broken: {reply['error']}")
        return np.frombuffer(raw, np.dtype(reply["dtype"])).reshape(reply["shape"])

    def ask(
        self, head: dict[str, Any], data: bytes, most: int, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        """Send a request, and take the reply: its head, and at most `most` bytes.

        Raises
        ------
        FileRefusedError
            The child crashed, or took too long.
        """
        with self._lock:
            return self._guarded(self._running(), head, data, most, seconds)

    def close(self) -> None:
        """End the child. The next frame starts another."""
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
        alive = self._process is not None and self._process.poll() is None
        if alive and self._owner == os.getpid() and self._process is not None:
            return self._process
        self.close()
        # By path, not by -m: works wherever this package was imported from, and -P keeps this
        # folder, whose modules are no top-level ones, off the child's path.
        script = Path(__file__).with_name(self.script)
        process = subprocess.Popen(
            [sys.executable, "-P", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        self._process, self._owner = process, os.getpid()
        hello = {"path": sys.path, "memory": self._memory}
        self._guarded(process, hello, b"", 0, _START_SECONDS)
        return process

    def _guarded(
        self,
        process: subprocess.Popen[bytes],
        head: dict[str, Any],
        data: bytes,
        most: int,
        seconds: float,
    ) -> tuple[dict[str, Any], bytes]:
        """Send a request and take its reply; kill the child when it is late."""
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            return _exchange(process, head, data, most)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            step = head.get("codec") or head.get("step")
            where = f" ({step})" if step else ""
            found = f"took more than {seconds:.3g} s" if late.is_set() else "crashed"
            raise FileRefusedError(f"The {self.called} {found}{where}") from error
        finally:
            timer.cancel()


def _exchange(
    process: subprocess.Popen[bytes], head: dict[str, Any], data: bytes, most: int
) -> tuple[dict[str, Any], bytes]:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    packed = json.dumps(head).encode()
    process.stdin.write(struct.pack("<L", len(packed)) + packed)
    process.stdin.write(data)
    process.stdin.flush()
    (size,) = struct.unpack("<L", _exactly(process, 4))
    if size > 1 << 16:
        raise ValueError("the reply's head is too long")
    reply: dict[str, Any] = json.loads(_exactly(process, size))
    if not 0 <= reply["bytes"] <= most:
        raise ValueError("the reply is larger than any frame")
    return reply, _exactly(process, reply["bytes"])


def _exactly(process: subprocess.Popen[bytes], count: int) -> bytes:
    data = process.stdout.read(count) if process.stdout is not None else b""
    if len(data) != count:
        raise EOFError
    return data


_SHARED = Decoder()
atexit.register(_SHARED.close)


def shared_decoder() -> Decoder:
    """Give this process' decoder."""
    return _SHARED
