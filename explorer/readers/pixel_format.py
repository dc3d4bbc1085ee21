"""How the pixels of a DICOM file are stored, and where: checked before a byte of them is read."""

from __future__ import annotations

from collections.abc import Mapping

from pydicom.uid import UID, AllTransferSyntaxes

from explorer.errors import FileRefusedError, FileSkippedError
from explorer.readers.decoder import SYNTAXES
from explorer.readers.dicom_instance import PixelData, PixelFormat
from explorer.readers.dicom_parse import DEFLATED, Parsed
from explorer.readers.dicom_values import integer, text, value

GREY: Mapping[str, int] = {"MONOCHROME1": 1, "MONOCHROME2": 1}
_FLOATS = {"FloatPixelData": 32, "DoublePixelData": 64}
_NATIVE = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", DEFLATED}
# A compressed file may say that it is large, or that it is hugely larger than it is, not both.
_BOMB_BYTES, _BOMB_RATIO, _FRAME_PIXELS = 256 << 20, 1000, 64 << 20


def pixel_format(
    parsed: Parsed, samples_of: Mapping[str, int] = GREY, *, floats: bool = False
) -> PixelFormat:
    """Read how samples are stored (DICOM PS3.3 C.7.6.3).

    Parameters
    ----------
    parsed : Parsed
    samples_of : mapping
        The photometric interpretations that are taken, with the samples that each has.
    floats : bool
        Whether floating point pixels are taken.

    Returns
    -------
    PixelFormat

    Raises
    ------
    FileRefusedError
        The header contradicts itself.
    FileSkippedError
        It is in order, and of a form that is not taken.
    """
    dataset = parsed.dataset
    if parsed.pixels is None:
        raise FileRefusedError("The file holds no pixel data")
    if parsed.pixels != "PixelData" and not floats:
        raise FileSkippedError(f"{parsed.pixels} (floating point pixels) is not read yet")
    rows, columns = integer(dataset, "Rows") or 0, integer(dataset, "Columns") or 0
    if not (0 < rows <= 65535 and 0 < columns <= 65535):
        raise FileRefusedError(
            f"Rows x Columns is {rows} x {columns}",
            expected="1 to 65535 each (DICOM PS3.3 C.7.6.3)",
        )
    samples = integer(dataset, "SamplesPerPixel") or 1
    photometric = (text(dataset, "PhotometricInterpretation", 16) or "").upper()
    if samples_of.get(photometric) != samples:
        raise FileSkippedError(
            f"Pixels of {samples} samples, PhotometricInterpretation '{photometric}', "
            "are not read yet",
            expected=", ".join(f"{name} ({count} samples)" for name, count in samples_of.items())
            if samples_of is not GREY
            else "grey values: 1 sample, MONOCHROME1 or MONOCHROME2",
        )
    if parsed.pixels != "PixelData":
        bits = _FLOATS[parsed.pixels]
        return PixelFormat(
            rows, columns, bits, bits, bits - 1, True, photometric, parsed.big_endian, floating=True
        )
    return _integers(parsed, rows, columns, photometric)


def _integers(parsed: Parsed, rows: int, columns: int, photometric: str) -> PixelFormat:
    dataset = parsed.dataset
    allocated = integer(dataset, "BitsAllocated") or 0
    if allocated not in (8, 16, 32):
        raise FileRefusedError(f"BitsAllocated is {allocated}", expected="8, 16 or 32")
    if allocated == 8 and parsed.big_endian and parsed.pixel_vr == "OW":
        raise FileRefusedError("8-bit pixels in big endian words are not read")
    stored = integer(dataset, "BitsStored") or 0
    high = integer(dataset, "HighBit")
    high = stored - 1 if high is None else high
    if not (0 < stored <= allocated and stored - 1 <= high < allocated):
        raise FileRefusedError(
            f"BitsStored is {stored} and HighBit {high} of BitsAllocated {allocated}",
            expected="BitsStored - 1 <= HighBit < BitsAllocated",
        )
    signed = integer(dataset, "PixelRepresentation") or 0
    if signed not in (0, 1):
        raise FileRefusedError(f"PixelRepresentation is {signed}", expected="0 or 1")
    return PixelFormat(
        rows, columns, allocated, stored, high, bool(signed), photometric, parsed.big_endian
    )


def pixel_data(
    parsed: Parsed, form: PixelFormat, frames: int, frame_bytes: int | None = None
) -> tuple[PixelData, list[str]]:
    """Check the claims on the pixels against the bytes that are there.

    Parameters
    ----------
    parsed : Parsed
    form : PixelFormat
    frames : int
        As claimed.
    frame_bytes : int, optional
        Of one frame, where it is not one sample a pixel.

    Returns
    -------
    pixels : PixelData
    problems : list of str

    Raises
    ------
    FileRefusedError
        There is less than the header says, or it cannot be.
    """
    syntax = parsed.syntax
    native = syntax is None or syntax in _NATIVE
    if not native and syntax not in SYNTAXES:
        known = syntax in AllTransferSyntaxes
        name = UID(str(syntax)).name if known else f"'{str(syntax)[:64]}'"
        raise FileRefusedError(f"The transfer syntax {name} is not read")
    if native != (parsed.length >= 0):
        found = "not encapsulated" if parsed.length >= 0 else "encapsulated"
        raise FileRefusedError(
            f"The pixels are {found}, which the transfer syntax '{syntax or 'none'}' rules out"
        )
    problems: list[str] = []
    needed = (frame_bytes or form.frame_bytes) * frames
    if native:
        there = min(parsed.length, parsed.room)
        if there < needed:
            raise FileRefusedError(
                f"The pixels end early: {there} bytes are there",
                expected=f"{needed} for {frames} frame(s) of {form.rows} x {form.columns}",
            )
        if there > needed + 1:
            problems.append(f"{there - needed} bytes after the last frame are left out")
    else:
        _check_no_bomb(form, frames, needed, parsed.room)
    offsets = value(parsed.dataset, "ExtendedOffsetTable")
    lengths = value(parsed.dataset, "ExtendedOffsetTableLengths")
    both = isinstance(offsets, bytes) and isinstance(lengths, bytes)
    pixels = PixelData(
        syntax or "1.2.840.10008.1.2",
        parsed.offset,
        parsed.length if native else None,
        frames,
        parsed.deflated_at,
        (offsets, lengths) if both else None,
    )
    return pixels, problems


def _check_no_bomb(form: PixelFormat, frames: int, needed: int, room: int) -> None:
    if frames * 8 > room:  # every frame is at least an item's head
        raise FileRefusedError(f"{frames} frames are claimed; {room} bytes of pixels are there")
    if form.rows * form.columns > _FRAME_PIXELS or (
        needed > _BOMB_BYTES and needed > _BOMB_RATIO * room
    ):
        raise FileRefusedError(
            f"{room} compressed bytes claim to be {needed} bytes of pixels",
            expected=f"frames of at most {_FRAME_PIXELS} pixels, "
            f"compressed at most {_BOMB_RATIO} times",
        )
