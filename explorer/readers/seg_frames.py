"""Frames of a DICOM SEG: whose they are, where they lie, and the grid that they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from explorer.errors import FileRefusedError
from explorer.readers.dicom_frames import pixel_spacing
from explorer.readers.dicom_values import integer, items, number, numbers, text
from explorer.readers.place import Planes
from explorer.space import FloatArray, make_affine

_SHARED, _OWN = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
TAGS = (_SHARED, _OWN, "Rows", "Columns", "NumberOfFrames", "ReferencedSeriesSequence")
_SAME = 0.01  # mm: positions closer than this along the normal are one slice
_STEP = 0.1  # of the spacing: how far a slice may lie from an even stack
_MOST_SLICES = 8192
_ASKED_FRAMES = 500  # of a file that names no series: enough to find its image


@dataclass(frozen=True)
class SegFrames:
    """Every frame's segment and plane.

    Attributes
    ----------
    numbers : ndarray, (n,), int64
        Segment number; 0 in a label map, whose frames hold all segments.
    planes : Planes
    between : float or None
        Step to the next slice by the header, mm.
    """

    numbers: NDArray[np.int64]
    planes: Planes
    between: float | None


def read_frames(dataset: Dataset, labelmap: bool) -> SegFrames:
    """Read the functional groups (DICOM PS3.3 C.7.6.16).

    Parameters
    ----------
    dataset : pydicom.Dataset
        Parsed with `TAGS`.
    labelmap : bool
        Frames need not name a segment.

    Raises
    ------
    FileRefusedError
        A frame has no segment or no place, or the frames are not parallel.
    """
    own = items(dataset, _OWN)
    shared = (items(dataset, _SHARED) or [Dataset()])[0]
    count = integer(dataset, "NumberOfFrames") or 1
    if len(own) < count:
        raise FileRefusedError(f"{count} frames, but functional groups for {len(own)}")
    segments: list[int] = []
    positions: list[list[float]] = []
    shared_segment = _segment_number(shared)
    shared_position = _group(shared, "PlanePositionSequence", "ImagePositionPatient")
    for frame in own[:count]:
        segments.append(_segment_number(frame) or shared_segment or 0)
        found = _group(frame, "PlanePositionSequence", "ImagePositionPatient") or shared_position
        if len(found) != 3 or max(map(abs, found)) > 1e6:
            raise FileRefusedError(
                f"Frame {len(positions) + 1} of {count} has no position in the patient",
                expected="PlanePositionSequence (slide microscopy and single pictures lack it)",
            )
        positions.append(found)
    if not labelmap and 0 in segments:
        raise FileRefusedError(f"Frame {segments.index(0) + 1} of {count} names no segment")
    planes = Planes(
        (integer(dataset, "Rows") or 0, integer(dataset, "Columns") or 0),
        np.asarray(positions, float),
        _steps(shared, own[:count]),
    )
    measures = (items(shared, "PixelMeasuresSequence") or items(own[0], "PixelMeasuresSequence"))[0]
    between = number(measures, "SpacingBetweenSlices") or number(measures, "SliceThickness")
    return SegFrames(np.asarray(segments), planes, abs(between) if between else None)


def _segment_number(group: Dataset) -> int | None:
    found = items(group, "SegmentIdentificationSequence")
    return integer(found[0], "ReferencedSegmentNumber") if found else None


def _group(group: Dataset, sequence: str, keyword: str) -> list[float]:
    found = items(group, sequence)
    return numbers(found[0], keyword) if found else []


def _steps(shared: Dataset, own: list[Dataset]) -> FloatArray:
    """Steps of a pixel along x and y ``(3, 2)``, mm LPS, the same for every frame."""
    orientation = _group(shared, "PlaneOrientationSequence", "ImageOrientationPatient")
    if not orientation:
        each = [_group(f, "PlaneOrientationSequence", "ImageOrientationPatient") for f in own]
        orientation = each[0]
        if any(len(one) != 6 for one in each) or np.ptp(each, axis=0).max() > 1e-4:
            raise FileRefusedError("The frames are not parallel, or have no orientation")
    measures = items(shared, "PixelMeasuresSequence") or items(own[0], "PixelMeasuresSequence")
    size = pixel_spacing(measures[0], "PixelSpacing") if measures else None
    if len(orientation) != 6 or size is None:
        raise FileRefusedError(
            "The frames have no place in the patient",
            expected="PlaneOrientationSequence and PixelMeasuresSequence",
        )
    x, y = np.asarray(orientation[:3]), np.asarray(orientation[3:])
    if abs(x @ x - 1) > 0.02 or abs(y @ y - 1) > 0.02 or abs(x @ y) > 0.01:
        raise FileRefusedError(f"ImageOrientationPatient is {orientation}: no two axes")
    return np.column_stack([x * size[1], y * size[0]])


def own_grid(
    frames: SegFrames,
) -> tuple[tuple[int, int, int], FloatArray, FloatArray | None, NDArray[np.int64]]:
    """Build the grid that the frames themselves make; slices without a frame are filled in.

    Returns
    -------
    shape : tuple of int
        ``(z, y, x)``, z along the frames' normal.
    affine : ndarray, (4, 4)
        Index ``(x, y, z, 1)`` to mm LPS.
    slice_origins : ndarray, (z, 3), or None
        mm LPS, where the slices are uneven.
    slices : ndarray, (n,), int64
        Slice of each frame.
    """
    planes = frames.planes
    depth = planes.positions @ planes.normal
    order = np.argsort(depth, kind="stable")
    new = np.diff(depth[order], prepend=-np.inf) > _SAME
    rank = np.empty(len(depth), np.int64)
    rank[order] = np.cumsum(new) - 1
    first = planes.positions[order[new]]
    at = first @ planes.normal
    shape = planes.shape
    if len(at) == 1:
        step = planes.normal * (frames.between or 1.0)
        affine = make_affine(first[0], np.column_stack([planes.steps, step]))
        return (1, *shape), affine, None, rank
    gaps = np.diff(at)
    for size in (frames.between, float(gaps.min())):
        index = np.concatenate([[0], np.cumsum(np.rint(gaps / size))]) if size else gaps[:0]
        if not size or index[-1] >= _MOST_SLICES or (np.diff(index) < 1).any():
            continue
        step = (first[-1] - first[0]) / index[-1]
        off = first - (first[0] + index[:, None] * step)
        if np.linalg.norm(off, axis=1).max() <= _STEP * np.linalg.norm(step):
            affine = make_affine(first[0], np.column_stack([planes.steps, step]))
            return (int(index[-1]) + 1, *shape), affine, None, index.astype(np.int64)[rank]
    step = (first[-1] - first[0]) / (len(at) - 1)
    affine = make_affine(first[0], np.column_stack([planes.steps, step]))
    return (len(at), *shape), affine, first, rank


def source_images(dataset: Dataset) -> tuple[set[str], set[str]]:
    """SeriesInstanceUIDs and SOPInstanceUIDs of the images that the file says it segments."""
    series: set[str] = set()
    instances: set[str] = set()
    for item in items(dataset, "ReferencedSeriesSequence"):
        if uid := text(item, "SeriesInstanceUID"):
            series.add(uid)
        instances |= _uids(item, "ReferencedInstanceSequence")
    if not series and not instances:
        own = items(dataset, _OWN)
        for frame in own[:: max(1, len(own) // _ASKED_FRAMES)]:
            for derivation in items(frame, "DerivationImageSequence"):
                instances |= _uids(derivation, "SourceImageSequence")
    return series, instances


def _uids(dataset: Dataset, sequence: str) -> set[str]:
    found = (text(item, "ReferencedSOPInstanceUID") for item in items(dataset, sequence))
    return {uid for uid in found if uid}
