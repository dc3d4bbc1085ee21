"""Whole-slide images, opened in a guarded child process that stays for the next region."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import FileRefusedError
from explorer.readers.decoder import Decoder

THUMBNAIL = 512
"""Pixels of a thumbnail, each way."""
MOST_PIXELS = 1 << 26
_MEMORY = 6 << 30  # of address space; what is resident is far less
_SECONDS = 120.0


class SlideProcess(Decoder):
    """Asks a child for a slide's levels, its thumbnail, and regions of it."""

    script = "slide_child.py"
    called = "reader of slides"

    def __init__(self, memory: int = _MEMORY) -> None:
        super().__init__(memory)

    def info(self, kind: str, paths: Sequence[Path]) -> dict[str, Any]:
        """Levels (shape, mpp), vendor, magnification.

        Raises
        ------
        FileRefusedError
            It is no slide that can be opened, or the child crashed or hung over it.
        """
        return self._ask(kind, paths, {"step": "info"}, 0)[0]

    def thumbnail(self, kind: str, paths: Sequence[Path]) -> NDArray[np.uint8]:
        """The whole slide, small: ``(y, x, 3)``, RGB."""
        head, raw = self._ask(kind, paths, {"step": "thumbnail", "most": THUMBNAIL}, THUMBNAIL**2)
        return _pixels(head, raw)

    def region(
        self, kind: str, paths: Sequence[Path], level: int, y: int, x: int, height: int, width: int
    ) -> NDArray[np.uint8]:
        """A region of a level, in its own pixels: ``(y, x, 3)``, RGB."""
        ask = {"step": "region", "level": level, "y": y, "x": x, "height": height, "width": width}
        return _pixels(*self._ask(kind, paths, ask, height * width))

    def _ask(
        self, kind: str, paths: Sequence[Path], ask: dict[str, Any], pixels: int
    ) -> tuple[dict[str, Any], bytes]:
        stamp = [path.stat().st_mtime_ns for path in paths]
        head = {**ask, "kind": kind, "paths": [str(path) for path in paths], "stamp": stamp}
        reply, raw = self.ask(head, b"", pixels * 3, _SECONDS)
        if "error" in reply:
            raise FileRefusedError(f"The slide cannot be opened: {reply['error']}")
        return reply, raw


def _pixels(head: dict[str, Any], raw: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(raw, np.uint8).reshape(head["shape"])


_SHARED = SlideProcess()
atexit.register(_SHARED.close)


def slide_process() -> SlideProcess:
    """Give this process' child."""
    return _SHARED
