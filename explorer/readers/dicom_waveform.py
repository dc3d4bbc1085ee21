"""DICOM waveforms: ECG, EEG, pressures and the like (DICOM PS3.3 A.34, C.10.9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from explorer.draft import Draft, FileStatus, Grid, Header, Reading, Source
from explorer.errors import FileRefusedError, FileSkippedError, OncographError
from explorer.item_id import item_id
from explorer.readers.dicom_claim import claim_dicom
from explorer.readers.dicom_header import identity_text
from explorer.readers.dicom_identity import TAGS as IDENTITY_TAGS
from explorer.readers.dicom_identity import dicom_identity
from explorer.readers.dicom_parse import parse_dicom
from explorer.readers.dicom_values import integer, iso_date, items, number, quiet, text, value
from explorer.readers.one_file import describe
from explorer.readers.seg_segments import read_code, unique_names
from explorer.waveform_draft import WaveformDraft

_STORAGE = "1.2.840.10008.5.1.4.1.1.9."
# DICOM PS3.4 B.5; sound (9.4.1) is none of them.
_MODALITY = {
    **dict.fromkeys(("1.1", "1.2", "1.3", "1.4"), "ECG"),
    **dict.fromkeys(("2.1",), "HD"),
    **dict.fromkeys(("3.1",), "EPS"),
    **dict.fromkeys(("5.1", "6.1", "6.2"), "RESP"),
    **dict.fromkeys(("7.1", "7.4"), "EEG"),
    "7.2": "EMG",
    "7.3": "EOG",
}
_CLASSES = frozenset(_STORAGE + part for part in _MODALITY)
_SAMPLES = {"SB": "i1", "UB": "u1", "SS": "<i2", "US": "<u2", "SL": "<i4", "UL": "<u4"}
_MOST_CHANNELS = 4096
_TAGS = (
    *IDENTITY_TAGS,
    "WaveformSequence",
    "WaveformAnnotationSequence",
    "AcquisitionDateTime",
    "AcquisitionContextSequence",
    "SpecificCharacterSet",
)


class DicomWaveformReader:
    """Reader of DICOM waveforms (a `explorer.readers.reader.Reader`).

    Each multiplex group (channels of one sampling frequency) is an item of its own.
    """

    name = "dicom_waveform"

    def peek(self, source: Source) -> Header | None:
        """Claim waveforms by their SOP class."""
        dataset = claim_dicom(source.path, _CLASSES, "ECG", IDENTITY_TAGS)
        if dataset is None:
            return None
        with quiet():
            return dicom_identity(dataset).header(source, self.name, "waveform")

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn each multiplex group of each file into a waveform."""
        reading = Reading([], [])
        for header in headers:
            uri = header.source.uri
            try:
                with quiet():
                    drafts, reason = _read(header)
            except FileSkippedError as error:
                reading.statuses.append(FileStatus(uri, "skipped", str(error)))
            except OncographError as error:
                reading.statuses.append(FileStatus(uri, "refused", str(error)))
            except Exception as error:  # noqa: BLE001 - hostile bytes make parsers raise anything
                reason = f"The file is broken: {describe(error)}"
                reading.statuses.append(FileStatus(uri, "refused", reason))
            else:
                reading.drafts += drafts
                reading.statuses.append(FileStatus(uri, "ingested", reason, drafts[0].item))
        return reading


@dataclass(frozen=True)
class Samples:
    """Loads the samples of one multiplex group.

    Attributes
    ----------
    data : bytes
        Channel after channel of each moment (DICOM PS3.3 C.10.9.1.7).
    shape : tuple of int
        ``(channel, time)``.
    dtype : numpy.dtype
        As stored.
    """

    data: bytes
    shape: tuple[int, int]
    dtype: np.dtype[Any]

    def __call__(self) -> NDArray[Any]:
        """Give the stored samples ``(channel, time)``."""
        channels, count = self.shape
        flat = np.frombuffer(self.data, self.dtype, channels * count)
        return np.ascontiguousarray(flat.reshape(count, channels).T)


def _read(header: Header) -> tuple[list[Draft], str | None]:
    parsed = parse_dicom(header.source.path, _TAGS)
    if parsed is None:
        raise FileRefusedError("The file is no longer DICOM")
    dataset = parsed.dataset
    groups = items(dataset, "WaveformSequence")
    if not groups:
        raise FileRefusedError("The file holds no waveform", expected="a WaveformSequence")
    drafts: list[Draft] = []
    left_out: list[str] = []
    for index, group in enumerate(groups):
        try:
            drafts.append(_draft(header, dataset, group, index, parsed.big_endian))
        except FileRefusedError as error:
            if len(groups) == 1:
                raise
            left_out.append(f"multiplex group {index + 1} is left out: {error}")
    if not drafts:
        raise FileRefusedError("; ".join(left_out))
    for draft in drafts[1:]:
        draft.meta["part_of"] = drafts[0].item
    return drafts, "; ".join(left_out) or None


