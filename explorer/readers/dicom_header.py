"""Turn a parsed DICOM header into an `Instance`, checking all that its pixels depend on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pydicom.dataset import Dataset

from explorer.errors import FileRefusedError
from explorer.readers import dicom_frames, pet_tags
from explorer.readers.dicom_instance import Instance, LookupTable, PixelFormat
from explorer.readers.dicom_kind import Kind
from explorer.readers.dicom_meta import TAGS as META_TAGS
from explorer.readers.dicom_meta import read_meta
from explorer.readers.dicom_parse import Parsed
from explorer.readers.dicom_values import integer, iso_date, items, text, value
from explorer.readers.pixel_format import pixel_data, pixel_format

_IDENTITY = 128  # characters; a UID has 64
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
    form = pixel_format(parsed, floats=kind.modality == "PM")
    frames = max(1, integer(dataset, "NumberOfFrames") or 1)
    pixels, problems = pixel_data(parsed, form, frames)
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
