"""MetaImage: .mha, and .mhd with its voxels beside it."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from pathlib import Path

from explorer.draft import Grid, Header, Reading, Source
from explorer.errors import FileRefusedError
from explorer.readers.metaimage_header import (
    data_file,
    is_metaimage,
    read_fields,
    read_metaimage,
)
from explorer.readers.volume_file import read_volumes, volume_header

_MOST_HEADERS = 4096  # of one folder, that are asked for a file of voxels


class MetaImageReader:
    """Reads MetaImage volumes and masks.

    A file is a segmentation where its name says so and its values are labels; `VolumeName` and
    `pair_mask` have the rules.
    """

    name = "metaimage"

    def peek(self, source: Source) -> Header | None:
        """Claim files by suffix and header; a file of voxels by the header beside it.

        Raises
        ------
        FileRefusedError
            It is called MetaImage, and its header cannot be taken.
        """
        if not source.path.name.lower().endswith((".mha", ".mhd")):
            folder = source.path.parent
            named = _named_voxels(folder, folder.stat().st_mtime_ns).get(source.path.name)
            return volume_header(source, self.name, folder / named) if named else None
        with source.path.open("rb") as file:
            if not is_metaimage(file.read(256)):
                raise FileRefusedError(
                    "It has no MetaImage header", expected="'ObjectType = Image'"
                )
        fields, _ = read_fields(source.path)
        if data_file(fields) is None:
            read_metaimage(source)
        return volume_header(source, self.name)

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn a volume into an image or a segmentation."""
        return read_volumes(
            headers, grids, "MetaImage", lambda head, voxels: (read_metaimage(head, voxels), {})
        )


@lru_cache(maxsize=64)
def _named_voxels(folder: Path, mtime_ns: int) -> dict[str, str]:
    """Files of voxels that a folder's headers name, each with the first header that does.

    `mtime_ns` is the folder's: what was read of it is forgotten when it changes.
    """
    found: dict[str, str] = {}
    listed = (one for one in folder.iterdir() if one.name.lower().endswith(".mhd"))
    for path in sorted(islice(listed, _MOST_HEADERS)):
        try:
            name = data_file(read_fields(path)[0])
        except (FileRefusedError, OSError):
            continue  # the header's own status says what is wrong with it
        if name is not None:
            found.setdefault(name, path.name)
    return found
