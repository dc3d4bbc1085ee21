"""The prostate MR with its SEG, a named person's facts, and synthetic patients to overlap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.exports.export_set import ExportedSet
from explorer.ingest import ingest
from explorer.store import Store

FORMULA = "=cmd|' /C calc'!A0"
HOW: dict[str, dict[str, Any]] = {
    "dicom-seg": {"series": True}, "nnunet": {"overlap": "regions"}, "monai": {"overlap": "regions"}
}  # fmt: skip
"""What the real patient's overlapping masks need."""


@pytest.fixture(scope="session")
def prostate(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One real patient (QIN-PROSTATE): oblique MR, four masks; facts that are made up."""
    place = tmp_path_factory.mktemp("exports") / "store"
    ingest(shared_data / "qin_prostate_pcampmri00001_adc_seg", place)
    store = explorer.open(place)
    (label,) = store
    with store.transaction("facts") as t:
        facts = [
            {"name": "psa", "value": "7.5", "number": 7.5, "unit": "ng/ml", "state": "present"},
            {"name": "gleason", "value": None, "state": "not acquired"},
            {"name": "remark", "value": FORMULA, "state": "present"},
            {"name": "seen", "value": "in March", "date": "2009-03-05", "state": "present"},
            {"name": "last_name", "value": "Mustermann", "state": "present"},
        ]
        t.add_facts(store[label].key, facts)
    return store


@pytest.fixture(scope="session")
def exported(
    prostate: Store, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], ExportedSet]:
    """The real patient in a format, written once for all tests that read it."""
    made: dict[str, ExportedSet] = {}

    def export(name: str) -> ExportedSet:
        if name not in made:
            folder = tmp_path_factory.mktemp("exported") / "out"
            how = {**HOW.get(name, {}), "licence": "CC BY 4.0"}
            made[name] = prostate.cohort().export(folder, name, **how)
        return made[name]

    return export


@pytest.fixture
def overlapping(store: Store, drafts: Any, put: Callable[..., Any]) -> Store:
    """Two synthetic patients; of the second the masks overlap."""
    for name, wide in (("Anna", 12), ("Bert/../x", 14)):
        masks = {n: np.zeros((2, 3, 4), bool) for n in ("liver", "../../tumour")}
        masks["liver"].reshape(-1)[:12] = True
        masks["../../tumour"].reshape(-1)[24 - wide :] = True
        put(name, drafts.image(file=f"{wide}.raw"), drafts.segmentation(masks), copy=True)
    return store


@pytest.fixture(scope="session")
def how() -> dict[str, dict[str, Any]]:
    """Options by format."""
    return HOW


@pytest.fixture(scope="session")
def again(tmp_path_factory: pytest.TempPathFactory) -> Callable[[ExportedSet], Store]:
    """Take an export into a store of its own."""

    def read(done: ExportedSet) -> Store:
        place = tmp_path_factory.mktemp("again") / "store"
        result = ingest(done.folder, place)
        assert not result.refused
        return explorer.open(place)

    return read


@pytest.fixture(scope="session")
def same() -> Callable[..., None]:
    """``same(old, new)``: the same voxels, affine, units and masks, whatever the items' ids."""

    def check(old: explorer.Patient, new: explorer.Patient, *, masks: bool = True) -> None:
        assert len(new.images) == len(old.images)
        for one, two in zip(old.images.values(), new.images.values(), strict=True):
            np.testing.assert_array_equal(two.data.values, one.data.values)
            np.testing.assert_allclose(two.affine, one.affine, atol=1e-3)
            assert (two.units, two.modality) == (one.units, one.modality)
        if not masks:
            return
        (given,), (found,) = (list(p.segmentations.values()) for p in (old, new))
        assert sorted(found.labels) == sorted(given.labels)
        assert found.image == next(iter(new.images))
        for label in given.labels:
            np.testing.assert_array_equal(found.mask(label).values, given.mask(label).values)

    return check
