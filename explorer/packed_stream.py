"""A compressed file read forwards, with bounds on what comes out of it."""

from __future__ import annotations

import bz2
import lzma
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from explorer.errors import FileRefusedError

Packing = Literal["none", "gzip", "bzip2", "xz"]
_BLOCK = 1 << 16
_XZ_MEMORY = 256 << 20  # bytes of a dictionary; xz -9 asks for 65 MiB


def _decoder(packing: Packing) -> Any:
    if packing == "gzip":
        return zlib.decompressobj(31)
    if packing == "bzip2":
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=_XZ_MEMORY)


class PackedStream:
    """What `tarfile` and copies read from: forwards only, never more than was agreed.

    Parameters
    ----------
    path : pathlib.Path
    packing : {'none', 'gzip', 'bzip2', 'xz'}
    most : int
        Bytes that may come out of it.

    Raises
    ------
    FileRefusedError
        From `read` and `seek`: more would come out than `most`, or the stream is damaged.
    """

    def __init__(self, path: Path, packing: Packing, most: int) -> None:
        self._raw = path.open("rb")
        self._packing: Packing = packing
        self._most = most
        self._decoder = None if packing == "none" else _decoder(packing)
        self._ready = b""
        self._at = 0

    def __enter__(self) -> PackedStream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._raw.close()

    def tell(self) -> int:
        """Position in the unpacked bytes."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go forwards to a position; backwards is refused."""
        if whence != 0 or offset < self._at:
            raise FileRefusedError("the archive leads backwards")
        if self._decoder is None:
            self._count(offset - self._at)
            self._raw.seek(offset)
            return self._at
        while self._at < offset and self.read(min(_BLOCK, offset - self._at)):
            continue
        return self._at

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        if self._decoder is None:
            data = self._raw.read(size)
            self._count(len(data))
            return data
        parts = []
        while size > 0:
            if not self._ready:
                self._ready = self._more()
            if not self._ready:
                break
            part, self._ready = self._ready[:size], self._ready[size:]
            self._count(len(part))
            size -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _count(self, size: int) -> None:
        self._at += size
        if self._at > self._most:
            raise FileRefusedError(f"it unpacks to more than {self._most} bytes")

    def _more(self) -> bytes:
        try:
            return self._decode()
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            raise FileRefusedError(f"it is damaged: {error}") from error

    def _decode(self) -> bytes:
        decoder: Any = self._decoder
        while True:
            if decoder.eof:
                rest = decoder.unused_data.lstrip(b"\0") or self._raw.read(_BLOCK).lstrip(b"\0")
                if not rest:
                    return b""
                decoder = self._decoder = _decoder(self._packing)  # streams may follow each other
            elif self._packing == "gzip":
                rest = decoder.unconsumed_tail or self._raw.read(_BLOCK)
            else:
                rest = self._raw.read(_BLOCK) if decoder.needs_input else b""
            data: bytes = decoder.decompress(rest, _BLOCK)
            if data:
                return data
            if not rest and not decoder.eof:
                raise EOFError("the compressed stream breaks off")
