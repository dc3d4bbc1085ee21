from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest

from explorer.errors import FileRefusedError
from explorer.readers.decoder import SYNTAXES, Decoder

JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
VALUES = np.random.default_rng(7).integers(0, 4096, (60, 40)).astype(np.uint16)
FRAME = imagecodecs.jpegls_encode(VALUES)


@pytest.fixture
def decoder():
    made = Decoder()
    yield made
    made.close()


def test_decodes(decoder: Decoder) -> None:
    found = decoder.decode(JPEG_LS, FRAME, VALUES.size, 16)
    np.testing.assert_array_equal(found, VALUES)
    assert found.dtype == np.dtype("<u2")


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_garbage_is_refused_and_the_next_frame_still_decodes(decoder: Decoder, syntax: str) -> None:
    for garbage in (b"", b"\x00" * 64, bytes(range(256)) * 8, FRAME[: len(FRAME) // 3]):
        with pytest.raises(FileRefusedError, match=SYNTAXES[syntax]):
            decoder.decode(syntax, garbage, 4096, 16)
    np.testing.assert_array_equal(decoder.decode(JPEG_LS, FRAME, VALUES.size, 16), VALUES)


class _KilledWhenAsked:
    """The stdin of a child that is killed as soon as it has been sent a frame, and not before."""

    def __init__(self, process: Any) -> None:
        self.process, self.pipe = process, process.stdin
        self.write, self.close = self.pipe.write, self.pipe.close

    def flush(self) -> None:
        self.pipe.flush()
        self.process.kill()


def test_a_child_that_dies_costs_one_frame(decoder: Decoder) -> None:
    """Killed with a frame in its hands, as by a fault of memory in a codec."""
    decoder.decode(JPEG_LS, FRAME, VALUES.size, 16)
    process = decoder._process
    assert process is not None
    process.send_signal(signal.SIGSTOP)  # so that it cannot be done before it is killed
    process.stdin = _KilledWhenAsked(process)  # type: ignore[assignment]
    with pytest.raises(FileRefusedError, match="crashed"):
        decoder.decode(JPEG_LS, FRAME, VALUES.size, 16, seconds=600)
    np.testing.assert_array_equal(decoder.decode(JPEG_LS, FRAME, VALUES.size, 16), VALUES)


def test_a_child_killed_between_frames_is_started_again(decoder: Decoder) -> None:
    decoder.decode(JPEG_LS, FRAME, VALUES.size, 16)
    process = decoder._process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    process.wait()
    np.testing.assert_array_equal(decoder.decode(JPEG_LS, FRAME, VALUES.size, 16), VALUES)


def test_a_frame_that_takes_too_long(decoder: Decoder) -> None:
    large = imagecodecs.jpeg2k_encode(
        np.random.default_rng(1).integers(0, 60000, (2000, 2000)).astype(np.uint16),
        level=0,
        codecformat="j2k",
    )
    with pytest.raises(FileRefusedError, match=r"more than 0\.05 s"):
        decoder.decode(JPEG_2000, large, 4_000_000, 16, seconds=0.05)
    np.testing.assert_array_equal(decoder.decode(JPEG_LS, FRAME, VALUES.size, 16), VALUES)


def test_a_reply_larger_than_the_frame_is_not_taken(decoder: Decoder) -> None:
    with pytest.raises(FileRefusedError):
        decoder.decode(JPEG_LS, FRAME, 100, 16)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the address space")
def test_memory_is_bounded() -> None:
    blank = np.zeros((8000, 8000), np.uint16)
    frame = imagecodecs.jpegls_encode(blank)
    decoder = Decoder(memory=200 << 20)
    try:
        with pytest.raises(FileRefusedError):
            decoder.decode(JPEG_LS, frame, blank.size, 16)
        np.testing.assert_array_equal(decoder.decode(JPEG_LS, FRAME, VALUES.size, 16), VALUES)
    finally:
        decoder.close()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    """Even a parent that is killed leaves no child behind: its stdin closes."""
    import subprocess
    import time

    script = (
        "import sys, time, pickle\n"
        "from explorer.readers.decoder import Decoder\n"
        "decoder = Decoder()\n"
        f"decoder.decode({JPEG_LS!r}, sys.stdin.buffer.read({len(FRAME)}), {VALUES.size}, 16)\n"
        "sys.stdout.write(f'{decoder._process.pid}\\n'); sys.stdout.flush(); time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(FRAME)
        parent.stdin.flush()
        child = int(parent.stdout.readline())
        parent.kill()
    for _ in range(1200):
        try:
            state = Path(f"/proc/{child}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return
        if state.rsplit(")", 1)[1].split()[0] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the decoder outlived its parent")
