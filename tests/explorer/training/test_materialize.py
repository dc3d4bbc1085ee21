"""Training chunks: what was written is what the image holds, and every voxel leads back."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

import explorer
from explorer.address import Address
from explorer.compact import compact
from explorer.erase import erase
from explorer.errors import OncographError, StoreError
from explorer.layout import training_path
from explorer.space import index_to_lps
from explorer.store import open_store
from explorer.training.volume import TrainingVolume
from explorer.training.write_volume import write_volume
from explorer.verify import verify

RNG = np.random.default_rng(3)
SHAPE = (21, 30, 27)
TURNED = np.array(
    [[0.0, 1.1, 0.3, -20.0], [-0.9, 0.0, 0.2, 5.0], [0.1, 0.0, 2.5, 40.0], [0, 0, 0, 1]]
)


def some(affine: Any = None) -> dict[str, Any]:
    """Fields of a synthetic image on an oblique grid."""
    return {"affine": TURNED if affine is None else affine, "frame_of_reference": "1.2.3"}


@pytest.fixture
def anna(put: Callable[..., Any], drafts: Any) -> Callable[..., explorer.Patient]:
    """Puts a patient with a CT and masks that overlap."""

    def make(name: str = "Anna", **fields: Any) -> explorer.Patient:
        values = RNG.integers(-1000, 2000, SHAPE).astype(np.int16)
        lesion = np.zeros(SHAPE, bool)
        lesion[5:9, 6:12, 7:20] = True
        masks = {"Lesion": lesion, "organ": np.roll(lesion, 2, 1), "nothing": lesion & False}
        given = {**some(), **fields}
        tag = name.casefold()
        ct = drafts.image(values, item=f"ct-{tag}", file=f"{tag}.raw", **given)
        seg = drafts.segmentation(masks, item=f"seg-{tag}", image=f"ct-{tag}", **given)
        return put(name, ct, seg)

    return make


def test_on_its_own_grid_every_value_stays(store: explorer.Store, anna: Any) -> None:
    patient = anna()
    made = store.cohort().materialize(chunks=(8, 16, 16))
    (volume,) = made
    assert (made.made, made.kept, made.left) == (1, 0, [])
    image = patient.images["CT"]
    np.testing.assert_array_equal(volume.image("CT").read(), image.data.values)
    assert volume.image("CT").dtype == np.int16
    np.testing.assert_allclose(volume.affine, image.affine)
    for k, one in enumerate(volume.masks):
        mask = patient.segmentations["seg-anna"].mask(one["label"]).values
        np.testing.assert_array_equal(volume.mask(k).read(), mask)
        assert one["voxels"] == mask.sum() == len(volume.foreground(k))
        assert mask[tuple(volume.foreground(k).T)].all()
    # any Zarr library reads the same
    group = zarr.open_group(str(volume.place), mode="r")
    np.testing.assert_array_equal(group["images/0"][...], image.data.values)
    np.testing.assert_array_equal(group["masks"][0], volume.mask(0).read())
    assert volume.synthetic
    assert volume.about["software"]["zarr"] == zarr.__version__


@pytest.mark.parametrize("chunks", [(8, 8, 8), (64, 64, 64), (5, 7, 30)])
def test_any_box_is_that_of_the_image(store: explorer.Store, anna: Any, chunks: Any) -> None:
    patient = anna()
    (volume,) = store.cohort().materialize(chunks=chunks, masks=None)
    values = patient.images["CT"].data.values
    for _ in range(40):
        starts = [int(RNG.integers(0, n)) for n in SHAPE]
        box = [(a, int(RNG.integers(a + 1, n + 1))) for a, n in zip(starts, SHAPE, strict=True)]
        part = values[tuple(slice(a, b) for a, b in box)]
        np.testing.assert_array_equal(volume.image("CT").read(box), part)
        out = np.empty(part.shape, np.float32)
        volume.image("CT").read_into(out, box)
        np.testing.assert_array_equal(out, part)


def test_it_is_not_done_again(store: explorer.Store, anna: Any) -> None:
    patient = anna()
    first = store.cohort().materialize(2.0)
    with store.transaction("a fact more") as t:
        t.set_attributes(patient.key, note="seen")
    again = store.cohort().materialize((2, 2, 2))
    assert (first.made, again.made, again.kept) == (1, 0, 1)
    assert again[0].place == first[0].place
    assert again[0].version == 2  # addresses name the version that was asked for
    assert store.cohort().materialize(2.0, dtype="float16").made == 1
    compact(store, grace_s=0)
    assert store.cohort().materialize(2.0, dtype="float16").kept == 1


def test_every_voxel_leads_back_to_the_source(store: explorer.Store, anna: Any) -> None:
    patient = anna()
    (volume,) = store.cohort().materialize((2.0, 1.5, 1.5), orientation="RAS")
    image = patient.images["CT"]
    box = ((3, 9), (4, 12), (5, 11))
    address = volume.source_address("CT", box)
    assert Address.parse(str(address)) == address
    assert (address.item, address.version) == (image.id, patient.version)
    assert address.resolve(store).patient.key == patient.key
    corner = index_to_lps(volume.affine, np.asarray(box, float)[:, 0])
    spans = np.asarray(address.fragment["box"], float)
    inside = np.linalg.solve(image.affine[:3, :3], corner - image.affine[:3, 3])[::-1]
    assert (inside >= spans[:, 0] - 0.5).all()
    assert (inside <= spans[:, 1] - 0.5).all()


def test_turning_alone_interpolates_nothing(store: explorer.Store, anna: Any) -> None:
    patient = anna(**some(np.diag([1.0, -2.0, 3.0, 1.0])))
    (volume,) = store.cohort().materialize(orientation="RPI", masks=None)
    values = patient.images["CT"].data.values
    np.testing.assert_array_equal(volume.image("CT").read(), values[::-1, ::-1, ::-1])
    (swapped,) = store.cohort().materialize(orientation="SPL", masks=None)
    np.testing.assert_array_equal(swapped.image("CT").read(), values[:, ::-1].transpose(2, 1, 0))


def test_what_lies_in_the_frame_is_laid_onto_it_and_what_does_not_is_absent(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    ramp = np.indices((10, 12, 14)).sum(0).astype(np.float32)
    ct = drafts.image(np.zeros((20, 24, 28), np.int16), **some(np.diag([1, 1, 1, 1.0])))
    half = np.diag([2, 2, 2, 1.0])
    half[:3, 3] = 0.5
    pet = drafts.image(
        ramp, "pt-1", file="pt.raw", modality="PT", units="SUVbw",
        **some(half),
    )  # fmt: skip
    other = drafts.image(
        ramp, "mr-1", file="mr.raw", modality="MR", affine=half, frame_of_reference="9.9"
    )
    put("Anna", ct, pet, other)
    put("Berta", drafts.image(ramp, "mr-2", file="b.raw", modality="MR", affine=half))
    made = store.cohort().materialize(images=("CT", "PT", "MR"))
    assert [one.modalities for one in made] == [("CT", "PT"), ("MR",)]
    assert made[0].absent == {"MR": "absent: in another frame of reference"}
    assert made[1].absent == {"CT": "absent: no such image", "PT": "absent: no such image"}
    found = made[0].image("PT").read()
    at = (np.indices((20, 24, 28)) - 0.5) / 2
    expected = sum(np.clip(at[k], 0, n - 1) for k, n in enumerate(ramp.shape))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_type_that_cannot_hold_the_values_is_refused(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    put("Anna", drafts.image(np.full((2, 3, 4), 3000, np.int16)))
    made = store.cohort().materialize(dtype="uint8")
    assert len(made) == 0
    assert "3000" in made.left[0]["why"]
    assert "left: " in made._repr_html_()
    with pytest.raises(StoreError, match="float16"):
        store.cohort().materialize(dtype="complex64")
    with pytest.raises(StoreError, match="float99"):
        store.cohort().materialize(dtype="float99")


def test_half_a_volume_is_never_seen(
    store: explorer.Store, anna: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna("Anna")
    anna("Berta")
    calls = []

    def stopped(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return write_volume(*args)

    monkeypatch.setattr("explorer.training.materialize.write_volume", stopped)
    with pytest.raises(KeyboardInterrupt):
        store.cohort().materialize()
    monkeypatch.undo()
    again = store.cohort().materialize()
    assert (again.made, again.kept) == (1, 1)
    place = again[1].place
    (place / "zarr.json").delete()  # as a kill before the last file leaves it
    assert TrainingVolume.open(place, 1) is None
    assert store.cohort().materialize().made == 1


def test_damage_is_found_and_told(store: explorer.Store, anna: Any) -> None:
    patient = anna()
    (volume,) = store.cohort().materialize(chunks=(8, 8, 8))
    assert verify(store).ok
    file = Path(volume.image("CT").place.url)
    data = bytearray(file.read_bytes())
    data[200] ^= 1
    file.write_bytes(data)
    with pytest.raises(StoreError, match="not what was written"):
        volume.image("CT").read()
    (fault,) = verify(store).faults
    assert fault["item"] == patient.images["CT"].id
    file.unlink()
    with pytest.raises(OncographError, match="gone"):
        volume.check()


def test_it_goes_with_the_patient_and_with_the_voxels(
    store: explorer.Store, anna: Any, put: Callable[..., Any], drafts: Any
) -> None:
    patient = anna()
    old = store.cohort()
    made = old.materialize(masks=None)
    again = drafts.image(np.ones(SHAPE, np.int16), item="ct-anna", file="new.raw", **some())
    put("Anna", again)
    new = store.cohort().materialize(masks=None)
    assert new.made == 1
    np.testing.assert_array_equal(new[0].image("CT").read(), np.ones(SHAPE))
    assert old.materialize(masks=None).kept == 1  # the cohort is of the version before
    compact(store, grace_s=0)
    assert made[0].place.exists()  # that version is in the history
    compact(store, grace_s=0, expire_before="2999-01-01")
    assert not made[0].place.exists()
    assert new[0].place.exists()
    erase(store, "Anna")
    assert not training_path(store.place, patient.key).exists()


def test_a_volume_goes_to_other_processes(store: explorer.Store, anna: Any) -> None:
    anna()
    (volume,) = store.cohort().materialize()
    there = pickle.loads(pickle.dumps(volume))
    np.testing.assert_array_equal(there.mask(0).read(), volume.mask(0).read())
    assert "Anna" in store.cohort().materialize()._repr_html_()


def test_a_store_on_s3_has_the_same_volumes(s3: str, tmp_path: Path, drafts: Any) -> None:
    values = RNG.integers(-1000, 2000, SHAPE).astype(np.int16)
    mask = values > 500
    given = {**some(), "item": "ct-1", "file": "a.raw"}
    made = []
    for place in (s3, tmp_path / "here"):
        store = open_store(place, create=True)
        with store.transaction("test") as t:
            key = t.patient("Anna", synthetic=True)
            t.put(key, drafts.image(values, **given), copy=True)
            t.put(key, drafts.segmentation({"bright": mask}, image="ct-1", **some()), copy=True)
        (volume,) = store.cohort().materialize()
        again = store.cohort().materialize()
        assert (again.made, again.kept) == (0, 1)
        there = pickle.loads(pickle.dumps(volume))
        made.append((there.image("CT").read(), there.mask(0).read()))
    for far, near in zip(*made, strict=True):
        np.testing.assert_array_equal(far, near)
