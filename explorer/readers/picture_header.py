"""Headers of PNG and JPEG pictures: size, depth, orientation; nothing is decoded."""

from __future__ import annotations

import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

from explorer.errors import FileRefusedError
from explorer.readers.one_file import refuse

MOST_PIXELS = 1 << 26
_FILE_BYTES = 512 << 20
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class PictureHeader:
    """What a picture's header says.

    Attributes
    ----------
    kind : {'image/png', 'image/jpeg'}
    shape : tuple of int
        ``(y, x)`` as stored, before its orientation is applied.
    bits : int
        8 or 16, of each channel.
    orientation : int
        EXIF's, 1 to 8; 1 is as stored.
    """

    kind: str
    shape: tuple[int, int]
    bits: int
    orientation: int


def picture_kind(start: bytes) -> str | None:
    """Kind of a picture by its first bytes, None where it is no PNG or JPEG."""
    if start.startswith(_PNG):
        return "image/png"
    return "image/jpeg" if start.startswith(_JPEG) else None


def read_picture_header(path: Path) -> PictureHeader:
    """Read a picture's header.

    Raises
    ------
    FileRefusedError
        It is broken, or claims more than `MOST_PIXELS`.
    """
    from PIL import Image

    with path.open("rb") as file:
        start = file.read(33)
    kind = picture_kind(start)
    if kind is None:
        raise FileRefusedError("It is neither PNG nor JPEG")
    if path.stat().st_size > _FILE_BYTES:
        raise FileRefusedError(f"The picture has more than {_FILE_BYTES >> 20} MiB")
    if kind == "image/png":
        _check(struct.unpack(">LL", start[16:24]))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow's about size and odd EXIF
            with Image.open(path, formats=("PNG", "JPEG")) as picture:
                width, height = picture.size
                orientation = picture.getexif().get(_ORIENTATION, 1)
    except Exception as error:
        raise refuse(error, "The picture's header is broken") from error
    _check((width, height))
    deep = kind == "image/png" and start[24] == 16
    known = isinstance(orientation, int) and 1 <= orientation <= 8
    return PictureHeader(kind, (height, width), 16 if deep else 8, orientation if known else 1)


def _check(size: tuple[int, int]) -> None:
    if min(size) < 1 or size[0] * size[1] > MOST_PIXELS:
        raise FileRefusedError(
            f"The picture claims {size[0]} x {size[1]} pixels",
            expected=f"at least one and at most {MOST_PIXELS}",
        )
