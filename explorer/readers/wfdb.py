"""WFDB records, the form of PhysioNet: a header, and the signal files that it names."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import FileStatus, Grid, Header, Reading, Source, Status
from explorer.errors import FileRefusedError, FileSkippedError, OncographError
from explorer.item_id import item_id
from explorer.readers.folder_hint import folder_hint
from explorer.readers.one_file import describe
from explorer.readers.seg_segments import unique_names
from explorer.readers.wfdb_header import (
    SIGNAL_SUFFIXES,
    WfdbHeader,
    headers_beside,
    read_wfdb_header,
)
from explorer.waveform_draft import WaveformDraft

_LEADS = {
    "i", "ii", "iii", "avr", "avl", "avf", "mlii", "mliii", "vx", "vy", "vz", "ecg",
    *(f"v{n}" for n in range(1, 10)),
}  # fmt: skip
_INT16 = np.iinfo(np.int16)


class WfdbReader:
    """Reader of WFDB records (a `explorer.readers.reader.Reader`).

    The package ``wfdb`` does the reading, of files whose header has been checked here: what it
    names must lie beside it, so that nothing is fetched from anywhere.
    """

    name = "wfdb"

    def peek(self, source: Source) -> Header | None:
        """Claim ``.hea`` files that are WFDB headers, and the signal files that these name."""
        name = _name(source)
        if name.lower().endswith(".hea"):
            found = read_wfdb_header(source.path)
            record = None if found is None else name[:-4]
        elif source.referable and source.tag is None:
            record = next(
                (stem for stem, files in headers_beside(source.path).items() if name in files), None
            )
        else:  # an archive's members and objects are looked at alone: they go by their names
            stem, dot, suffix = name.rpartition(".")
            record = stem if dot and suffix.lower() in SIGNAL_SUFFIXES else None
        if record is None:
            return None
        hint = folder_hint(source)
        folder = source.uri[: len(source.uri) - len(name)]
        return Header(
            source=source,
            reader=self.name,
            kind="waveform",
            group=f"wfdb:{folder}{record}",
            patient=hint,
            detail={"record": record, "identity": f"{_folder(source)}/{record}"},
            note=hint.note,
        )

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn a record, all files of it, into waveforms: one a sampling frequency."""
        try:
            drafts = _read(headers)
        except FileSkippedError as error:
            return _all(headers, "skipped", str(error))
        except OncographError as error:
            return _all(headers, "refused", str(error))
        except Exception as error:  # noqa: BLE001 - hostile bytes make parsers raise anything
            return _all(headers, "refused", f"The record is broken: {describe(error)}")
        return Reading(
            list(drafts),
            [FileStatus(one.source.uri, "ingested", None, drafts[0].item) for one in headers],
        )


def _all(headers: list[Header], status: Status, reason: str) -> Reading:
    return Reading([], [FileStatus(one.source.uri, status, reason) for one in headers])


def _name(source: Source) -> str:
    return PurePosixPath(source.relative.replace("\\", "/").replace("!", "/")).name


def _folder(source: Source) -> str:
    return str(PurePosixPath(source.relative.replace("\\", "/")).parent)


def _read(headers: list[Header]) -> list[WaveformDraft]:
    by_name = {_name(one.source): one.source for one in headers}
    record = headers[0].detail["record"]
    head = next((s for name, s in by_name.items() if name.lower() == f"{record}.hea".lower()), None)
    if head is None:
        raise FileSkippedError(
            "No WFDB header stands beside it", expected=f"{record}.hea, or another kind of file"
        )
    about = read_wfdb_header(head.path)
    if about is None:
        raise FileRefusedError("The record's header is no longer one")
    about.check({name: one.size for name, one in by_name.items()})
    with tempfile.TemporaryDirectory() as scratch:
        found = _load(_together(record, by_name, about, Path(scratch)), about)
    sources = [head, *(by_name[name] for name in about.files)]
    return _drafts(headers[0], about, found, sources)


def _together(record: str, by_name: dict[str, Source], about: WfdbHeader, scratch: Path) -> Path:
    """The record's path for wfdb: where it lies, or in `scratch` where its files lie apart."""
    head = next(s for name, s in by_name.items() if name.lower() == f"{record}.hea".lower())
    wanted = {f"{record}.hea": head.path, **{name: by_name[name].path for name in about.files}}
    places = {path.parent for path in wanted.values()}
    plain = all(path.name == name for name, path in wanted.items())
    # wfdb takes a path that begins like an address for one
    if len(places) == 1 and plain and "://" not in str(head.path):
        return head.path.with_suffix("")
    for name, path in wanted.items():
        shutil.copyfile(path, scratch / ("record.hea" if name == f"{record}.hea" else name))
    text = (scratch / "record.hea").read_bytes().split(b"\n")
    for k, line in enumerate(text):
        if line.strip() and not line.lstrip().startswith(b"#"):
            text[k] = b" ".join([b"record", *line.split()[1:]])
            break
    (scratch / "record.hea").write_bytes(b"\n".join(text))
    return scratch / "record"


