"""Sources of a cohort that was frozen by reference: nothing is read of a file that was changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer.check_sources import check_sources
from explorer.errors import SourceChangedError
from explorer.on_s3 import on_s3

if TYPE_CHECKING:
    from explorer.item import Item

_State = tuple[tuple[int, int, int, int], ...]


class ProvenSources:
    """Hashes the source files of an item before its pixels are read, once for as long as they stay.

    A file's times can be set back, but for that of its last change in any way (ctime): where size,
    times or number of a file differ, it is hashed again.
    """

    def __init__(self) -> None:
        self._paths: dict[tuple[str, str], list[Path]] = {}
        self._seen: dict[tuple[str, str], _State] = {}

    def __call__(self, item: Item) -> None:
        """Prove an item's sources.

        Raises
        ------
        SourceChangedError
            One is gone or was changed.
        UntrustedError
            They lie where this user has not trusted the store to read.
        """
        if item.storage != "referenced":
            return
        key = (item.patient.key, item.id)
        if key not in self._paths:
            item.check_trust()
            # an object is read only while it has the tag that it had when it was hashed
            here = [row["uri"] for row in item.sources() if not on_s3(row["uri"])]
            self._paths[key] = [Path(uri) for uri in here]
        before = _states(item, self._paths[key])
        if self._seen.get(key) == before:
            return
        check_sources(item)
        self._seen[key] = before


def _states(item: Item, paths: list[Path]) -> _State:
    found = []
    for path in paths:
        try:
            about = path.stat()
        except OSError as error:
            raise SourceChangedError(
                f"{path} cannot be read: {error.strerror}",
                where=item.where,
                do="bring the file back: the cohort was frozen by reference",
            ) from error
        found.append((about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino))
    return tuple(found)
