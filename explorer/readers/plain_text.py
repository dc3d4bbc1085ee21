"""Bytes of a text file into text, every character kept, and told how they were read."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from explorer.errors import FileRefusedError

TEXT_BYTES = 32 << 20
"""Bytes of one text file; a longer one is no report."""

_MARKS = (  # the four bytes of UTF-32 begin with the two of UTF-16: they are asked first
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32 (little endian)"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32 (big endian)"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 (little endian)"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 (big endian)"),
)
_LOOK = 1 << 16
_CONTROLS = set(range(32)) - {0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B}
_MOST_STRANGE = 0.05


@dataclass(frozen=True)
class PlainText:
    """A text, and how its bytes were understood.

    Attributes
    ----------
    text : str
        Without the byte order mark; line ends as they are in the file.
    encoding : str
        Python's name of it.
    note : str or None
        What the reader should know: an encoding other than UTF-8, bytes that are none of it.
    """

    text: str
    encoding: str
    note: str | None = None


def is_text(start: bytes) -> bool:
    """Tell whether the first bytes of a file can be text."""
    look = start[:_LOOK]
    if any(look.startswith(mark) for mark, _, _ in _MARKS) or _wide(look):
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(look)  # the last character may be cut
    except UnicodeDecodeError:
        strange = sum(byte in _CONTROLS for byte in look)
        return 0 not in look and strange <= _MOST_STRANGE * len(look)
    return look.count(0) <= _MOST_STRANGE * len(look)


def plain_text(data: bytes) -> PlainText:
    """Decode a text file.

    UTF-8 is tried first, then what a byte order mark says, UTF-16 without one (every other byte
    zero), and Windows-1252, in which older hospital systems write.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    PlainText
        Bytes that fit no encoding are U+FFFD, and counted in the note.

    Raises
    ------
    FileRefusedError
        The bytes are no text, or more than `TEXT_BYTES`.
    """
    if len(data) > TEXT_BYTES:
        raise FileRefusedError(
            f"The text is larger than {TEXT_BYTES >> 20} MiB", expected="a report"
        )
    if not is_text(data[:_LOOK]):
        raise FileRefusedError("The bytes are no text", expected="UTF-8, UTF-16 or Windows-1252")
    for mark, encoding, told in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, told)
    if wide := _wide(data[:_LOOK]):
        return _decoded(data, wide, f"{wide.upper()} without a byte order mark")
    try:
        return PlainText(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _older(data)


def _wide(start: bytes) -> str | None:
    """UTF-16 without a mark: nearly all of one half of the bytes are zero, none of the other."""
    pairs = len(start) // 2
    if pairs < 8:
        return None
    even, odd = start[0 : 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if odd > 0.7 * pairs and even == 0:
        return "utf-16-le"
    if even > 0.7 * pairs and odd == 0:
        return "utf-16-be"
    return None


def _decoded(data: bytes, encoding: str, told: str) -> PlainText:
    try:
        text = data.decode(encoding)
        note = f"read as {told}"
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
        note = f"read as {told}; {text.count(chr(0xFFFD))} places are none of it, shown as U+FFFD"
    return PlainText(text, encoding, note)


def _older(data: bytes) -> PlainText:
    """Windows-1252, or UTF-8 with damage: whichever explains more of the bytes."""
    repaired = data.decode("utf-8", errors="replace")
    broken = repaired.count("\ufffd")
    whole = sum(ord(c) > 127 for c in repaired) - broken
    if whole <= broken:
        try:
            return PlainText(data.decode("cp1252"), "cp1252", "read as Windows-1252: not UTF-8")
        except UnicodeDecodeError:
            pass  # five bytes have no meaning in it
    note = f"{broken} places are no UTF-8, shown as U+FFFD"
    return PlainText(repaired, "utf-8", note)
