"""The bundled real patients: where their archives lie, and how they are unpacked."""

from __future__ import annotations

import os
import tempfile
import zipfile
import zlib
from pathlib import Path

from explorer.errors import FileRefusedError, NotFoundError
from explorer.found import Found
from explorer.sample_lidc import lidc_ratings, lidc_segmentation
from explorer.unpack import unpack
from explorer.walk import walk

__all__ = ["lidc_ratings", "lidc_segmentation", "sample_zips", "unpack_samples"]

_ARCHIVES = Path(__file__).parent.parent / "notebooks" / "data"
_MOST_BYTES = 500 * 2**20  # all samples together unpack to about 90 MB


def sample_zips() -> list[Path]:
    """Archives of the bundled patients, one each, in the order of their names.

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    NotFoundError
        They are not here: a wheel does not hold them.
    """
    found = sorted(_ARCHIVES.glob("*.zip"))
    if not found:
        raise NotFoundError(
            "The bundled patients are not here",
            expected=f"zip archives in {_ARCHIVES}",
            do="clone the project's repository and install from it: "
            "pip install -c constraints.txt -e .",
        )
    return found


def unpack_samples(folder: Path) -> list[Path]:
    """Unpack the bundled patients, so that uncompressed pixels can stay where they lie.

    Files that are there already, with the right content, are left alone; a damaged or missing
    one is put back. A file appears whole or not at all.

    Parameters
    ----------
    folder : pathlib.Path
        Made where it is missing. Files and folders below it are for their owner alone.

    Returns
    -------
    list of pathlib.Path
        One folder a patient, below `folder`.

    Raises
    ------
    NotFoundError
        The archives are not here.
    FileRefusedError
        An archive is damaged, or would write outside of `folder`.
    """
    archives = sample_zips()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unpack-", dir=folder) as scratch:
        for archive in archives:
            _unpack_one(archive, folder, Path(scratch))
    return [folder / archive.stem for archive in archives]


def _unpack_one(archive: Path, folder: Path, scratch: Path) -> None:
    found = list(walk(archive))
    wrong = [one for one in found if one.refused or one.member is None]
    if wrong:
        raise FileRefusedError(wrong[0].refused or "not an archive", where=wrong[0].uri)
    total = sum(one.size for one in found)
    if total > _MOST_BYTES:
        raise FileRefusedError(f"It claims to unpack to {total} bytes", where=str(archive))
    with zipfile.ZipFile(archive) as listing:
        sums = {member.filename: member.CRC for member in listing.infolist()}
    for one in found:
        target = _target(one, folder)
        if not _holds(target, one.size, sums[one.member or ""]):
            os.replace(unpack(one, scratch), target)  # noqa: PTH105 - atomic, also over a file


def _target(found: Found, folder: Path) -> Path:
    """Where a member goes, its folders made."""
    target = folder / (found.member or "")
    if not target.resolve().is_relative_to(folder.resolve()):
        raise FileRefusedError("Its name leads out of the folder", where=found.uri)
    for parent in reversed(target.relative_to(folder).parents):
        (folder / parent).mkdir(mode=0o700, exist_ok=True)
    return target


def _holds(path: Path, size: int, checksum: int) -> bool:
    if not path.is_file() or path.stat().st_size != size:
        return False
    return zlib.crc32(path.read_bytes()) == checksum
