"""NRRD: .nrrd, .seg.nrrd of 3D Slicer, .nhdr with its voxels beside it."""

from __future__ import annotations

from pathlib import Path

from explorer.draft import Grid, Header, Reading, SegmentDraft, Source
from explorer.errors import FileRefusedError
from explorer.readers.nrrd_header import data_file, is_nrrd, read_fields, read_nrrd
from explorer.readers.slicer_segments import slicer_segments
from explorer.readers.volume import Volume
from explorer.readers.volume_file import read_volumes, volume_header

_DATA = (".raw", ".raw.gz", ".raw.bz2", ".zraw", ".gz", ".bz2", ".bin", ".img", ".txt", ".ascii")


class NrrdReader:
    """Reads NRRD volumes and masks; names and layers of 3D Slicer's segmentations are kept."""

    name = "nrrd"

    def peek(self, source: Source) -> Header | None:
        """Claim files by their magic; a detached file of voxels by the header beside it.

        Raises
        ------
        FileRefusedError
            It is NRRD, and its header cannot be taken.
        """
        with source.path.open("rb") as file:
            claimed = is_nrrd(file.read(16))
        if not claimed:
            if source.path.name.lower().endswith((".nrrd", ".nhdr")):
                raise FileRefusedError("It has no NRRD header", expected="a first line 'NRRD000N'")
            head = _header_beside(source.path)
            return volume_header(source, self.name, head) if head else None
        fields, _ = read_fields(source.path)
        if data_file(fields) is None:
            read_nrrd(source)
        return volume_header(source, self.name)

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn a volume into an image or a segmentation."""
        return read_volumes(headers, grids, "NRRD", _read)


def _read(
    head: Source, voxels: Source | None
) -> tuple[Volume, dict[tuple[int, int], SegmentDraft]]:
    volume, fields = read_nrrd(head, voxels)
    return volume, slicer_segments(fields)


def _header_beside(path: Path) -> Path | None:
    """NRRD header beside a file, of the same name but for the suffix, that names it."""
    suffix = next((one for one in _DATA if path.name.lower().endswith(one)), None)
    if suffix is None:
        return None
    head = path.with_name(path.name[: -len(suffix)] + ".nhdr")
    try:
        return head if head.is_file() and data_file(read_fields(head)[0]) == path.name else None
    except FileRefusedError:
        return None
