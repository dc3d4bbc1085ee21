"""Archives: what lies in them, and in archives within them, judged before anything is unpacked."""

from __future__ import annotations

import hashlib
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from explorer.errors import FileRefusedError
from explorer.found import Found
from explorer.member import Budget, Member, TooMuchError
from explorer.member_name import folded_name
from explorer.packed_stream import Packing
from explorer.tar_members import tar_members
from explorer.zip_members import zip_members

NESTED = 3
"""Archives that may lie within each other, the outermost counted."""
MOST_MEMBERS = 100_000
"""Files of an archive, with those of the archives within it."""
MOST_BYTES = 200 << 30
_MOST_RATIO = 1100  # of all that comes out of an archive; zlib's own bound is 1032
_ALWAYS_BYTES = 16 << 20

Kind = Packing | Literal["zip"]
_SUFFIXES: dict[str, Kind] = {
    ".zip": "zip", ".tar": "none", ".tar.gz": "gzip", ".tgz": "gzip", ".tar.bz2": "bzip2",
    ".tbz": "bzip2", ".tbz2": "bzip2", ".tar.xz": "xz", ".txz": "xz",
}  # fmt: skip


def archive_kind(name: str) -> Kind | None:
    """How an archive of this name is packed, None where the name is no archive's."""
    lower = name.lower()
    return next((kind for suffix, kind in _SUFFIXES.items() if lower.endswith(suffix)), None)


def without_suffix(name: str) -> str:
    """A file's name without an archive's suffix."""
    found = [suffix for suffix in _SUFFIXES if name.lower().endswith(suffix)]
    return name[: -len(max(found, key=len))] if found else name


def most_bytes(size: int) -> int:
    """What an archive of a size, with those within it, may unpack to."""
    return min(MOST_BYTES, max(_ALWAYS_BYTES, _MOST_RATIO * size))


def held_place(folder: Path, archive: Path, chain: tuple[str, ...]) -> Path:
    """Where an archive that lies within another is unpacked to, below a working folder.

    Parameters
    ----------
    folder, archive : pathlib.Path
    chain : tuple of str
        Names from the outermost archive inwards.
    """
    name = "!".join((str(archive), *chain))
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    return folder / "archives" / digest[:24]


def archive_members(found: Found, folder: Path | None = None) -> list[Found]:
    """List the files of an archive and of the archives within it, `NESTED` deep.

    Nothing but archives within archives is written, and those only after the number of files,
    their bytes and the ratio of packing were held against bounds that all levels share. An inner
    archive that is too much is refused alone.

    Parameters
    ----------
    found : Found
        The archive, with its path.
    folder : pathlib.Path, optional
        Working folder for inner archives; by default a temporary one.

    Returns
    -------
    list of Found
        Each with `chain`, or with the reason why it is not taken; the archive itself where it is
        empty or damaged.
    """
    kind = archive_kind(found.uri)
    if found.path is None or kind is None:
        return [found]
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="oncograph-") as made:
            return archive_members(found, Path(made))
    budget = Budget(MOST_MEMBERS, most_bytes(found.size))
    try:
        rows = list(_Listing(found, found.path, folder).members(found.path, kind, (), budget))
    except TooMuchError as error:
        reason = f"{error.found}; unpack it first"
        return [replace(found, path=None, refused=reason)]
    if not rows:
        return [replace(found, path=None, skipped="an archive without a file")]
    return _apart(rows)


@dataclass
class _Listing:
    outer: Found
    path: Path
    folder: Path

    def members(
        self, path: Path, kind: Kind, chain: tuple[str, ...], budget: Budget
    ) -> Iterator[Found]:
        inner: set[str] = set()
        count = 0
        try:
            for member in self._open(path, kind, budget):
                count += 1
                names = (*chain, member.name)
                if member.refused is None and archive_kind(member.name):
                    again = folded_name(member.name) in inner
                    inner.add(folded_name(member.name))
                    yield from self._inner(member, names, budget, again)
                else:
                    yield self._leaf(member, names, budget, alone=not chain)
        except TooMuchError:
            raise
        except FileRefusedError as error:
            rest = f" (after {count} members)" if count else ""
            yield self._row(chain, self.outer.size, f"{error.found}{rest}")

    def _open(self, path: Path, kind: Kind, budget: Budget) -> Iterator[Member]:
        if kind == "zip":
            return zip_members(path, budget.members)
        return tar_members(path, kind, budget.members, budget.size)

    def _leaf(self, member: Member, chain: tuple[str, ...], budget: Budget, alone: bool) -> Found:
        reason = member.refused
        try:
            budget.take(0 if reason else member.size)
        except TooMuchError as error:
            if not alone or budget.members < 1:
                raise
            budget.members -= 1
            reason = error.found
        return self._row(chain, member.size, reason, member.offset)

    def _inner(
        self, member: Member, chain: tuple[str, ...], budget: Budget, again: bool
    ) -> list[Found]:
        kind = archive_kind(member.name)
        budget.take(member.size)
        if again or kind is None or member.copy is None:
            return [self._row(chain, member.size, "the archive has this name twice")]
        if len(chain) >= NESTED:
            reason = f"an archive within {NESTED} others; unpack it first"
            return [self._row(chain, member.size, reason)]
        place = held_place(self.folder, self.path, chain)
        left = budget.copy()
        try:
            if not place.exists():
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                member.copy(place)
            if _only_called_so(member.name, place):
                place.unlink()
                return [self._row(chain, member.size, None, member.offset)]
            rows = list(self.members(place, kind, chain, left))
        except TooMuchError as error:
            return [self._row(chain, member.size, f"{error.found}; unpack it first")]
        except FileRefusedError as error:
            place.unlink(missing_ok=True)
            return [self._row(chain, member.size, error.found)]
        budget.members, budget.size = left.members, left.size
        if not rows:
            row = self._row(chain, member.size, None)
            return [replace(row, skipped="an archive without a file")]
        return rows

    def _row(
        self, chain: tuple[str, ...], size: int, refused: str | None, offset: int = 0
    ) -> Found:
        shown = [_shown(name) for name in chain]
        return Found(
            "!".join((self.outer.uri, *shown)),
            "!".join((self.outer.relative, *shown)),
            self.outer.root,
            None,
            size,
            self.outer.mtime_ns,
            archive=self.path if chain else None,
            chain=chain,
            offset=offset,
            refused=refused,
        )


def _only_called_so(name: str, place: Path) -> bool:
    """Whether a table is named .csv.zip and is the plain text: real, in PORPOISE's archives."""
    if not name.lower().endswith((".csv.zip", ".tsv.zip")):
        return False
    with place.open("rb") as file:
        return file.read(2) != b"PK"


def _shown(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _apart(rows: list[Found]) -> list[Found]:
    """One row a name; files whose names a file system may take for one go to other folders."""
    named: dict[str, list[Found]] = defaultdict(list)
    for row in rows:
        named[row.uri].append(row)
    alike: dict[str, int] = defaultdict(int)
    found = []
    for same in named.values():
        row = same[0]
        if len(same) > 1:
            reason = f"the archive has {len(same)} files of this name; which is meant is not known"
            found.append(replace(row, refused=reason, skipped=None))
            continue
        if row.refused is None:
            folded = "!".join(map(folded_name, row.chain))
            row = replace(row, apart=alike[folded])
            alike[folded] += 1
        found.append(row)
    return found