def _load(path: Path, about: WfdbHeader) -> Any:
    import wfdb  # here, since it brings much along

    head = wfdb.rdheader(str(path))
    if [str(name) for name in head.file_name or []] != [one.file for one in about.signals] or [
        str(one) for one in head.fmt
    ] != [one.format for one in about.signals]:
        raise FileRefusedError("The WFDB header can be read in two ways")
    return wfdb.rdrecord(str(path), physical=False, smooth_frames=False)


def _drafts(
    header: Header, about: WfdbHeader, record: Any, sources: list[Source]
) -> list[WaveformDraft]:
    groups: dict[int, list[int]] = defaultdict(list)
    for index, each in enumerate(record.samps_per_frame):
        groups[int(each)].append(index)
    names = unique_names(
        str(name or f"channel {n}")[:128] for n, name in enumerate(record.sig_name, start=1)
    )
    ecg = any(name.lower() in _LEADS for name in names)
    modality = "ECG" if ecg else "SIGNAL"
    drafts: list[WaveformDraft] = []
    for position, (each, channels) in enumerate(sorted(groups.items())):
        stored, slope, intercept, problems = _values(record, channels)
        identity = [header.detail["identity"], *([str(each)] if position else [])]
        meta: dict[str, Any] = {"record": header.detail["record"], "comments": about.comments}
        if position:
            meta["part_of"] = drafts[0].item
        drafts.append(
            WaveformDraft(
                item=item_id(modality, "wfdb", *identity),
                modality=modality,
                name=header.detail["record"],
                channels=[names[k] for k in channels],
                units=[str(record.units[k] or "mV") for k in channels],
                sampling_hz=float(record.fs) * each,
                shape=(len(channels), stored.shape[1]),
                dtype=stored.dtype,
                load=_Loaded(stored),
                sources=sources,
                slope=slope,
                intercept=intercept,
                acquired=record.base_date.isoformat() if record.base_date else None,
                problems=problems,
                meta={**meta, "formats": sorted({str(record.fmt[k]) for k in channels})},
            )
        )
    return drafts


class _Loaded:
    """Samples that were read while the record's files lay together."""

    def __init__(self, stored: NDArray[Any]) -> None:
        self._stored = stored

    def __call__(self) -> NDArray[Any]:
        return self._stored


def _values(record: Any, channels: list[int]) -> tuple[Any, ...]:
    """Stored samples, slope, intercept and problems.

    Samples that the format marks as invalid have no value: where there are such, the physical
    values are stored, with NaN.
    """
    samples = np.stack([np.asarray(record.e_d_signal[k]) for k in channels])
    gain = np.array([float(record.adc_gain[k]) for k in channels])
    baseline = np.array([float(record.baseline[k]) for k in channels])
    if not np.isfinite(gain).all() or not gain.all():
        raise FileRefusedError(f"The gains are {gain.tolist()[:8]}", expected="not 0, finite")
    invalid = np.stack([samples[n] == _invalid(record.fmt[k]) for n, k in enumerate(channels)])
    problems = []
    if invalid.any():
        problems.append(f"{int(invalid.sum())} samples are marked as invalid: they have no value")
        values = (samples - baseline[:, None]) / gain[:, None]
        values[invalid] = np.nan
        return values.astype(np.float32), np.ones(len(gain)), np.zeros(len(gain)), problems
    small = samples.size and samples.min() >= _INT16.min and samples.max() <= _INT16.max
    return samples.astype(np.int16 if small else np.int32), 1 / gain, -baseline / gain, problems


def _invalid(fmt: str) -> int:
    """The number that stands for no value (WFDB Applications Guide, signal(5))."""
    return {"80": -128, "24": -(1 << 23), "32": -(1 << 31), "61": -(1 << 15),
            "16": -(1 << 15), "160": -(1 << 15), "212": -(1 << 11), "310": -(1 << 9),
            "311": -(1 << 9)}.get(fmt, -(1 << 62))  # fmt: skip
