from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.address import Address
from explorer.errors import AddressError, NotFoundError
from explorer.space import make_affine


@pytest.fixture
def anna(store: explorer.Store, put: Callable[..., Any], drafts: Any) -> explorer.Patient:
    patient = put(
        "Anna",
        drafts.image(intercept=-10.0, affine=make_affine([5, 6, 7], np.diag([1, 1, 2]))),
        drafts.segmentation(affine=make_affine([5, 6, 7], np.diag([1, 1, 2]))),
        drafts.image(
            np.arange(48, dtype="i2").reshape(2, 2, 3, 4), "mr-1", file="m", modality="MR"
        ),
        drafts.image(np.arange(12, dtype="i2").reshape(3, 4), "cr-1", file="c", modality="CR"),
    )
    with store.transaction("text") as t:
        t.add_text(patient.key, "r-1", "A 👩‍⚕️ sees: no lesion.")
        t.add_facts(patient.key, [{"name": "stage", "value": "II"}, {"name": "age", "value": 61}])
    return store["Anna"]


def test_a_voxel(anna: explorer.Patient) -> None:
    address = anna.images["CT"].address.at(voxel=(1, 2, 3))
    target = Address.parse(str(address)).resolve(anna.store)
    assert (target.value, target.units, target.point) == (13, "HU", (8, 8, 9))
    assert target.item.id == "ct-00000001"
    assert repr(target).endswith(": 13 HU at (8.0, 8.0, 9.0) mm LPS>")


def test_a_point(anna: explorer.Patient) -> None:
    address = anna.images["CT"].address.at(point=(8.4, 7.6, 9.9))
    target = address.resolve(anna.store)
    assert target.value == 13  # the nearest voxel, (1, 2, 3)
    assert target.point == (8.4, 7.6, 9.9)


def test_voxels_of_other_dims(anna: explorer.Patient) -> None:
    assert anna.images["MR"].address.at(voxel=(1, 1, 2, 3)).resolve(anna.store).value == 47
    assert anna.images["CR"].address.at(voxel=(2, 3)).resolve(anna.store).value == 11


def test_a_box_is_half_open(anna: explorer.Patient) -> None:
    box = ((0, 2), (1, 2), (2, 4))
    target = anna.images["CT"].address.at(box=box).resolve(anna.store)
    assert target.value.values.tolist() == [[[-4, -3]], [[8, 9]]]
    plane = anna.images["MR"].address.at(box=((0, 1), (0, 2))).resolve(anna.store)
    assert plane.value.shape == (2, 2, 1, 2)


def test_a_segment(anna: explorer.Patient) -> None:
    seg = anna.segmentations["SEG"]
    store = anna.store
    assert seg.address.resolve(store).value == ["lesion"]
    assert seg.address.at(label="lesion").resolve(store).value.sum() == 5
    assert seg.address.at(label="lesion", voxel=(0, 0, 0)).resolve(store).value is True
    assert seg.address.at(label="lesion", voxel=(0, 0, 1)).resolve(store).value is False
    assert seg.address.at(label="lesion", box=((0, 1), (0, 1), (0, 4))).resolve(
        store
    ).value.values.tolist() == [[[True, False, False, False]]]
    with pytest.raises(NotFoundError, match="liver"):
        seg.address.at(label="liver").resolve(store)


def test_characters_are_code_points(anna: explorer.Patient) -> None:
    report = anna.reports["r-1"]
    # the emblem is four code points, and five units of UTF-16
    start = report.text.index("no lesion")
    assert start == 13
    target = report.address.at(chars=(13, 22)).resolve(anna.store)
    assert target.value == "no lesion"
    assert report.address.resolve(anna.store).value == report.text


def test_a_fact(anna: explorer.Patient) -> None:
    target = Address(anna.key, "facts", "stage").resolve(anna.store)
    assert target.value["value"].tolist() == ["II"]


def test_an_address_keeps_its_version(anna: explorer.Patient, drafts: Any) -> None:
    address = anna.images["CT"].address.at(voxel=(1, 2, 3))
    assert address.version == 2
    with anna.store.transaction("replace") as t:
        t.put(anna.key, drafts.image(np.zeros((2, 3, 4), np.int16), file="new.raw"))
    assert address.resolve(anna.store).value == 13
    newest = Address(anna.key, "images", "ct-00000001", None, address.fragment)
    assert newest.resolve(anna.store).value == 0


@pytest.mark.parametrize(
    ("kind", "item", "fragment"),
    [
        ("images", "ct-00000001", {"voxel": (2, 0, 0)}),
        ("images", "ct-00000001", {"voxel": (0, 0)}),
        ("images", "ct-00000001", {"voxel": (0, 0, 0, 0)}),
        ("images", "ct-00000001", {"point": (4.4, 6.0, 7.0)}),
        ("images", "ct-00000001", {"box": ((0, 3), (0, 1), (0, 1))}),
        ("images", "cr-1", {"point": (0.0, 0.0, 0.0)}),
        ("images", "cr-1", {"box": ((0, 1), (0, 1), (0, 1))}),
        ("segmentations", "seg-00000001", {"label": "lesion", "voxel": (9, 9, 9)}),
        ("reports", "r-1", {"chars": (0, 9999)}),
        ("thoughts", "t-1", {}),
    ],
)
def test_what_points_outside(
    anna: explorer.Patient, kind: str, item: str, fragment: dict[str, Any]
) -> None:
    with pytest.raises(AddressError):
        Address(anna.key, kind, item, None, fragment).resolve(anna.store)


def test_what_is_not_there(anna: explorer.Patient) -> None:
    for address in (
        Address("nobody", "images", "ct-00000001"),
        Address(anna.key, "images", "ct-none"),
        Address(anna.key, "images", "ct-00000001", 99),
    ):
        with pytest.raises(NotFoundError):
            address.resolve(anna.store)
    with pytest.raises(AddressError, match="not a patient's"):
        Address("~", "cohort", "lung").resolve(anna.store)
