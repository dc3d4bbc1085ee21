"""Parse the header of one DICOM file, however hostile, up to its pixels."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO, cast

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset, read_partial
from pydicom.tag import BaseTag, Tag

from explorer.errors import FileRefusedError
from explorer.readers.bounded_file import HEADER_READS, BoundedFile, WholeFileReadError
from explorer.readers.count_elements import count_elements
from explorer.readers.inflate import inflate

DEFLATED = "1.2.840.10008.1.2.1.99"
_UNDEFINED = 0xFFFFFFFF
_SMALL_SEQUENCE = 1 << 20  # bytes; whatever they hold, it is read in a second
_PIXELS = {0x7FE00010: "PixelData", 0x7FE00008: "FloatPixelData", 0x7FE00009: "DoublePixelData"}
_LONG_VR = {b"OB", b"OW", b"UN", b"OF", b"OD"}
# Groups that a data set without a preamble starts with: file meta, identifying.
_FIRST_GROUPS = {2, 8}


@dataclass(frozen=True)
class Parsed:
    """A header, and where its pixels are.

    Attributes
    ----------
    dataset : pydicom.Dataset
        Only the tags that were asked for.
    syntax : str or None
        Transfer syntax UID, None where the file has none.
    big_endian : bool
    pixels : str or None
        Keyword of the pixel element that follows, None where there is none.
    pixel_vr : str
        Its VR where the syntax is explicit.
    offset, length : int
        Of its value; the declared length, or -1 where it is undefined.
    room : int
        Bytes from `offset` to the end of the file (of the inflated dataset).
    deflated_at : int or None
        Where the deflated stream starts; `offset` then counts in the inflated dataset.
    """

    dataset: Dataset
    syntax: str | None
    big_endian: bool
    pixels: str | None
    pixel_vr: str
    offset: int
    length: int
    room: int
    deflated_at: int | None = None


def looks_like_dicom(start: bytes) -> bool:
    """Tell whether a file may be DICOM by its first 140 bytes.

    The prefix ``DICM`` at byte 128 says so (DICOM PS3.10 7.1). Without it the first element must
    be one that data sets start with, in either byte order, of a length that can be.
    """
    if start[128:132] == b"DICM":
        return True
    if len(start) < 16:
        return False
    for order in "<>":
        group, element, vr, short = struct.unpack(f"{order}HH2sH", start[:8])
        if group not in _FIRST_GROUPS or element > 0x3000:
            continue
        if vr.isalpha() and vr.isupper() and short <= 1024:
            return True
        if order == "<" and struct.unpack("<L", start[4:8])[0] <= 1024:
            return True
    return False


def parse_dicom(
    path: Path, tags: Sequence[str | int], max_reads: int = HEADER_READS
) -> Parsed | None:
    """Parse one file's header.

    Runs in this process: pydicom is pure Python, reads are bounded by `BoundedFile`, a deflated
    dataset by `inflate`.

    Parameters
    ----------
    path : pathlib.Path
    tags : sequence of str or int
        Keywords or tags to keep; everything else is skipped.
    max_reads : int
        As in `BoundedFile`; a segmentation may have tens of thousands of frames.

    Returns
    -------
    Parsed or None
        None where the file is not DICOM.

    Raises
    ------
    FileRefusedError
        It is DICOM, and it is broken, or larger than any real header.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as raw:
            if not looks_like_dicom(raw.read(140)):
                return None
            raw.seek(0)
            return _parse(path, raw, size, _tag_list(tuple(tags)), max_reads)
    except FileRefusedError:
        raise
    except RecursionError as error:
        raise FileRefusedError(
            "The DICOM sequences are nested deeper than any real ones"
        ) from error
    except Exception as error:
        raise FileRefusedError(f"The DICOM header is broken: {_short(error)}") from error


def _parse(
    path: Path, raw: BinaryIO, size: int, tags: list[BaseTag | int], max_reads: int
) -> Parsed:
    bounded = BoundedFile(raw, size, max_reads=max_reads)
    try:
        dataset = read_partial(
            cast(BinaryIO, bounded), stop_when=_at_pixels, force=True, specific_tags=tags
        )
    except WholeFileReadError:
        return _parse_deflated(path, bounded.tell(), tags)
    _check_sequences(dataset, max_reads)
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    big = dataset.original_encoding[1] is False
    pixels, vr, offset, length = _locate(bounded, big)
    return Parsed(
        dataset, str(syntax) if syntax else None, big, pixels, vr, offset, length, size - offset
    )


def _parse_deflated(path: Path, start: int, tags: list[BaseTag | int]) -> Parsed:
    inflated = inflate(path, start)
    size = inflated.getbuffer().nbytes
    bounded = BoundedFile(inflated, size)
    dataset = read_dataset(
        cast(BinaryIO, bounded),
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=_at_pixels,
        specific_tags=tags,
    )
    _check_sequences(dataset, HEADER_READS)
    pixels, vr, offset, length = _locate(bounded, False)
    return Parsed(dataset, DEFLATED, False, pixels, vr, offset, length, size - offset, start)


def _check_sequences(dataset: Dataset, max_elements: int) -> None:
    """Refuse sequences that would take minutes to look into; pydicom has them as bytes yet."""
    for tag in dataset.keys():  # noqa: SIM118 - a Dataset iterates over parsed elements
        element = dataset.get_item(tag)
        raw = getattr(element, "value", None)
        if not isinstance(raw, bytes) or len(raw) < _SMALL_SEQUENCE:
            continue
        implicit = bool(getattr(element, "is_implicit_VR", False))
        little = bool(getattr(element, "is_little_endian", True))
        if count_elements(raw, implicit, little, max_elements) > max_elements:
            raise FileRefusedError(
                f"The sequence {tag} is larger than any real one",
                expected=f"at most {max_elements} elements",
            )


@cache
def _tag_list(tags: tuple[str | int, ...]) -> list[BaseTag | int]:
    return [Tag(tag) for tag in tags]


def _at_pixels(tag: BaseTag, vr: str | None, length: int) -> bool:
    return int(tag) in _PIXELS


def _locate(file: BoundedFile, big: bool) -> tuple[str | None, str, int, int]:
    """Read the element that parsing stopped at: keyword, VR, offset and length of its value."""
    start = file.tell()
    head = file.read(12)
    order = ">" if big else "<"
    if len(head) < 8:
        return None, "", start, 0
    group, element = struct.unpack(f"{order}HH", head[:4])
    keyword = _PIXELS.get(group << 16 | element)
    if keyword is None:
        return None, "", start, 0
    if head[4:6] in _LONG_VR and len(head) == 12:
        offset, length = start + 12, struct.unpack(f"{order}L", head[8:12])[0]
    else:
        offset, length = start + 8, struct.unpack(f"{order}L", head[4:8])[0]
    vr = head[4:6].decode("ascii", "replace")
    return keyword, vr, offset, -1 if length == _UNDEFINED else length


def _short(error: BaseException) -> str:
    text = "".join(c if c.isprintable() else " " for c in str(error))
    return f"{type(error).__name__}: {text[:200]}" if text.strip() else type(error).__name__
