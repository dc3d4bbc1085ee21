"""A file that hands out no more bytes than it has, and no more than it is worth."""

from __future__ import annotations

from typing import BinaryIO

from explorer.errors import FileRefusedError

HEADER_BYTES = 256 << 20
HEADER_READS = 1_500_000


class WholeFileReadError(Exception):
    """Somebody asked for all the rest of the file at once: pydicom does so to inflate it."""


class BoundedFile:
    """What pydicom reads a hostile header from.

    A declared length is only a claim: ``read(n)`` of a Python file reserves ``n`` bytes before
    it looks how many there are, and a header of millions of tiny elements takes minutes. Here a
    read is cut to what is left, and the bytes and the calls are counted.

    Parameters
    ----------
    raw : binary file
    size : int
        Bytes in `raw`.
    max_bytes, max_reads : int
        What all reads together may come to.
    """

    def __init__(
        self,
        raw: BinaryIO,
        size: int,
        max_bytes: int = HEADER_BYTES,
        max_reads: int = HEADER_READS,
    ) -> None:
        self._raw = raw
        self._size = size
        self._bytes_left = max_bytes
        self._reads_left = max_reads

    def read(self, count: int = -1) -> bytes:
        """Read at most `count` bytes.

        Raises
        ------
        FileRefusedError
            The header is larger than any real one.
        WholeFileReadError
            `count` is negative.
        """
        if count < 0:
            raise WholeFileReadError
        count = min(count, max(0, self._size - self._raw.tell()))
        self._bytes_left -= count
        self._reads_left -= 1
        if self._bytes_left < 0 or self._reads_left < 0:
            raise FileRefusedError(
                "The DICOM header is larger than any real one",
                expected=f"at most {HEADER_BYTES >> 20} MiB and {HEADER_READS} parts of elements",
            )
        return self._raw.read(count)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move, as in a file."""
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        """Tell where the next read starts."""
        return self._raw.tell()
