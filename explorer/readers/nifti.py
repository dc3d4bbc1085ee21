"""NIfTI: .nii, .nii.gz, and pairs of .hdr and .img."""

from __future__ import annotations

from pathlib import Path

from explorer.draft import Grid, Header, Reading, SegmentDraft, Source
from explorer.errors import FileRefusedError
from explorer.readers.nifti_header import HEADER_BYTES, is_nifti, read_nifti, read_start
from explorer.readers.nifti_labels import nifti_labels
from explorer.readers.volume import Volume
from explorer.readers.volume_file import read_volumes, volume_header


class NiftiReader:
    """Reads NIfTI-1 and NIfTI-2 volumes and masks.

    A file is a segmentation where its name says so and its values are labels; `VolumeName` and
    `pair_mask` have the rules.
    """

    name = "nifti"

    def peek(self, source: Source) -> Header | None:
        """Claim files by suffix and header.

        Raises
        ------
        FileRefusedError
            It is called NIfTI, and its header cannot be taken.
        """
        name = source.path.name.lower()
        if name.endswith((".nii", ".nii.gz")):
            read_nifti(source)
            header = volume_header(source, self.name)
            if nifti_labels(source):
                header.kind = "segmentation"  # whatever it is called
            return header
        if name.endswith(".hdr") and source.size >= 348:
            start, _ = read_start(source)
            if not is_nifti(start):
                if start[:4] in (b"\x5c\x01\0\0", b"\0\0\x01\x5c"):
                    raise FileRefusedError(
                        "Analyze 7.5 does not say which side is left", do="convert it to NIfTI"
                    )
                return None
            return volume_header(source, self.name)
        head = _header_beside(source.path) if name.endswith(".img") else None
        return volume_header(source, self.name, head) if head else None

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn a volume into an image or a segmentation."""
        return read_volumes(headers, grids, "NIfTI", _read)


def _read(
    head: Source, voxels: Source | None
) -> tuple[Volume, dict[tuple[int, int], SegmentDraft]]:
    volume = read_nifti(head, voxels)
    single = voxels is None and len(volume.shape) == 3
    return volume, nifti_labels(head) if single else {}


def _header_beside(path: Path) -> Path | None:
    """NIfTI header beside an ``.img`` file."""
    for header in (path.with_suffix(".hdr"), path.with_suffix(".HDR")):
        if header.is_file():
            with header.open("rb") as file:
                return header if is_nifti(file.read(HEADER_BYTES)) else None
    return None
