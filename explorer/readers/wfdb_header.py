"""The header of a WFDB record: what it names, checked before anything is opened (header(5))."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path

from explorer.errors import FileRefusedError, FileSkippedError

# Bytes a sample, by format. 508, 516 and 524 are FLAC, which C code would decode.
_BYTES = {
    "8": 1.0, "16": 2.0, "24": 3.0, "32": 4.0, "61": 2.0, "80": 1.0, "160": 2.0, "212": 1.5,
    "310": 4 / 3, "311": 4 / 3,
}  # fmt: skip
_FLAC = ("508", "516", "524")
# Nothing but a plain name is opened: no path, no address. And no file that is another reader's.
SIGNAL_SUFFIXES = ("dat", "xyz", "mat", "bin")
_FILE = re.compile(rf"[-\w]+\.({'|'.join(SIGNAL_SUFFIXES)})", re.ASCII | re.IGNORECASE)
_RECORD = re.compile(r"([-\w]+)(/\d+)?[ \t]+(\d{1,9})(?:[ \t]+(.*))?$", re.ASCII)
_FORMAT = re.compile(r"(\d{1,9})(?:x(\d{1,9}))?(?::(\d{1,9}))?(?:\+(\d{1,12}))?$", re.ASCII)
_HEADER_BYTES, _SIGNALS, _HEADERS, _SAMPLES = 1 << 20, 4096, 20_000, 1 << 28
_COMMENTS, _COMMENT = 500, 500


@dataclass(frozen=True)
class WfdbSignal:
    """One signal's specification: its file, and how many bytes of it."""

    file: str
    format: str
    samples_per_frame: int
    offset: int


@dataclass(frozen=True)
class WfdbHeader:
    """What a header says.

    Attributes
    ----------
    record : str
    segments : bool
        Whether it is a list of other records.
    frames : int or None
        Samples a signal; None where the header leaves it open.
    signals : list of WfdbSignal
    comments : list of str
        Hostile text; in PhysioNet's records it describes the patient.
    """

    record: str
    segments: bool
    frames: int | None
    signals: list[WfdbSignal]
    comments: list[str] = field(default_factory=list)

    @property
    def files(self) -> list[str]:
        """Signal files, each once."""
        return list(dict.fromkeys(signal.file for signal in self.signals))

    def check(self, sizes: Mapping[str, int]) -> None:
        """Check the claims against the files that are there.

        Parameters
        ----------
        sizes : mapping
            Name to bytes.

        Raises
        ------
        FileRefusedError
            A file is missing, shorter than the header says, or its name is no plain one.
        FileSkippedError
            The record is in order, and of a form that is not read.
        """
        if self.segments:
            raise FileSkippedError("A WFDB record of several segments is not read yet")
        if not self.signals:
            raise FileSkippedError("The WFDB record has no signals")
        for signal in self.signals:
            if not _FILE.fullmatch(signal.file):
                raise FileRefusedError(
                    f"The header names {signal.file[:80]!r} as a signal file",
                    expected="a file beside it: letters, digits, - and _, then .dat, .xyz, .mat "
                    "or .bin",
                )
            if signal.file not in sizes:
                raise FileRefusedError(f"The signal file {signal.file} is not among the sources")
            if signal.format in _FLAC:
                raise FileSkippedError(f"Signals in FLAC (format {signal.format}) are not read yet")
            if signal.format not in _BYTES or not 0 < signal.samples_per_frame <= 1 << 20:
                raise FileRefusedError(
                    f"A signal has the format {signal.format}", expected=", ".join(_BYTES)
                )
        self._check_sizes(sizes)

    def _check_sizes(self, sizes: Mapping[str, int]) -> None:
        total = 0
        for name in self.files:
            own = [signal for signal in self.signals if signal.file == name]
            if len({(signal.format, signal.offset) for signal in own}) > 1:
                raise FileRefusedError(f"The signals of {name} differ in format or offset")
            width = _BYTES[own[0].format]
            a_frame = sum(signal.samples_per_frame for signal in own)
            room = max(0, sizes[name] - own[0].offset)
            frames = int(room / (a_frame * width)) if self.frames is None else self.frames
            if math.floor(frames * a_frame * width) > room or not frames:
                raise FileRefusedError(
                    f"The signals of {name} end early: {room} bytes are there",
                    expected=f"{frames} samples of {len(own)} signals",
                )
            total += frames * a_frame
        if total > _SAMPLES:
            raise FileRefusedError(f"The record has {total} samples", expected=f"up to {_SAMPLES}")


def read_wfdb_header(path: Path) -> WfdbHeader | None:
    """Read a header.

    Parameters
    ----------
    path : pathlib.Path
        Of a ``.hea`` file.

    Returns
    -------
    WfdbHeader or None
        None where the file is no WFDB header.

    Raises
    ------
    FileRefusedError
        It begins like one, and cannot be one.
    """
    with path.open("rb") as file:
        data = file.read(_HEADER_BYTES + 1)
    if len(data) > _HEADER_BYTES or b"\0" in data:
        return None
    lines = data.decode("utf-8", "replace").splitlines()
    said = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    comments = [line.strip()[1:].strip() for line in lines if line.lstrip().startswith("#")]
    first = _RECORD.match(said[0]) if said else None
    if first is None:
        return None
    count = int(first.group(3))
    segments = first.group(2) is not None
    if not segments and (count > _SIGNALS or len(said) < 1 + count):
        raise FileRefusedError(
            f"The WFDB header says {count} signals and describes {len(said) - 1}"
        )
    fields = (first.group(4) or "").split()
    length = fields[1] if len(fields) > 1 else ""
    frames = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0
    return WfdbHeader(
        first.group(1),
        segments,
        frames or None,
        [] if segments else [_signal(line) for line in said[1 : 1 + count]],
        ["".join(c for c in one if c.isprintable())[:_COMMENT] for one in comments if one][
            :_COMMENTS
        ],
    )


def _signal(line: str) -> WfdbSignal:
    file, _, rest = line.replace("\t", " ").partition(" ")
    found = _FORMAT.match(rest.split()[0]) if rest.split() else None
    if found is None:
        raise FileRefusedError(
            f"A line of the WFDB header is {line[:80]!r}", expected="<file> <format> ..."
        )
    form, each, _, offset = found.groups()
    return WfdbSignal(file, form, int(each or 1), int(offset or 0))


def headers_beside(path: Path) -> dict[str, frozenset[str]]:
    """Signal files that the headers in a file's folder name, by record.

    Parameters
    ----------
    path : pathlib.Path
        Of any file.
    """
    if not _FILE.fullmatch(path.name):
        return {}
    return _named(path.parent, path.parent.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _named(folder: Path, mtime_ns: int) -> dict[str, frozenset[str]]:
    found = {}
    for path in islice(sorted(folder.glob("*.hea")), _HEADERS):
        try:
            header = read_wfdb_header(path)
        except (OSError, FileRefusedError):
            continue
        if header is not None:
            found[path.stem] = frozenset(header.files)
    return found
