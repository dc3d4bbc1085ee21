"""DICOM Segmentation and Label Map Segmentation (DICOM PS3.3 A.51, C.8.20)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import FileStatus, Grid, Header, Reading, SegmentationDraft, Source
from explorer.errors import FileRefusedError, GeometryError
from explorer.item_id import item_id
from explorer.readers import seg_frames
from explorer.readers.dicom_claim import claim_dicom
from explorer.readers.dicom_identity import TAGS as IDENTITY_TAGS
from explorer.readers.dicom_identity import dicom_identity
from explorer.readers.dicom_parse import Parsed, parse_dicom
from explorer.readers.dicom_values import integer, iso_date, quiet, text
from explorer.readers.find_image import find_image
from explorer.readers.limits import VOLUME_BYTES
from explorer.readers.one_file import read_each
from explorer.readers.place import Placement, place_planes
from explorer.readers.seg_frames import SegFrames, own_grid, read_frames, source_images
from explorer.readers.seg_pixels import SegPixels
from explorer.readers.seg_segments import read_segments

_SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
_LABELMAP = "1.2.840.10008.5.1.4.1.1.66.7"
_MOST_READS = (
    6_000_000  # some 80 a frame where its groups say no length: 100 segments on 700 slices
)
_TAGS = (
    *IDENTITY_TAGS,
    *seg_frames.TAGS,
    "ContentLabel",
    "SegmentationType",
    "MaximumFractionalValue",
    "SegmentationFractionalType",
    "SegmentSequence",
    "BitsAllocated",
    "SamplesPerPixel",
    "PixelPaddingValue",
)


class SegMasks:
    """Decodes one segment at a time from the frames that are its own.

    Parameters
    ----------
    pixels : SegPixels
    frames : list of NDArray
        Per segment, the frames that hold it.
    values : list of int or None
        Per segment, its value in a label map; None where frames are masks.
    slices : ndarray, (n,)
        Slice of each frame.
    shape : tuple of int
        ``(z, y, x)`` of the masks.
    placement : Placement
        Of a frame in a slice.
    fractional : bool
    """

    def __init__(
        self,
        pixels: SegPixels,
        frames: list[NDArray[np.int64]],
        values: list[int] | None,
        slices: NDArray[np.int64],
        shape: tuple[int, int, int],
        placement: Placement,
        fractional: bool,
    ) -> None:
        self._pixels, self._frames, self._values = pixels, frames, values
        self._slices, self._shape, self._placement = slices, shape, placement
        self._fractional = fractional

    def __call__(self, index: int) -> NDArray[Any]:
        """Decode a segment ``(z, y, x)``: bool, or uint8 where fractional.

        Two frames of one segment on one slice add up.
        """
        mask = np.zeros(self._shape, np.uint8 if self._fractional else bool)
        for frame in self._frames[index]:
            values = self._pixels.frame(int(frame))
            if not self._fractional:
                values = values == self._values[index] if self._values else values != 0
            part = mask[self._slices[frame]][self._placement.window(values.shape)]
            np.maximum(part, self._placement.orient(values), out=part)
        return mask


class DicomSegReader:
    """Reads DICOM SEG: binary, fractional, overlapping, label maps."""

    name = "dicom_seg"

    def peek(self, source: Source) -> Header | None:
        """Claim segmentation objects by their SOP class."""
        dataset = claim_dicom(source.path, (_SEGMENTATION, _LABELMAP), "SEG", IDENTITY_TAGS)
        if dataset is None:
            return None
        with quiet():
            return dicom_identity(dataset).header(source, self.name)

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn each file into a segmentation."""
        return read_each(headers, lambda header: _read(header, grids))


def _read(header: Header, grids: list[Grid]) -> tuple[SegmentationDraft, FileStatus]:
    with quiet():
        parsed = parse_dicom(header.source.path, _TAGS, max_reads=_MOST_READS)
        if parsed is None:
            raise FileRefusedError("The file is no longer DICOM")
        draft = _draft(header, parsed, grids)
    reason = "; ".join(draft.problems) or None
    return draft, FileStatus(header.source.uri, "ingested", reason, draft.item)


