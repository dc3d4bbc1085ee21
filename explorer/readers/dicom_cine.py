"""Read ultrasound and X-ray cines (US, XA, RF) and colour secondary captures, one file an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from explorer.draft import FileStatus, Grid, Header, ImageDraft, Reading, Source, Status
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers import cine_time, color, us_regions
from explorer.readers.cine_kind import CLASSES, CineKind, cine_kind
from explorer.readers.cine_pixels import CinePixels, PlainFrames, SpooledFrames
from explorer.readers.color import SAMPLES, read_palette
from explorer.readers.dicom_claim import sop_class_of
from explorer.readers.dicom_frames import pixel_spacing
from explorer.readers.dicom_header import TAGS as IMAGE_TAGS
from explorer.readers.dicom_header import identity_text
from explorer.readers.dicom_identity import dicom_identity
from explorer.readers.dicom_meta import read_meta
from explorer.readers.dicom_parse import Parsed, parse_dicom
from explorer.readers.dicom_pixels import Spool
from explorer.readers.dicom_values import integer, iso_date, items, number, quiet, text
from explorer.readers.limits import VOLUME_BYTES
from explorer.readers.one_file import read_each
from explorer.readers.pixel_format import pixel_data, pixel_format
from explorer.space import make_affine

_TAGS = (
    *IMAGE_TAGS,
    *color.TAGS,
    *us_regions.TAGS,
    *cine_time.TAGS,
    "PixelIntensityRelationship",
    "ContentDate",
)
_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")


class CineReader:
    """Reader of cines and colour pictures (a `explorer.readers.reader.Reader`).

    Dims are ``(t, y, x)`` and ``(t, c, y, x)`` for more than one frame, ``(y, x)`` and
    ``(c, y, x)`` for one; ``c`` is red, green, blue, whatever the file stores. Compressed
    frames are decoded in a guarded child process.
    """

    name = "dicom_cine"

    def peek(self, source: Source) -> Header | None:
        """Claim US, XA and RF images, and secondary captures where they are in colour."""
        kind = sop_class_of(source.path)
        if kind is None or not (kind[0] in CLASSES or (not kind[0] and kind[1] == "US")):
            return None
        if cine_kind(*kind, color=False) is None and not _is_color(source):
            return None
        with quiet():
            parsed = _parse(source)
            _describe(source, parsed, _kind(parsed))
            identity = dicom_identity(parsed.dataset)
            return identity.header(source, self.name, "image")

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn each file into an image; `grids` are of no use here."""
        return read_each(headers, _read)


def _is_color(source: Source) -> bool:
    """Whether a secondary capture's header, if it can be read, says colours."""
    try:
        with quiet():
            parsed = parse_dicom(source.path, ("SamplesPerPixel", "PhotometricInterpretation"))
    except FileRefusedError:
        return False  # whoever takes grey ones says why
    if parsed is None:
        return False
    return _has_colors(parsed.dataset)


def _has_colors(dataset: Dataset) -> bool:
    said = (text(dataset, "PhotometricInterpretation", 16) or "").upper()
    return (integer(dataset, "SamplesPerPixel") or 1) > 1 or said == "PALETTE COLOR"


def _parse(source: Source) -> Parsed:
    parsed = parse_dicom(source.path, _TAGS)
    if parsed is None:
        raise FileRefusedError("The file is no longer DICOM")
    return parsed


def _kind(parsed: Parsed) -> CineKind:
    meta = getattr(parsed.dataset, "file_meta", Dataset())
    sop_class = text(parsed.dataset, "SOPClassUID") or text(meta, "MediaStorageSOPClassUID") or ""
    said = (text(parsed.dataset, "Modality") or "").upper()
    found = cine_kind(sop_class, said, _has_colors(parsed.dataset))
    if found is None:
        raise FileRefusedError("The file is no longer a cine or a colour picture")
    return found


@dataclass(frozen=True)
class _Cine:
    """A file's pixels, and what is odd about them."""

    pixels: CinePixels
    kind: CineKind
    problems: list[str]


