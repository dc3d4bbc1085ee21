"""De-identified copies of PNG and JPEG: the pixels, and nothing that was written beside them."""

from __future__ import annotations

import struct
from pathlib import Path

from explorer.errors import FileRefusedError

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs",
             b"sBIT", b"bKGD"}  # fmt: skip
_MOST_BYTES = 1 << 30


def scrub_picture(source: Path, target: Path) -> None:
    """Copy a picture without text chunks, EXIF, XMP, thumbnails and comments.

    Raises
    ------
    FileRefusedError
        It is neither, or it ends early.
    """
    if source.stat().st_size > _MOST_BYTES:
        raise FileRefusedError("It cannot be de-identified: a picture of more than 1 GiB")
    data = source.read_bytes()
    try:
        kept = _png(data) if data.startswith(_PNG) else _jpeg(data)
    except (struct.error, IndexError, ValueError):
        raise FileRefusedError("It cannot be de-identified: the picture is broken") from None
    with target.open("xb") as out:
        out.write(kept)


def _png(data: bytes) -> bytes:
    """Chunks that the pixels need (PNG, third edition, 5.3 and 11)."""
    found, at = [_PNG], len(_PNG)
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        end = at + 12 + length
        if end > len(data):
            raise ValueError("ends early")
        if kind in _PNG_KEPT:
            found.append(data[at:end])
        at = end
        if kind == b"IEND":
            return b"".join(found)
    raise ValueError("no end")


def _jpeg(data: bytes) -> bytes:
    """Segments that the pixels need (ITU-T T.81 B.1); APP0 JFIF and APP14 Adobe tell of colour."""
    if not data.startswith(b"\xff\xd8"):
        raise ValueError("no picture")
    found, at = [b"\xff\xd8"], 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("no marker")
        kind = data[at + 1]
        if kind == 0xFF:
            at += 1
            continue
        if kind == 0xD9:
            found.append(b"\xff\xd9")
            return b"".join(found)
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        end = at + 2 + length
        body = data[at + 4 : end]
        jfif = kind == 0xE0 and body.startswith(b"JFIF\0")
        if jfif:
            # without its thumbnail
            found.append(b"\xff\xe0" + struct.pack(">H", 16) + body[:12] + b"\0\0")
        elif (kind == 0xEE and body.startswith(b"Adobe")) or (
            kind != 0xFE and not 0xE0 <= kind <= 0xEF
        ):
            found.append(data[at:end])
        at = end
        if kind == 0xDA:  # entropy-coded data, up to the next marker that is none of it
            start = at
            while not (data[at] == 0xFF and data[at + 1] not in (0, *range(0xD0, 0xD8))):
                at += 1
            found.append(data[start:at])
