"""The bundled real patients: where their archives lie, and how they are unpacked."""

from __future__ import annotations

import csv
import os
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

from explorer.errors import FileRefusedError, NotFoundError
from explorer.found import Found
from explorer.sample_lidc import lidc_ratings, lidc_segmentation
from explorer.unpack import unpack
from explorer.walk import walk

__all__ = ["clinical_facts", "lidc_ratings", "lidc_segmentation", "sample_zips", "unpack_samples"]

_ARCHIVES = Path(__file__).parent.parent / "notebooks" / "data"
_MOST_BYTES = 500 * 2**20  # all samples together unpack to about 90 MB

_CLINICAL = Path("TCGA-34-2605", "clinical.tsv")
# Not about the patient: its identifier, and its group in the split of the study that made this.
_NO_FACT = {"submitter_id", "group"}
_UNITS = {
    "age_at_diagnosis": "days",
    "days_to_last_follow_up": "days from diagnosis",
    "days_to_death": "days from diagnosis",
    "time": "years from diagnosis",
}
_NUMBERS = {*_UNITS, "event"}


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


def clinical_facts(folder: Path) -> list[dict[str, Any]]:
    """Read the clinical row of patient TCGA-34-2605 (Genomic Data Commons, open access).

    Parameters
    ----------
    folder : pathlib.Path
        Where `unpack_samples` has put the patients.

    Returns
    -------
    list of dict
        name, value, number, unit, day, state, source. ``day`` is None throughout: the table
        counts from the diagnosis, whose date it does not tell, so that no value can be placed
        on another time axis; the unit says what it counts from. An empty cell is a fact with
        the state 'absent'.

    Raises
    ------
    NotFoundError
        The table is not there.
    """
    path = folder / _CLINICAL
    if not path.is_file():
        raise NotFoundError(f"No file {path}", do="unpack the bundled patients: oncograph demo")
    with path.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file, delimiter="\t")
    return [
        {
            "name": name,
            "value": text or None,
            "number": float(text) if text and name in _NUMBERS else None,
            "unit": _UNITS.get(name),
            "day": None,
            "state": "present" if text else "absent",
            "source": _CLINICAL.as_posix(),
        }
        for name, text in row.items()
        if name not in _NO_FACT
    ]