def _draft(header: Header, parsed: Parsed, grids: list[Grid]) -> SegmentationDraft:
    dataset = parsed.dataset
    kind = _segmentation_type(parsed)
    labelmap = kind == "LABELMAP"
    frames = read_frames(dataset, labelmap)
    segments = read_segments(dataset)
    if not segments:
        raise FileRefusedError("The file describes no segment", expected="a SegmentSequence")
    size = (len(frames.numbers), *frames.planes.shape)
    pixels = SegPixels(header.source, parsed, size, integer(dataset, "BitsAllocated") or 0)
    frame_of_reference = text(dataset, "FrameOfReferenceUID", 128)
    image, reason = find_image(
        grids, *source_images(dataset), frame_of_reference, lambda g: _fits(frames, g)
    )
    shape, affine, origins, slices, placement, why = _place(frames, image)
    if int(np.prod(shape, dtype=object)) > VOLUME_BYTES:
        raise FileRefusedError(
            f"The masks would be of {shape} voxels", expected=f"at most {VOLUME_BYTES}"
        )
    every = np.arange(len(frames.numbers))
    owned = [every if labelmap else every[frames.numbers == one.number] for one in segments]
    fractional = kind == "FRACTIONAL"
    values = [one.number for one in segments] if labelmap else None
    return SegmentationDraft(
        item=item_id("seg", header.detail["identity"]),
        modality="SEG",
        name=text(dataset, "SeriesDescription") or text(dataset, "ContentLabel") or "SEG",
        segments=segments,
        shape=shape,
        affine=affine,
        slice_origins=origins,
        frame_of_reference=frame_of_reference,
        load=SegMasks(pixels, owned, values, slices, shape, placement, fractional),
        sources=[header.source],
        fraction_max=_fraction_max(parsed) if fractional else None,
        image=image.item if image else None,
        image_reason=f"{reason}; {why}" if why else reason,
        acquired=iso_date(dataset, "StudyDate", "SeriesDate", "ContentDate"),
        problems=_problems(frames, segments, owned, slices),
        meta=_meta(parsed, kind),
        synthetic=(text(dataset, "SyntheticData") or "").upper() == "YES",
    )


def _segmentation_type(parsed: Parsed) -> str:
    """BINARY, FRACTIONAL or LABELMAP, checked against the bits."""
    dataset = parsed.dataset
    kind = (text(dataset, "SegmentationType", 16) or "").upper()
    allowed = {"BINARY": (1, 8), "FRACTIONAL": (8,), "LABELMAP": (8, 16)}.get(kind)
    bits = integer(dataset, "BitsAllocated") or 0
    if allowed is None or bits not in allowed or (integer(dataset, "SamplesPerPixel") or 1) != 1:
        raise FileRefusedError(
            f"SegmentationType is '{kind or 'none'}' with BitsAllocated {bits}",
            expected="BINARY (1), FRACTIONAL (8) or LABELMAP (8 or 16), one sample a pixel",
        )
    rows, columns = integer(dataset, "Rows") or 0, integer(dataset, "Columns") or 0
    if not (0 < rows <= 65535 and 0 < columns <= 65535):
        raise FileRefusedError(f"Rows x Columns is {rows} x {columns}", expected="1 to 65535 each")
    return kind


def _fraction_max(parsed: Parsed) -> int:
    found = integer(parsed.dataset, "MaximumFractionalValue") or 255
    if not 0 < found <= 255:
        raise FileRefusedError(f"MaximumFractionalValue is {found}", expected="1 to 255")
    return found


def _fits(frames: SegFrames, grid: Grid) -> bool:
    try:
        place_planes(frames.planes, grid)
    except GeometryError:
        return False
    return True


def _place(frames: SegFrames, image: Grid | None) -> tuple[Any, ...]:
    """Shape, affine, slice origins, slices, placement, and why it is not the image's grid."""
    why = None
    if image is not None:
        try:
            slices, placement = place_planes(frames.planes, image)
        except GeometryError as error:
            why = f"it keeps its own grid: {error.found}"
        else:
            return image.shape, image.affine, image.slice_origins, slices, placement, None
    plain = Placement((0, 1), (False, False), (0, 0))
    return (*own_grid(frames), plain, why)


def _problems(
    frames: SegFrames,
    segments: list[Any],
    owned: list[NDArray[np.int64]],
    slices: NDArray[np.int64],
) -> list[str]:
    found = []
    empty = [one.name for one, own in zip(segments, owned, strict=True) if not len(own)]
    if empty:
        found.append(f"{len(empty)} segments have no frame and are empty: {', '.join(empty[:8])}")
    stray = set(frames.numbers.tolist()) - {one.number for one in segments} - {0}
    if stray:
        found.append(f"frames of segments that are not described are left out: {sorted(stray)[:8]}")
    pairs = np.stack([frames.numbers, slices], axis=1)
    twice = len(pairs) - len(np.unique(pairs, axis=0))
    if twice:
        found.append(f"{twice} frames repeat a slice of their segment and were added to it")
    return found


def _meta(parsed: Parsed, kind: str) -> dict[str, Any]:
    dataset = parsed.dataset
    series, instances = source_images(dataset)
    found = {
        "study_uid": text(dataset, "StudyInstanceUID", 128),
        "series_uid": text(dataset, "SeriesInstanceUID", 128),
        "sop_uids": [uid] if (uid := text(dataset, "SOPInstanceUID", 128)) else None,
        "segmentation_type": kind,
        "fractional_type": text(dataset, "SegmentationFractionalType", 16),
        "content_date": iso_date(dataset, "ContentDate"),
        "referenced_series": sorted(series)[:16] or None,
        "referenced_instances": len(instances) or None,
    }
    return {key: value for key, value in found.items() if value is not None}
