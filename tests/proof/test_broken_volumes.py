"""Byte flips and truncations of NIfTI and NRRD: one status a file, no crash, no hang."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import explorer
from explorer.ingest import ingest
from explorer.verify import verify

SEED = 20261125
TRIES = int(os.environ.get("ONCOGRAPH_DAMAGED_FILES", "60"))


def nifti(shared: Path, folder: Path) -> list[Path]:
    """Five as published, and the same unpacked: without the checksum more of them is read."""
    total, sts = shared / "totalsegmentator_ct", shared / "sts_ct_pet_mr_rtstruct" / "nifti"
    found = [total / f"example_{name}.nii.gz" for name in ("seg", "seg_dicom", "seg_mr")]
    found += sorted(sts.rglob("PET_*.nii.gz"))
    for path in found:
        plain = folder / path.name.removesuffix(".gz")
        plain.write_bytes(gzip.decompress(path.read_bytes()))
    return found + sorted(folder.iterdir())


def nrrd(shared: Path, _: Path) -> list[Path]:
    place = shared / "pyradiomics_nrrd"
    names = ("breast1_image", "breast1_label", "lung1_label", "brain1_label", "brain2_label")
    return [place / f"{name}.nrrd" for name in names]


def break_it(data: bytes, chance: random.Random) -> bytes:
    """Flip some bits, half of the time in the header alone; or cut the end off."""
    broken = bytearray(data)
    if chance.random() < 0.3:
        return bytes(broken[: chance.randrange(len(broken))])
    reach = len(broken) if chance.random() < 0.5 else min(len(broken), 352)
    for _ in range(chance.choice((1, 2, 8, 40))):
        broken[chance.randrange(reach)] ^= 1 << chance.randrange(8)
    return bytes(broken)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [nifti, nrrd])
def test_broken_volumes_have_one_status_each(
    kind: Callable[[Path, Path], list[Path]], shared_data: Path, tmp_path: Path
) -> None:
    folder, plain = tmp_path / "broken", tmp_path / "plain"
    folder.mkdir()
    plain.mkdir()
    chance = random.Random(SEED)
    valid = kind(shared_data, plain)
    for number in range(TRIES):
        path = valid[number % len(valid)]
        name = f"p{number:03}{''.join(path.suffixes)}"
        (folder / name).write_bytes(break_it(path.read_bytes(), chance))
    for path in valid:
        shutil.copy(path, folder / f"good_{path.name}")
    result = ingest(folder, tmp_path / "s.onco")
    counts = Counter(row["path"] for row in result.files)
    assert set(counts) == {str(path) for path in folder.iterdir()}
    assert set(counts.values()) == {1}
    for row in result.files:
        good = row["status"] in ("ingested", "referenced")
        assert good or row["reason"], row
        assert good or "/good_" not in row["path"], row
    print(Counter(row["status"] for row in result.files))  # noqa: T201
    assert verify(explorer.open(tmp_path / "s.onco")).ok
