"""Turn a parsed DICOM header into an `Instance`, checking all that its pixels depend on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import UID, AllTransferSyntaxes

from explorer.errors import FileRefusedError, FileSkippedError
from explorer.readers import dicom_frames, pet_tags
from explorer.readers.decoder import SYNTAXES
from explorer.readers.dicom_instance import Instance, LookupTable, PixelData, PixelFormat
from explorer.readers.dicom_kind import Kind
from explorer.readers.dicom_meta import TAGS as META_TAGS
from explorer.readers.dicom_meta import read_meta
from explorer.readers.dicom_parse import DEFLATED, Parsed
from explorer.readers.dicom_values import integer, iso_date, items, text, value

_NATIVE = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", DEFLATED}
_IDENTITY = 128  # characters; a UID has 64
# A compressed file may say that it is large, or that it is hugely larger than it is, not both.
_BOMB_BYTES, _BOMB_RATIO, _FRAME_PIXELS = 256 << 20, 1000, 64 << 20
_OVERLAY_GROUPS = range(0x6000, 0x6020, 2)

TAGS: tuple[str | int, ...] = (
    "SOPClassUID",
    "SOPInstanceUID",
    "SeriesInstanceUID",
    "Modality",
    "DirectoryRecordSequence",
    "FrameOfReferenceUID",
    "SyntheticData",
    "SeriesDescription",
    "ProtocolName",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "ModalityLUTSequence",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    *(group << 16 | element for group in _OVERLAY_GROUPS for element in (0x0100, 0x0102)),
    *dicom_frames.TAGS,
    *META_TAGS,
    *pet_tags.TAGS,
)


def read_instance(parsed: Parsed, kind: Kind, identity: str) -> Instance:
    """Describe an image file.

    Parameters
    ----------
    parsed : Parsed
        Parsed with `TAGS`.
    kind : Kind
    identity : str
        Of its series.

    Returns
    -------
    Instance

    Raises
    ------
    FileRefusedError
        The pixels are absent, not of a form that we read, or fewer than the header says.
    """
    dataset = parsed.dataset
    form = _pixel_format(parsed)
    frames = max(1, integer(dataset, "NumberOfFrames") or 1)
    pixels, problems = _pixel_data(parsed, form, frames)
    planes = dicom_frames.read_planes(dataset, frames)
    if len(planes) < frames:
        problems.append(
            f"{frames} frames, but functional groups for {len(planes)}: the rest is left out"
        )
    spacing_from = None
    if kind.projection and planes[0].spacing is None:
        for tag in ("ImagerPixelSpacing", "NominalScannedPixelSpacing"):
            if found := dicom_frames.pixel_spacing(dataset, tag):
                spacing_from = tag
                planes = [replace(plane, spacing=found) for plane in planes]
                break
    elif planes[0].spacing is not None:
        spacing_from = "PixelSpacing"
    series = identity_text(dataset, "SeriesInstanceUID")
    meta = read_meta(dataset)
    meta["secondary_capture"] = kind.secondary
    for key in ("pixel_padding", "pixel_padding_limit"):
        if form.signed and meta.get(key, 0) >= 1 << (form.bits_allocated - 1):
            meta[key] -= 1 << form.bits_allocated  # written as unsigned, meant as stored
    if kind.note:
        problems.append(kind.note)
    return Instance(
        identity=identity,
        modality=kind.modality,
        projection=kind.projection,
        format=form,
        pixels=pixels,
        planes=planes,
        name=text(dataset, "SeriesDescription")
        or text(dataset, "ProtocolName")
        or f"{kind.modality} series",
        sop_uid=identity_text(dataset, "SOPInstanceUID"),
        series_uid=series,
        frame_of_reference=identity_text(dataset, "FrameOfReferenceUID"),
        acquired=iso_date(
            dataset, "AcquisitionDate", "AcquisitionDateTime", "SeriesDate", "StudyDate"
        ),
        lookup=_lookup(dataset, form),
        overlay_bits=_has_overlay_bits(dataset, form),
        spacing_from=spacing_from,
        pet=pet_tags.read_pet_tags(dataset)
        if kind.modality == "PT" and not kind.enhanced_pet
        else None,
        meta=meta,
        problems=problems,
        synthetic=(text(dataset, "SyntheticData") or "").upper() == "YES",
    )


def identity_text(dataset: Dataset, tag: str) -> str | None:
    """Read a UID or another identifier; None where it is empty or too long to be one."""
    found = text(dataset, tag, _IDENTITY + 1)
    return found if found and len(found) <= _IDENTITY else None


def _pixel_format(parsed: Parsed) -> PixelFormat:
    dataset = parsed.dataset
    if parsed.pixels is None:
        raise FileRefusedError("The file holds no pixel data")
    if parsed.pixels != "PixelData":
        raise FileSkippedError(f"{parsed.pixels} (floating point pixels) is not read yet")
    rows, columns = integer(dataset, "Rows") or 0, integer(dataset, "Columns") or 0
    if not (0 < rows <= 65535 and 0 < columns <= 65535):
        raise FileRefusedError(
            f"Rows x Columns is {rows} x {columns}",
            expected="1 to 65535 each (DICOM PS3.3 C.7.6.3)",
        )
    samples = integer(dataset, "SamplesPerPixel") or 1
    photometric = (text(dataset, "PhotometricInterpretation", 16) or "").upper()
    if samples != 1 or photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise FileSkippedError(
            f"Pixels of {samples} samples, PhotometricInterpretation '{photometric}', "
            "are not read yet",
            expected="grey values: 1 sample, MONOCHROME1 or MONOCHROME2",
        )
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


def _pixel_data(parsed: Parsed, form: PixelFormat, frames: int) -> tuple[PixelData, list[str]]:
    """Check the claims on the pixels against the bytes that are there."""
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
    needed = form.frame_bytes * frames
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


def _lookup(dataset: Dataset, form: PixelFormat) -> LookupTable | None:
    found = items(dataset, "ModalityLUTSequence")
    if not found:
        return None
    descriptor = value(found[0], "LUTDescriptor")
    data = value(found[0], "LUTData")
    try:
        count, first, bits = (int(one) for one in descriptor)
        order = ">" if form.big_endian else "<"
        if isinstance(data, bytes):
            kind = f"{order}u2" if len(data) >= 2 * (count or 65536) else "u1"
            table = np.frombuffer(data, kind)
        else:
            table = np.asarray(data, np.int64) & 0xFFFF
    except (TypeError, ValueError, OverflowError) as error:
        raise FileRefusedError(f"The Modality LUT is broken: {error}") from error
    count = count or 65536
    if form.signed and first > 32767:
        first -= 65536
    if len(table) < count or not 1 <= bits <= 16:
        raise FileRefusedError(
            f"The Modality LUT has {len(table)} entries", expected=f"{count} of up to 16 bits"
        )
    kind_text = text(found[0], "ModalityLUTType", 16) or "US"
    return LookupTable(first, table[:count].astype(np.uint16), kind_text)


def _has_overlay_bits(dataset: Dataset, form: PixelFormat) -> bool:
    """Tell whether an overlay lies in the pixels' unused bits: its OverlayBitsAllocated says so."""
    return form.bits_stored < form.bits_allocated and any(
        (integer(dataset, group << 16 | 0x0100) or 1) > 1 for group in _OVERLAY_GROUPS
    )
