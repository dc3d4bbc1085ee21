"""CaptionStream: figures with captions from WebDataset tar shards, read one at a time."""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from explorer.errors import FileRefusedError
from explorer.index.download_manifest import use_of

# As BIOMEDICA has them (Lozano et al. 2025): figure, caption and metadata are three members.
_FIGURES = {"jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
_CAPTIONS = ("txt", "caption")
_TERMS = ("license", "licence", "image_license", "article_license", "license_type")
_MOST_FIGURE, _MOST_TEXT = 64 << 20, 4 << 20
_MOST_SAID = 1000
UNKNOWN = "unknown"


@dataclass(frozen=True)
class CaptionPair:
    """A figure with its caption.

    Attributes
    ----------
    key : str
        Of the sample within its shard (hostile text, as all that follows).
    shard : str
        The shard's file name.
    figure : bytes
        As it is in the shard: JPEG or PNG.
    caption : str
    terms : str
        Its licence, as the metadata say it, or 'unknown'.
    metadata : dict
    """

    key: str
    shard: str
    figure: bytes
    caption: str
    terms: str
    metadata: dict[str, Any]


@dataclass
class _Sample:
    key: str
    offset: int
    parts: dict[str, bytes] = field(default_factory=dict)
    fault: str | None = None


class CaptionStream:
    """Pairs of some shards whose terms allow a use, in their order.

    One sample is in memory at a time. What cannot be a sample is refused with its reason, and
    the rest goes on.

    Parameters
    ----------
    shards : iterable of path
        Plain tar files (WebDataset): members of one name up to its first dot are a sample.
    uses : iterable of str
        'attribution', 'non-commercial', 'own terms: read them', 'unknown' (`use_of`).
    start : dict, optional
        The `position` of an earlier stream of the same shards; it goes on from there.

    Attributes
    ----------
    met, kept : collections.Counter
        Samples by their terms: all, and those that were given out. Refused ones are in neither.
    refused : list of (str, str, str)
        Shard, member and reason; the first thousand.
    refusals : int
        All of them.

    Raises
    ------
    FileRefusedError
        The position is not of these shards.
    """

    def __init__(
        self,
        shards: Iterable[str | PathLike[str]],
        *,
        uses: Iterable[str] = ("attribution",),
        start: dict[str, Any] | None = None,
    ) -> None:
        self.shards: Sequence[Path] = [Path(one) for one in shards]
        self.uses = frozenset(uses)
        self.met: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()
        self.refused: list[tuple[str, str, str]] = []
        self.refusals = 0
        self._shard, self._offset = 0, 0
        if start is not None:
            self._go_on(start)

    @property
    def position(self) -> dict[str, Any]:
        """Where the stream is, with its counts: plain JSON, to go on from later."""
        return {
            "shards": [one.name for one in self.shards], "shard": self._shard,
            "offset": self._offset, "met": dict(self.met), "kept": dict(self.kept),
            "refused": [list(one) for one in self.refused], "refusals": self.refusals,
        }  # fmt: skip

    def _go_on(self, start: dict[str, Any]) -> None:
        if start.get("shards") != [one.name for one in self.shards]:
            raise FileRefusedError("The position is of other shards", expected="the same shards")
        self._shard, self._offset = int(start["shard"]), int(start["offset"])
        self.met, self.kept = Counter(start["met"]), Counter(start["kept"])
        self.refused = [(shard, member, why) for shard, member, why in start["refused"]]
        self.refusals = int(start["refusals"])

    def __iter__(self) -> Iterator[CaptionPair]:
        while self._shard < len(self.shards):
            shard = self.shards[self._shard]
            for sample, after in self._samples(shard):
                # where it goes on is noted first: whoever stops at a pair has had that pair
                self._offset = after
                pair = self._pair(shard, sample)
                if pair is not None:
                    yield pair
            self._shard, self._offset = self._shard + 1, 0

    def _pair(self, shard: Path, sample: _Sample) -> CaptionPair | None:
        try:
            figure, caption, metadata = _whole(sample)
        except FileRefusedError as error:
            self._refuse(shard, sample.key, error.found)
            return None
        terms = next((str(metadata[n]) for n in _TERMS if metadata.get(n)), UNKNOWN)[:200]
        self.met[terms] += 1
        if use_of(terms) not in self.uses:
            return None
        self.kept[terms] += 1
        return CaptionPair(sample.key, shard.name, figure, caption, terms, metadata)

    def _samples(self, shard: Path) -> Iterator[tuple[_Sample, int]]:
        """Samples of a shard from the offset on, and where the next one begins."""
        now: _Sample | None = None
        try:
            with shard.open("rb") as raw:
                raw.seek(self._offset)
                with tarfile.open(fileobj=raw, mode="r:") as tar:
                    while (member := tar.next()) is not None:
                        tar.members.clear()  # type: ignore[attr-defined]  # or it keeps them all
                        folder, slash, name = member.name.rpartition("/")
                        key, _, kind = name.partition(".")
                        key = f"{folder}{slash}{key}"
                        if now is not None and now.key != key:
                            yield now, member.offset
                            now = None
                        now = now or _Sample(key, member.offset)
                        _take(tar, member, kind.lower(), now)
                    end = tar.offset
                    raw.seek(end)
                    if raw.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
                        raise EOFError("it ends without the mark of an end")
        except (tarfile.TarError, OSError, EOFError) as error:
            # the sample that the damage lies in is not whole
            self._refuse(shard, now.key if now else "", f"the shard is damaged: {error}")
            return
        if now is not None:
            yield now, end

    def _refuse(self, shard: Path, member: str, why: str) -> None:
        self.refusals += 1
        if len(self.refused) < _MOST_SAID:
            self.refused.append((shard.name, member, why))


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, kind: str, sample: _Sample) -> None:
    """Read a member into its sample, or say why it cannot be."""
    most = _MOST_FIGURE if kind in _FIGURES else _MOST_TEXT
    if not member.isreg():
        sample.fault = f"{member.name} is no regular file"
    elif member.name.startswith("/") or ".." in member.name.split("/"):
        sample.fault = f"{member.name} leads out of the shard"
    elif kind not in (*_FIGURES, *_CAPTIONS, "json"):
        return  # another thing of the sample, which nobody asked for
    elif kind in sample.parts:
        sample.fault = f"{member.name} is there twice"
    elif member.size > most:
        sample.fault = f"{member.name} has {member.size} bytes, more than {most}"
    else:
        file = tar.extractfile(member)
        data = file.read() if file is not None else b""
        if len(data) != member.size:
            raise EOFError(f"{member.name} is cut short")
        sample.parts[kind] = data


def _whole(sample: _Sample) -> tuple[bytes, str, dict[str, Any]]:
    if sample.fault is not None:
        raise FileRefusedError(sample.fault)
    kinds = [kind for kind in _FIGURES if kind in sample.parts]
    if len(kinds) != 1:
        raise FileRefusedError("it has no figure" if not kinds else "it has two figures")
    figure = sample.parts[kinds[0]]
    if not figure.startswith(_FIGURES[kinds[0]]):
        raise FileRefusedError(f"its figure is no {kinds[0].upper()}")
    metadata: Any = {}
    if "json" in sample.parts:
        try:
            metadata = json.loads(sample.parts["json"])
        except (ValueError, RecursionError):
            raise FileRefusedError("its metadata are no JSON") from None
    if not isinstance(metadata, dict):
        raise FileRefusedError("its metadata are no object")
    said = next((sample.parts[one] for one in _CAPTIONS if one in sample.parts), None)
    text = metadata.get("caption") if said is None else said.decode("utf-8", "replace")
    if not isinstance(text, str) or not text.strip():
        raise FileRefusedError("it has no caption")
    return figure, text, metadata
