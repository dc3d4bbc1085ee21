"""Frames of a DICOM SEG, unpacked one at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import UID

from explorer.draft import Source
from explorer.errors import FileRefusedError
from explorer.readers.decoder import SYNTAXES
from explorer.readers.dicom_instance import Instance, PixelData, PixelFormat, Plane
from explorer.readers.dicom_parse import DEFLATED, Parsed
from explorer.readers.dicom_pixels import Spool, decode_frames
from explorer.readers.inflate import inflate

_NATIVE = {None, "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", DEFLATED}
_NOWHERE = Plane(0, None, None, None, None, None, None, None, None, (), {})


class SegPixels:
    """Reads frames of 1 bit (packed, DICOM PS3.5 8.1.1), 8 or 16 bits.

    Native frames are read where they lie; compressed ones are decoded once, to a scratch file.

    Parameters
    ----------
    source : Source
    parsed : Parsed
    shape : tuple of int
        ``(n, y, x)``.
    bits : int
        BitsAllocated: 1, 8 or 16.

    Raises
    ------
    FileRefusedError
        The pixels are missing, shorter than the header says, or of a form that is not read.
    """

    def __init__(
        self, source: Source, parsed: Parsed, shape: tuple[int, int, int], bits: int
    ) -> None:
        self._source, self._parsed, self._shape, self._bits = source, parsed, shape, bits
        self._spool: Spool | None = None
        self._inflated: NDArray[np.uint8] | None = None
        if parsed.pixels != "PixelData":
            raise FileRefusedError("The file holds no pixel data of whole numbers")
        if parsed.syntax in _NATIVE:
            self._check_native()
        elif parsed.syntax in SYNTAXES and parsed.length < 0:
            self._decode()
        else:
            name = UID(parsed.syntax or "").name
            raise FileRefusedError(f"The transfer syntax '{name[:64]}' is not read")

    def _check_native(self) -> None:
        parsed = self._parsed
        if parsed.big_endian and self._bits == 1:
            raise FileRefusedError(
                "Packed bits in big endian words are not read",
                do="rewrite the file as Explicit VR Little Endian",
            )
        needed = (int(np.prod(self._shape, dtype=object)) * self._bits + 7) // 8
        there = min(parsed.length, parsed.room) if parsed.length >= 0 else 0
        if there < needed:
            raise FileRefusedError(
                f"The pixels end early: {there} bytes are there",
                expected=f"{needed} for {self._shape[0]} frames of "
                f"{self._shape[1]} x {self._shape[2]} at {self._bits} bit",
            )

    def _decode(self) -> None:
        count, rows, columns = self._shape
        parsed, bits = self._parsed, max(8, self._bits)
        room = parsed.room
        if count * 8 > room or rows * columns > 64 << 20:
            raise FileRefusedError(
                f"{room} compressed bytes claim to be {count} frames of {rows} x {columns}"
            )
        form = PixelFormat(rows, columns, bits, bits, bits - 1, False, "MONOCHROME2")
        pixels = PixelData(parsed.syntax or "", parsed.offset, None)
        instance = Instance("", "SEG", False, form, pixels, [_NOWHERE] * count, "")
        spool = Spool()
        for frame in decode_frames(self._source, instance):
            spool.add(frame)
        self._spool = spool

    def frame(self, index: int) -> NDArray[Any]:
        """Read one frame.

        Returns
        -------
        ndarray, (y, x), uint8 or uint16
            0 and 1 where BitsAllocated is 1.

        Raises
        ------
        FileRefusedError
            The file is gone, or is shorter than it was.
        """
        pixels = self._shape[1] * self._shape[2]
        if self._spool is not None:
            dtype = np.dtype("u1" if self._bits <= 8 else "<u2")
            data = self._spool.read(index * pixels * dtype.itemsize, pixels * dtype.itemsize)
            return np.frombuffer(data, dtype).reshape(self._shape[1:])
        first = index * pixels * self._bits
        raw = self._bytes(first // 8, (first + pixels * self._bits + 7) // 8)
        if self._bits == 1:
            values = np.unpackbits(raw, bitorder="little")[first % 8 : first % 8 + pixels]
        else:
            order = ">" if self._parsed.big_endian else "<"
            values = raw.view("u1" if self._bits == 8 else f"{order}u2")
        return values.reshape(self._shape[1:])

    def _bytes(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Bytes of the pixels' value; all of them where the dataset is deflated."""
        offset = self._parsed.offset
        if self._parsed.deflated_at is not None:
            if self._inflated is None:
                whole = inflate(self._source.path, self._parsed.deflated_at).getbuffer()
                self._inflated = np.frombuffer(whole, np.uint8)
            return self._inflated[offset + start : offset + stop]
        try:
            with self._source.path.open("rb") as file:
                file.seek(offset + start)
                data = file.read(stop - start)
        except OSError as error:
            raise FileRefusedError(
                f"The file cannot be read: {error.strerror}", where=self._source.uri
            ) from error
        if len(data) != stop - start:
            raise FileRefusedError("The pixels end early", where=self._source.uri)
        return np.frombuffer(data, np.uint8)
