from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.draft import Code, SegmentDraft
from explorer.errors import StoreError
from explorer.patient import Patient
from explorer.store import Store
from widgets.napari.mask_edit import MaskEdit
from widgets.napari.mask_history import mask_history
from widgets.napari.moved_on import MovedOnError
from widgets.napari.restore_mask import restore_mask
from widgets.napari.save_edit import draft_of, save_edit

NODULE = "LIDC-IDRI-0314"


def _masks(patient: Patient) -> Any:
    (found,) = patient.segmentations.values()
    return found


def test_unedited_masks_come_back_bit_for_bit_though_they_overlap(copied: Store) -> None:
    for name in (NODULE, "PCAMPMRI-00001", "UPENN-GBM-00002"):
        before = _masks(copied[name])
        edit = MaskEdit(before)
        for position in range(len(before.labels)):
            edit.begin([position])
        assert edit.changes() == {}
        with pytest.raises(StoreError, match="Nothing was changed"):
            save_edit(edit, "A. Reader")
        with copied.transaction("the same again") as t:
            t.put(copied[name].key, draft_of(before))
        after = _masks(copied[name])
        assert after.patient.version == before.patient.version + 1
        np.testing.assert_array_equal(np.asarray(after.stored), np.asarray(before.stored))
        plain = {"commit", "patient"}
        for old, new in zip(before.segments, after.segments, strict=True):
            assert {k: v for k, v in old.items() if k not in plain} == {
                k: v for k, v in new.items() if k not in plain
            }
        assert (after.codes, after.colors, after.meta) == (
            before.codes, before.colors, before.meta,
        )  # fmt: skip
        assert (after.name, after.image, after.image_reason, after.acquired) == (
            before.name, before.image, before.image_reason, before.acquired,
        )  # fmt: skip


def test_an_edit_is_a_new_version_with_who_and_when(copied: Store) -> None:
    before = _masks(copied[NODULE])
    edit = MaskEdit(before)
    labels = edit.begin([1])
    labels[5, 100:103, 200:204] = 2
    saved = save_edit(edit, " A. Reader ", "the rim")
    assert saved.patient.version == before.patient.version + 1
    was, now = np.asarray(before.stored), np.asarray(saved.stored)
    assert np.argwhere(was != now).shape == (12, 4)
    assert now[1, 5, 100:103, 200:204].all()
    (said,) = saved.meta["edits"]
    assert (said["who"], said["note"], said["opened_at"]) == (
        "A. Reader", "the rim", before.patient.version,
    )  # fmt: skip
    assert said["segments"] == {"Nodule, reader 2": {"added": 12, "removed": 0}}
    assert said["when"][:4].isdigit()
    assert "napari" in said["with"]
    (run,) = [one for one in saved.patient.rows("runs") if one["kind"] == "edit"]
    assert (run["producer"], run["version"]) == ("person", "A. Reader")
    assert run["input"] == f"segmentations/{before.id}"
    kept = np.asarray(_masks(saved.patient.at(before.patient.version)).stored)
    np.testing.assert_array_equal(kept, was)  # the version before has the masks as they were


def test_a_patient_who_moved_on_loses_neither_edit(copied: Store) -> None:
    opened = _masks(copied[NODULE])
    was = np.asarray(opened.stored)
    mine, theirs = MaskEdit(opened), MaskEdit(opened)
    mine.begin([0])[5, 10, 10:14] = 1
    theirs.begin([0])[6, 10, 10:14] = 1
    gone = tuple(np.argwhere(was[2])[0])
    theirs.begin([2])[gone] = 0
    save_edit(theirs, "B. Other")
    version = copied[NODULE].version
    with pytest.raises(MovedOnError, match=r"from version 3 to 4 .*B\. Other.*others now"):
        save_edit(mine, "A. Reader")
    assert copied[NODULE].version == version
    saved = save_edit(mine, "A. Reader", how="on top")
    now = np.asarray(saved.stored)
    assert now[0, 5, 10, 10:14].all()
    assert now[0, 6, 10, 10:14].all()
    assert not now[(2, *gone)]
    assert (now != was).sum() == 4 + 4 + 1
    assert [one["who"] for one in saved.meta["edits"]] == ["B. Other", "A. Reader"]
    own = save_edit(mine, "A. Reader", how="beside")
    assert own.id != opened.id
    assert len(own.patient.segmentations) == 2
    beside = np.asarray(own.stored)
    assert (beside != was).sum() == 4
    assert beside[0, 5, 10, 10:14].all()
    assert own.meta["made_from"] == str(opened.address)
    assert (own.codes, own.colors, own.image) == (opened.codes, opened.colors, opened.image)
    np.testing.assert_array_equal(np.asarray(own.patient.segmentations[opened.id].stored), now)


