"""Sizes that a compressed frame claims, read before any decoder sees it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_JPEG_FRAMES = {*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)}
_JPEG_FRAMES.add(0xF7)  # JPEG-LS
_BARE = {0x01, *range(0xD0, 0xD9)}


@dataclass(frozen=True)
class Codestream:
    """What the head of a frame says."""

    rows: int
    columns: int
    samples: int
    precision: int


def read_codestream(codec: str, data: bytes) -> Codestream | None:
    """Read the head of a JPEG, JPEG-LS or JPEG 2000 frame.

    Parameters
    ----------
    codec : str
        As in `explorer.readers.decoder.SYNTAXES`.
    data : bytes

    Returns
    -------
    Codestream or None
        None where there is no such head; an RLE frame has none.
    """
    if codec in ("jpeg2k", "htj2k"):
        return _jpeg2000(data)
    return _jpeg(data)


def _jpeg2000(data: bytes) -> Codestream | None:
    """SIZ follows SOC (ISO/IEC 15444-1 A.5.1); a JP2 box before it is not DICOM, but met."""
    start = data.find(b"\xff\x4f\xff\x51")
    if start < 0 or len(data) < start + 43:
        return None
    x1, y1, x0, y0 = struct.unpack(">4L", data[start + 8 : start + 24])
    (samples,) = struct.unpack(">H", data[start + 40 : start + 42])
    return Codestream(y1 - y0, x1 - x0, samples, (data[start + 42] & 0x7F) + 1)


def _jpeg(data: bytes) -> Codestream | None:
    """Walk the marker segments up to the frame header (ISO/IEC 10918-1 B.2.2, 14495-1 C.2.2)."""
    if data[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 10 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _BARE:
            at += 2
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if marker in _JPEG_FRAMES:
            precision, rows, columns, samples = struct.unpack(">BHHB", data[at + 4 : at + 10])
            return Codestream(rows, columns, samples, precision)
        at += 2 + length
    return None


def jpeg_color(data: bytes, photometric: str) -> str:
    """Tell what the three components of a JPEG frame are.

    An Adobe marker says it (APP14, transform 0 or 1), a JFIF marker means YCbCr; without either
    the DICOM header's photometric interpretation does. Real files contradict themselves here,
    and a picture that is read the wrong way is green.

    Parameters
    ----------
    data : bytes
    photometric : str

    Returns
    -------
    {'YCBCR', 'RGB'}
    """
    at, jfif = 2, False
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _JPEG_FRAMES or marker == 0xDA:
            break
        body = data[at + 4 : at + 2 + length]
        if marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12 and body[11] in (0, 1):
            return "YCBCR" if body[11] else "RGB"
        jfif = jfif or (marker == 0xE0 and body[:5] == b"JFIF\0")
        at += 2 + length
    return "YCBCR" if jfif or photometric.startswith("YBR") else "RGB"