def _draft(
    header: Header, dataset: Dataset, group: Dataset, index: int, big_endian: bool
) -> WaveformDraft:
    load = _samples(group, big_endian)
    channels = [_Channel(one) for one in items(group, "ChannelDefinitionSequence")]
    if len(channels) != load.shape[0]:
        raise FileRefusedError(f"{len(channels)} channels are described, {load.shape[0]} are there")
    rate = number(group, "SamplingFrequency")
    if rate is None or not 0 < rate < 1e9:
        raise FileRefusedError(f"SamplingFrequency is {rate}", expected="more than 0, Hz")
    modality = _modality(dataset)
    label = text(group, "MultiplexGroupLabel")
    identity = [header.detail["identity"], *([str(index)] if index else [])]
    names = unique_names(one.name or f"channel {n}" for n, one in enumerate(channels, start=1))
    title = text(dataset, "SeriesDescription") or f"{modality} waveform"
    return WaveformDraft(
        item=item_id(modality, *identity),
        modality=modality,
        name=f"{title} ({label})" if label else title,
        channels=names,
        units=[one.unit or "1" for one in channels],
        sampling_hz=rate,
        shape=load.shape,
        dtype=load.dtype,
        load=load,
        sources=[header.source],
        slope=np.array([one.slope for one in channels]),
        intercept=np.array([one.baseline for one in channels]),
        start_s=(number(group, "MultiplexGroupTimeOffset") or 0.0) / 1000,
        acquired=iso_date(dataset, "AcquisitionDateTime", "SeriesDate", "StudyDate"),
        problems=_problems(channels, load, group),
        meta=_meta(dataset, group, channels, label),
        synthetic=(text(dataset, "SyntheticData") or "").upper() == "YES",
    )


class _Channel:
    """One channel's definition (DICOM PS3.3 C.10.9.1.4)."""

    def __init__(self, item: Dataset) -> None:
        source = read_code(item, "ChannelSourceSequence")
        unit = read_code(item, "ChannelSensitivityUnitsSequence")
        self.name = text(item, "ChannelLabel") or (source.meaning if source else None)
        self.code = [source.value, source.scheme, source.meaning] if source else None
        self.unit = unit.value if unit else None
        self.sensitivity = number(item, "ChannelSensitivity")
        correction = number(item, "ChannelSensitivityCorrectionFactor")
        self.slope = (1.0 if self.sensitivity is None else self.sensitivity) * (
            1.0 if correction is None else correction
        )
        self.baseline = number(item, "ChannelBaseline") or 0.0
        self.filters = {
            name: found
            for name, tag in (
                ("low_hz", "FilterLowFrequency"),
                ("high_hz", "FilterHighFrequency"),
                ("notch_hz", "NotchFilterFrequency"),
            )
            if (found := number(item, tag)) is not None
        }


def _samples(group: Dataset, big_endian: bool) -> Samples:
    """Check the claims on the samples against the bytes that are there."""
    channels = integer(group, "NumberOfWaveformChannels") or 0
    count = integer(group, "NumberOfWaveformSamples") or 0
    bits = integer(group, "WaveformBitsAllocated") or 0
    kind = text(group, "WaveformSampleInterpretation", 16) or ""
    if kind in ("MB", "AB"):
        raise FileSkippedError(f"Samples in {kind} (compressed loudness) are not read yet")
    if kind not in _SAMPLES or np.dtype(_SAMPLES[kind]).itemsize * 8 != bits:
        raise FileRefusedError(
            f"WaveformSampleInterpretation is '{kind}' of {bits} bits",
            expected=", ".join(_SAMPLES),
        )
    dtype = np.dtype(_SAMPLES[kind])
    dtype = dtype.newbyteorder(">") if big_endian and dtype.itemsize > 1 else dtype
    data = value(group, "WaveformData")
    if not (0 < channels <= _MOST_CHANNELS and count > 0):
        raise FileRefusedError(f"{channels} channels of {count} samples")
    there = len(data) if isinstance(data, bytes) else 0
    needed = channels * count * dtype.itemsize
    if there < needed:
        raise FileRefusedError(
            f"The samples end early: {there} bytes are there",
            expected=f"{needed} for {channels} channels of {count} samples",
        )
    return Samples(data[:needed], (channels, count), dtype)


def _modality(dataset: Dataset) -> str:
    meta = getattr(dataset, "file_meta", Dataset())
    sop_class = text(dataset, "SOPClassUID") or text(meta, "MediaStorageSOPClassUID") or ""
    return _MODALITY.get(sop_class.removeprefix(_STORAGE), "ECG")


def _problems(channels: Sequence[_Channel], load: Samples, group: Dataset) -> list[str]:
    problems = []
    bare = sum(one.sensitivity is None for one in channels)
    if bare:
        problems.append(f"{bare} channel(s) have no sensitivity: their values are raw numbers")
    flat = sum(one.slope == 0 for one in channels)
    if flat:
        problems.append(f"ChannelSensitivity is 0 in {flat} channel(s): their values mean nothing")
    padding = value(group, "WaveformPaddingValue")
    if isinstance(padding, bytes) and len(padding) >= load.dtype.itemsize:
        stands_for = np.frombuffer(padding, load.dtype, 1)[0]
        count = int((load() == stands_for).sum())
        if count:
            problems.append(f"{count} samples are padding (stored as {stands_for})")
    return problems


def _meta(
    dataset: Dataset, group: Dataset, channels: Sequence[_Channel], label: str | None
) -> dict[str, Any]:
    uid = identity_text(dataset, "SOPInstanceUID")
    found = {
        "study_uid": text(dataset, "StudyInstanceUID", 128),
        "series_uid": text(dataset, "SeriesInstanceUID", 128),
        "sop_uids": [uid] if uid else None,
        "group_label": label,
        "originality": text(group, "WaveformOriginality", 16),
        "channel_codes": [one.code for one in channels],
        "filters": [one.filters for one in channels] if any(c.filters for c in channels) else None,
        "annotations_not_read": len(items(dataset, "WaveformAnnotationSequence")) or None,
    }
    return {name: one for name, one in found.items() if one is not None}