def _describe(source: Source, parsed: Parsed, kind: CineKind) -> _Cine:
    """Check all that the pixels depend on; nothing is decoded."""
    dataset = parsed.dataset
    form = pixel_format(parsed, SAMPLES)
    samples = SAMPLES[form.photometric]
    colored = samples > 1 or form.photometric == "PALETTE COLOR"
    if colored and form.bits_allocated > 16:
        raise FileRefusedError(f"Colours of {form.bits_allocated} bits", expected="8 or 16")
    if form.photometric.startswith("YBR") and form.bits_allocated != 8:
        raise FileRefusedError(f"{form.photometric} of {form.bits_allocated} bits", expected="8")
    if form.photometric == "YBR_FULL_422" and form.columns % 2:
        raise FileRefusedError(f"YBR_FULL_422 of {form.columns} columns", expected="an even number")
    frames = max(1, integer(dataset, "NumberOfFrames") or 1)
    one = form.frame_bytes * samples
    native = form.photometric == "YBR_FULL_422" and parsed.length >= 0
    pixels, problems = pixel_data(parsed, form, frames, one * 2 // 3 if native else one)
    if frames * form.rows * form.columns * (3 if colored else 1) * 2 > VOLUME_BYTES:
        raise FileRefusedError(
            f"{frames} frames of {form.rows} x {form.columns}",
            expected=f"at most {VOLUME_BYTES} bytes",
        )
    palette = None
    if form.photometric == "PALETTE COLOR":
        palette = read_palette(dataset, form.signed, form.big_endian)
    planar = integer(dataset, "PlanarConfiguration") == 1
    found = CinePixels(source, form, pixels, samples, planar, palette)
    return _Cine(found, kind, problems)


def _read(header: Header) -> tuple[ImageDraft, FileStatus]:
    with quiet():
        parsed = _parse(header.source)
        cine = _describe(header.source, parsed, _kind(parsed))
        draft = _draft(header, parsed.dataset, cine)
    status: Status = "referenced" if draft.frames is not None else "ingested"
    return draft, FileStatus(header.source.uri, status, None, draft.item)


def _draft(header: Header, dataset: Dataset, cine: _Cine) -> ImageDraft:
    pixels, kind = cine.pixels, cine.kind
    form, count = pixels.form, pixels.pixels.frames
    many = count > 1
    dims = (*(("t",) if many else ()), *(("c",) if pixels.color else ()), "y", "x")
    shape = (*((count,) if many else ()), *pixels.frame_shape)
    meta, problems = _meta(dataset, pixels, kind), list(cine.problems)
    if many:
        times = cine_time.cine_time(dataset, count)
        if times.values is not None:
            meta |= {"t_by": times.by, "t_values": times.values, "t_units": "ms"}
            meta["frame_rate_hz"] = times.rate_hz
        if times.problem:
            problems.append(times.problem)
    spacing, said = _spacing(dataset, meta)
    problems += said
    # what is on the screen has the values; log curves of X-rays stay as they are
    slope = number(dataset, "RescaleSlope") or 1.0 if not pixels.color else 1.0
    intercept = number(dataset, "RescaleIntercept") or 0.0 if not pixels.color else 0.0
    references = pixels.references()
    load: SpooledFrames | PlainFrames = PlainFrames(pixels, shape)
    if pixels.pixels.length is None:
        load = _spool(pixels, shape)
    return ImageDraft(
        item=item_id(kind.modality, header.detail["identity"]),
        modality=kind.modality,
        name=text(dataset, "SeriesDescription")
        or text(dataset, "ProtocolName")
        or f"{kind.modality} {'cine' if many else 'picture'}",
        dims=dims,
        shape=shape,
        dtype=pixels.dtype,
        affine=make_affine(np.zeros(3), np.diag([spacing[1], spacing[0], 1.0])),
        load=load,
        sources=[header.source],
        slope=slope,
        intercept=intercept,
        units="1",
        units_reason=_why(kind, pixels.color, dataset),
        bits_stored=16 if pixels.palette is not None else form.bits_stored,
        frames=references,
        acquired=iso_date(
            dataset, "AcquisitionDate", "AcquisitionDateTime", "SeriesDate", "StudyDate"
        ),
        problems=problems,
        meta=meta,
        synthetic=(text(dataset, "SyntheticData") or "").upper() == "YES",
    )


def _spool(pixels: CinePixels, shape: tuple[int, ...]) -> SpooledFrames:
    """Decode now, since only that shows whether the file is whole."""
    spool = Spool()
    starts = [spool.add(frame) for frame in pixels.frames()]
    return SpooledFrames(spool, starts[0], shape, pixels.dtype)


def _why(kind: CineKind, colored: bool, dataset: Dataset) -> str:
    if kind.secondary:
        return "a secondary capture: what a screen or a program showed"
    if colored:
        return "colours, as they were shown"
    if kind.modality == "US":
        return "echo brightness, as it was shown"
    relation = text(dataset, "PixelIntensityRelationship", 16)
    return f"X-ray intensity ({relation or 'relation not said'})"


def _spacing(dataset: Dataset, meta: dict[str, Any]) -> tuple[tuple[float, float], list[str]]:
    """Spacing ``(y, x)`` in mm of the whole picture, and what is to be said of it."""
    regions = meta.get("us_regions", [])
    problems = []
    outside = sum(not region["inside"] for region in regions)
    if outside:
        problems.append(
            f"{outside} of {len(regions)} calibrated region(s) reach beyond the picture, which "
            "must have been scaled: their calibration is not to be believed"
        )
    for tag in _SPACINGS:
        found = pixel_spacing(dataset, tag)
        if found is not None:
            meta["spacing_from"] = tag
            if tag != "PixelSpacing":
                problems.append(f"spacing by {tag}: at the detector, not in the patient")
            return found, problems
    good = [one for one in regions if one["inside"] and "spacing_mm" in one]
    if good:
        problems.append(
            f"mm hold inside of {len(good)} region(s) only (us_regions in meta), 1 mm is assumed "
            "for the picture as a whole"
        )
    else:
        problems.append("no pixel spacing: 1 mm is assumed, sizes in mm mean nothing")
    return (1.0, 1.0), problems


def _meta(dataset: Dataset, pixels: CinePixels, kind: CineKind) -> dict[str, Any]:
    meta = read_meta(dataset)
    form = pixels.form
    meta["secondary_capture"] = kind.secondary
    meta["transfer_syntax"] = pixels.pixels.syntax
    meta["sop_uids"] = [identity_text(dataset, "SOPInstanceUID") or ""]
    if pixels.color:
        meta["color"] = "RGB" if form.photometric == "RGB" else f"RGB, from {form.photometric}"
    regions = us_regions.us_regions(dataset, form.rows, form.columns)
    if regions:
        meta["us_regions"] = regions
    if items(dataset, "ModalityLUTSequence"):
        meta["modality_lut"] = "not applied"
    return meta