def test_masks_that_are_gone_can_be_saved_beside_what_there_is(copied: Store) -> None:
    opened = _masks(copied[NODULE])
    edit = MaskEdit(opened)
    edit.begin([0])[5, 10, 10:14] = 1
    with copied.transaction("taken out") as t:
        t.drop(opened.patient.key, opened.id)
    with pytest.raises(MovedOnError, match="does not have these masks"):
        save_edit(edit, "A. Reader", how="on top")
    own = save_edit(edit, "A. Reader", how="beside")
    assert (np.asarray(own.stored) != np.asarray(opened.stored)).sum() == 4


def test_history_leads_back(copied: Store) -> None:
    first = _masks(copied[NODULE])
    edit = MaskEdit(first)
    edit.begin([3])[...] = 0
    save_edit(edit, "A. Reader", "by mistake")
    back = restore_mask(copied[NODULE], first.id, first.patient.version, "A. Reader")
    np.testing.assert_array_equal(np.asarray(back.stored), np.asarray(first.stored))
    found = mask_history(copied[NODULE], first.id)
    assert list(found["version"]) == [5, 4, 3]
    assert list(found["who"]) == ["A. Reader", "A. Reader", ""]
    assert list(found["note"]) == ["back to version 3", "by mistake", ""]
    assert "Nodule, reader 4 0" in found["voxels"].iloc[1]


def test_algorithm_types_codes_fractions_and_new_segments(
    made: Callable[..., Patient], image_draft: Any, seg_draft: Any
) -> None:
    shape = (3, 8, 8)
    fractions = np.zeros(shape, np.uint8)
    fractions[1, 2:6, 2:6] = [50, 100, 150, 200]
    empty = np.zeros(shape, np.uint8)
    code = Code("4147007", "SCT", "Mass")
    segments = [
        SegmentDraft(1, "by machine", code, algorithm_type="AUTOMATIC", algorithm_name="nnU-Net"),
        SegmentDraft(2, "by hand", algorithm_type="MANUAL", color=(1, 2, 3)),
        SegmentDraft(3, "nobody knows"),
        SegmentDraft(4, "empty", algorithm_type="AUTOMATIC"),
        SegmentDraft(7, "untouched", algorithm_type="AUTOMATIC", algorithm_name="nnU-Net"),
    ]
    stack = {str(k): (empty if k == 3 else fractions) for k in range(5)}
    patient = made(
        image_draft("ct", np.zeros(shape, np.int16), np.eye(4)),
        seg_draft("seg", stack, np.eye(4), "ct", segments=segments, fraction_max=200),
    )
    edit = MaskEdit(_masks(patient))
    for position in range(4):
        edit.begin([position])[0, 0, position] = position + 1
    edit.begin([0])[1, 2, 5] = 0  # was 200
    edit.begin([1])[2, 7, 7] = 9  # a label that no segment has
    saved = save_edit(edit, "A. Reader")
    now, was = np.asarray(saved.stored), np.asarray(_masks(patient).stored)
    assert now.shape == (6, *shape)
    assert now[0, 0, 0, 0] == 200
    assert now[0, 1, 2, 5] == 0
    assert np.argwhere(now[0] != was[0]).tolist() == [[0, 0, 0], [1, 2, 5]]  # fractions stay
    np.testing.assert_array_equal(now[4], was[4])
    assert np.argwhere(now[5]).tolist() == [[2, 7, 7]]
    kinds = [(row["algorithm_type"], row["algorithm_name"]) for row in saved.segments]
    assert kinds[:5] == [
        ("SEMIAUTOMATIC", "nnU-Net; edited by hand"),
        ("MANUAL", None),
        ("SEMIAUTOMATIC", "unknown; edited by hand"),
        ("MANUAL", None),
        ("AUTOMATIC", "nnU-Net"),
    ]
    assert kinds[5][0] == "MANUAL"
    assert [row["number"] for row in saved.segments] == [1, 2, 3, 4, 7, 8]
    assert saved.labels[5] == "new segment 9"
    assert saved.codes["by machine"] == code
    assert saved.colors["by hand"] == (1, 2, 3)
    again = MaskEdit(saved)
    again.begin([0])[0, 1, 1] = 1
    twice = save_edit(again, "A. Reader")
    assert twice.segments[0]["algorithm_name"] == "nnU-Net; edited by hand"


def test_nobody_saves_nothing(copied: Store) -> None:
    edit = MaskEdit(_masks(copied[NODULE]))
    edit.begin([0])[5, 10, 10:14] = 1
    with pytest.raises(StoreError, match="say who you are"):
        save_edit(edit, "  ")
    assert copied[NODULE].version == 3
