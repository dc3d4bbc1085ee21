"""Label maps: overlaps are refused, resolved by order, or kept as regions; splits and layouts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import StoreError
from explorer.exports.label_map import LabelMaps
from explorer.store import Store

SHAPE = (1, 2, 3)
MASKS = st.lists(st.integers(0, 63), min_size=1, max_size=5)


@given(st.lists(MASKS, min_size=1, max_size=3))
def test_regions_keep_every_mask(cases: list[list[int]]) -> None:
    names = [f"s{k}" for k in range(5)]
    maps = LabelMaps(names, "regions")
    made = []
    for bits in cases:
        masks = {
            names[k]: np.array([code >> b & 1 for b in range(6)], bool).reshape(SHAPE)
            for k, code in enumerate(bits)
        }
        made.append((masks, maps.compose(masks.items(), SHAPE)[0]))
    labels = maps.labels()
    for masks, found in made:
        for name, mask in masks.items():
            values = labels.get(name, [])
            np.testing.assert_array_equal(np.isin(found, values), mask)


def test_the_later_label_wins_or_it_is_refused() -> None:
    masks = {"a": np.ones(SHAPE, bool), "b": np.zeros(SHAPE, bool)}
    masks["b"][0, 0] = True
    found, about = LabelMaps(["b", "a"], "order").compose(masks.items(), SHAPE)
    assert found.dtype == np.uint8
    assert (found == 2).all()
    assert about["overlapping_voxels"] == 3
    found, _ = LabelMaps(["a", "b"], "order").compose(masks.items(), SHAPE)
    assert found.tolist() == [[[2, 2, 2], [1, 1, 1]]]
    with pytest.raises(StoreError, match="3 voxels"):
        LabelMaps(["a", "b"], "refuse").compose(masks.items(), SHAPE)


def test_nnunet_and_monai_have_their_own_layout_and_the_splits_parts(
    overlapping: Store, tmp_path: Path, again: Callable[..., Store]
) -> None:
    cohort = overlapping.cohort()
    first, second = cohort.keys
    split = {"train": [first], "test": [second]}
    done = cohort.export(tmp_path / "n", "nnunet", split=split, overlap="regions", title="A b")
    root = done.folder / "Dataset001_A_b"
    said = json.loads((root / "dataset.json").read_text())
    assert said["channel_names"] == {"0": "CT"}
    assert (said["numTraining"], said["file_ending"]) == (1, ".nii.gz")
    assert set(said["labels"]) == {"background", "liver", "../../tumour"}
    assert len(said["regions_class_order"]) == 2
    assert json.loads((root / "splits_final.json").read_text()) == [{"train": [first], "val": []}]
    assert (root / f"imagesTr/{first}_0000.nii.gz").is_file()
    assert (root / f"imagesTs/{second}_0000.nii.gz").is_file()
    found = again(done)
    for key in (first, second):
        (old,), (new,) = (list(s[key].segmentations.values()) for s in (overlapping, found))
        assert new.synthetic
        for name in old.labels:
            np.testing.assert_array_equal(new.mask(name).values, old.mask(name).values)
    refused = cohort.export(tmp_path / "r", "monai", split=split)
    assert [one["patient"] for one in refused.left_out] == [second]
    lists = json.loads((refused.folder / "dataset.json").read_text())
    assert [one["label"] for one in lists["training"]] == [f"labelsTr/{first}.nii.gz"]
    assert lists["test"] == []
    data = nibabel.load(refused.folder / lists["training"][0]["label"])
    assert sorted(np.unique(np.asarray(data.dataobj))) == [1, 2]


@pytest.mark.slow
def test_monai_reads_the_datalist(overlapping: Store, tmp_path: Path) -> None:
    data = pytest.importorskip("monai.data")
    done = overlapping.cohort().export(tmp_path / "m", "monai", overlap="order")
    found = data.load_decathlon_datalist(done.folder / "dataset.json", True, "training")
    assert all(Path(one["image"]).is_file() and Path(one["label"]).is_file() for one in found)
    assert len(found) == 2


@pytest.mark.slow
def test_torchio_loads_the_subjects(overlapping: Store, tmp_path: Path) -> None:
    pytest.importorskip("torchio")
    done = overlapping.cohort().export(tmp_path / "t", "torchio")
    space: dict[str, Any] = {"__file__": str(done.folder / "load_subjects.py")}
    exec((done.folder / "load_subjects.py").read_text(), space)
    subjects = space["subjects_dataset"]("train")
    assert len(subjects) == 2
    old = next(iter(overlapping.cohort()))
    image = next(iter(old.images.values()))
    found = subjects[0]["ct"].data[0].numpy()  # x, y, z
    np.testing.assert_array_equal(found.T, image.data.values)
    assert {name for name in subjects[0] if name.startswith("mask_")} == {
        "mask_liver", "mask_tumour"}  # fmt: skip
