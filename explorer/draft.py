"""What a reader hands to the store: items as drafts, and one status a file.

A reader turns files into drafts and never writes; the store turns drafts into arrays and rows.
Index order: arrays are ``(z, y, x)``; affines take an index ``(x, y, z, 1)`` to mm LPS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from explorer.records_draft import RecordsDraft
    from explorer.slide_draft import SlideDraft
    from explorer.waveform_draft import WaveformDraft

# 'records': rows of one patient; 'table': a file that speaks of many patients.
Kind = Literal["image", "segmentation", "waveform", "slide", "records", "table"]
Status = Literal["ingested", "referenced", "skipped", "refused"]


@dataclass(frozen=True)
class Source:
    """One file as ingest met it.

    Attributes
    ----------
    path : pathlib.Path
        Where the bytes can be read now (an archive's member lies unpacked in a scratch folder).
    uri : str
        The name to keep and to show: an absolute path, or ``archive.zip!member``.
    relative : str
        The same below the ingested source root, with ``/``.
    referable : bool
        Whether the bytes will still be there after the run, under ``uri`` (False for an
        archive's members).
    size, mtime_ns : int
        From ``stat``.
    sha256 : str
        Of the bytes, hexadecimal.
    tag : str or None
        The entity tag of an object on S3: ``path`` is a copy that was fetched for this run.
    """

    path: Path
    uri: str
    relative: str
    referable: bool
    size: int
    mtime_ns: int
    sha256: str
    tag: str | None = None


@dataclass(frozen=True)
class PatientHint:
    """Who a file says that it belongs to. An empty identifier gets a made-up one in ingest."""

    identifier: str | None
    issuer: str | None = None
    sex: str | None = None
    birth_date: str | None = None
    note: str | None = None


@dataclass
class Header:
    """A first look at one file: enough to group it, nothing decoded.

    Attributes
    ----------
    source : Source
    reader : str
        Name of the reader that claimed the file.
    kind : {'image', 'segmentation', 'waveform', 'slide', 'records', 'table'}
    group : str
        Files of one group become one call of ``read`` (a DICOM series; a NIfTI file alone).
    patient : PatientHint
    study : str or None
        StudyInstanceUID or None.
    detail : dict
        The reader's own, picklable. ``reading`` says how the file is read, where that can change
        (a hash of settings): a file that was read otherwise before is read again.
    note : str or None
        Said in the status row even where all went well (such as a made-up series identity).
    """

    source: Source
    reader: str
    kind: Kind
    group: str
    patient: PatientHint
    study: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True)
class FileStatus:
    """What became of one file."""

    uri: str
    status: Status
    reason: str | None = None
    item: str | None = None


@dataclass(frozen=True)
class FrameRef:
    """Uncompressed pixels of one ``(y, x)`` frame: bytes ``offset:offset + length`` of a file."""

    uri: str
    offset: int
    length: int


@dataclass
class Grid:
    """Where an image's voxels lie; what segmentations are placed on.

    Attributes
    ----------
    item : str
    shape : tuple of int
        ``(z, y, x)``.
    affine : ndarray, (4, 4), float64
        Index ``(x, y, z, 1)`` to mm LPS.
    slice_origins : ndarray, (z, 3), float64, or None
        mm LPS of each slice's first voxel, kept where the slices are uneven or sheared, so that
        the affine alone is not exact.
    frame_of_reference, series_uid : str or None
    sop_uids : list of str
        SOPInstanceUID per slice, empty where there is none.
    uri : str or None
        First source file (pairing rules of NIfTI and NRRD look at folder and name).
    """

    item: str
    shape: tuple[int, int, int]
    affine: NDArray[np.float64]
    slice_origins: NDArray[np.float64] | None = None
    frame_of_reference: str | None = None
    series_uid: str | None = None
    sop_uids: list[str] = field(default_factory=list)
    uri: str | None = None


@dataclass
class ImageDraft:
    """An image, its pixels by reference and/or by a loader.

    Attributes
    ----------
    item : str
        Stable id, the same at every ingest of the same source, with no name of a person in it:
        ``item_id("ct", series_uid)``.
    modality : str
        DICOM's (CT, MR, PT, CR, DX, MG), 'unknown' where nothing says it.
    name : str
        What people call it (series description); hostile text.
    dims, shape : tuple
        ``('z', 'y', 'x')``, ``('t', 'z', 'y', 'x')`` or ``('y', 'x')``; ``('t', 'y', 'x')``
        of a cine, with ``'c'`` (red, green, blue) before ``'y'`` where it is in colour.
    dtype : numpy.dtype
        Of the stored values, byte order included.
    affine, slice_origins, frame_of_reference
        As in `Grid`. For ``(y, x)`` images without geometry the affine has the pixel spacing and
        `frame_of_reference` is None.
    slope, intercept : float or ndarray, (z,) or (t, z), float64
        value = stored * slope + intercept; for PET the SUV factor is already in the slope.
    units : str
        'HU', 'SUVbw', 'BQML', '1' (raw, arbitrary), 'mm2/s', ...
    units_reason : str or None
        Why the units are not what one would hope for.
    bits_stored : int
    frames : list of FrameRef or None
        One a slice, C order over the leading dims, where the syntax allows a reference.
    load : callable
        Returns the stored values, `shape` and `dtype`; may raise FileRefusedError.
    sources : list of Source
        The files that the pixels come from, slice order where there is one a slice.
    acquired : str or None
        ISO date ``YYYY-MM-DD``, or None.
    problems : list of str
        Uneven, tilted, duplicate slices, ...: shown to the reader, kept with the item.
    meta : dict
        JSON-able: study_uid, series_uid, series_number, body_part, laterality, photometric,
        window (list of [center, width]), sop_uids, pixel_padding, suv (how it was had), ...
    """

    item: str
    modality: str
    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    affine: NDArray[np.float64]
    load: Callable[[], NDArray[Any]]
    sources: list[Source]
    slope: float | NDArray[np.float64] = 1.0
    intercept: float | NDArray[np.float64] = 0.0
    units: str = "1"
    units_reason: str | None = None
    bits_stored: int = 16
    slice_origins: NDArray[np.float64] | None = None
    frame_of_reference: str | None = None
    frames: list[FrameRef] | None = None
    acquired: str | None = None
    problems: list[str] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    synthetic: bool = False

    @property
    def grid(self) -> Grid | None:
        """The grid that segmentations can be placed on; None where there is no z axis."""
        if "z" not in self.dims:
            return None
        z, y, x = self.shape[-3:]
        return Grid(
            self.item,
            (z, y, x),
            self.affine,
            self.slice_origins,
            self.frame_of_reference,
            self.meta.get("series_uid"),
            list(self.meta.get("sop_uids", [])),
            self.sources[0].uri if self.sources else None,
        )


@dataclass(frozen=True)
class Code:
    """A coded concept: ``Code('108369006', 'SCT', 'Neoplasm')``."""

    value: str
    scheme: str
    meaning: str


@dataclass
class SegmentDraft:
    """One segment: its name, and what is known of it."""

    number: int
    name: str
    code: Code | None = None
    category: Code | None = None
    algorithm_type: str | None = None
    algorithm_name: str | None = None
    color: tuple[int, int, int] | None = None


@dataclass
class SegmentationDraft:
    """Masks that may overlap, on one grid.

    Attributes
    ----------
    item, name, sources, acquired, problems, meta, synthetic
        As in `ImageDraft`.
    modality : str
        'SEG', 'RTSTRUCT', or 'MASK' for NIfTI and NRRD.
    segments : list of SegmentDraft
        Names unique within the segmentation.
    shape, affine, slice_origins, frame_of_reference
        Of the masks' own grid, ``(z, y, x)``; the image's where `image` is set and fits.
    load : callable
        ``load(index)`` gives segment number ``index`` (position in `segments`) as a bool array
        ``(z, y, x)``, or uint8 where `fraction_max` is set.
    fraction_max : int or None
        The stored value that means 1.0 in a fractional segmentation.
    image : str or None
        Item id of the image that it lies on.
    image_reason : str or None
        How the image was found, or why it is unknown.
    """

    item: str
    modality: str
    name: str
    segments: list[SegmentDraft]
    shape: tuple[int, int, int]
    affine: NDArray[np.float64]
    load: Callable[[int], NDArray[Any]]
    sources: list[Source]
    slice_origins: NDArray[np.float64] | None = None
    frame_of_reference: str | None = None
    fraction_max: int | None = None
    image: str | None = None
    image_reason: str | None = None
    acquired: str | None = None
    problems: list[str] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    synthetic: bool = False


Draft: TypeAlias = "ImageDraft | SegmentationDraft | WaveformDraft | SlideDraft | RecordsDraft"


@dataclass
class Reading:
    """What one call of a reader gives: drafts, and exactly one status for each of its files."""

    drafts: list[Draft]
    statuses: list[FileStatus]
