"""De-identified DICOM: references resolve as before, and one shift moves every date."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pydicom
import pytest

import explorer
from explorer.deidentify import secret_of
from explorer.ingest import ingest
from explorer.store import Store


def uids(folder: Path) -> tuple[set[str], list[str], set[date]]:
    """Instances of a folder, references to instances (each), and study dates."""
    have, named, dates = set(), [], set()
    for path in folder.rglob("*.dcm"):
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        have.add(dataset.SOPInstanceUID)
        dates.add(date.fromisoformat(dataset.StudyDate))
        named += [e.value for e in dataset.iterall() if e.keyword == "ReferencedSOPInstanceUID"]
    return have, named, dates


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("sts_ct_pet_mr_rtstruct/STS_002", marks=pytest.mark.slow),
        "dcmqi_seg_sr_pm/sr-example",
    ],
)
def test_references_resolve_and_dates_move_as_one(
    data: str, shared_data: Path, tmp_path: Path
) -> None:
    ingest(shared_data / data, tmp_path / "store")
    store = explorer.open(tmp_path / "store")
    plain = store.cohort().export(tmp_path / "plain", "dicom")
    hidden = store.cohort().export(tmp_path / "hidden", "dicom", deidentify=True)
    before, after = uids(plain.folder), uids(hidden.folder)
    secret = secret_of(store)
    assert after[0] == {secret.uid(uid) for uid in before[0]}
    assert sorted(after[1]) == sorted(secret.uid(uid) for uid in before[1])
    resolved = [sum(uid in have for uid in named) for have, named, _ in (before, after)]
    assert resolved[0] == resolved[1]
    assert resolved[0] or "sts" in data  # whose structure sets name series that are not here
    (label,) = store
    shift = secret.shift(secret.pseudonym(label))
    assert {one.toordinal() + shift for one in before[2]} == {one.toordinal() for one in after[2]}


def test_a_source_that_was_changed_or_is_gone_is_left_out(
    ct_slices: object, tmp_path: Path
) -> None:
    folder = ct_slices(tmp_path / "dicom")  # type: ignore[operator]
    ingest(folder, tmp_path / "store", copy=True)
    store: Store = explorer.open(tmp_path / "store")
    files = sorted(folder.glob("*.dcm"))
    files[0].unlink()
    files[1].write_bytes(files[1].read_bytes() + b"\0\0")
    done = store.cohort().export(tmp_path / "out", "dicom")
    assert len(done.files) == 1
    assert sorted(one["reason"] for one in done.left_out) == [
        "1 files: the source file is gone",
        "1 files: the source file was changed since it was read",
    ]
    # SEG has to name the instances of its image
    assert store.cohort().export(tmp_path / "seg", "dicom-seg").files == []
