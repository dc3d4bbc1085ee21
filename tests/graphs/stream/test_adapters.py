"""MONAI and TorchIO see the same voxels at the same places, on an oblique grid too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphs
from explorer.ingest import ingest
from explorer.space import index_to_lps
from explorer.store import Store, open_store

torch = pytest.importorskip("torch")

_RAS = (("L", "R"), ("P", "A"), ("I", "S"))  # named, since MONAI warns of its new default


@pytest.fixture(scope="module")
def oblique(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A real prostate ADC map, whose planes are turned against the patient."""
    folder = shared_data / "qin_prostate_pcampmri00001_adc_seg"
    if not folder.is_dir():
        pytest.skip(f"needs the shared data: no folder {folder}")
    store = open_store(tmp_path_factory.mktemp("oblique") / "patients.onco", create=True)
    ingest(folder, store, copy=True)
    return store


@pytest.fixture
def patch(oblique: Store) -> dict[str, Any]:
    made = graphs.dataset(
        oblique.cohort(), modalities=("MR",), patch=(8, 48, 40), sampling="labels",
        masks=[oblique.cohort().materialize(images="MR")[0].masks[0]["label"]],
    )  # fmt: skip
    return next(iter(made))


def _same_place(image: Any, affine: Any, patch: dict[str, Any]) -> None:
    """Each corner's RAS point by their affine is our LPS point; the values are the same."""
    ours = patch["affine"].numpy()
    assert abs(ours[:3, :3] - np.diag(np.diag(ours)[:3])).max() > 0.01  # oblique indeed
    for z, y, x in ((0, 0, 0), (7, 0, 39), (3, 47, 5)):
        lps = index_to_lps(ours, (z, y, x))
        ras = (np.asarray(affine) @ (x, y, z, 1))[:3]
        np.testing.assert_allclose(ras, lps * (-1, -1, 1), atol=1e-6)
        assert image[0, x, y, z] == patch["MR"][0, z, y, x]


def test_monai(patch: dict[str, Any], oblique: Store) -> None:
    pytest.importorskip("monai")
    from monai.data import Dataset
    from monai.transforms import Compose, Orientationd

    from graphs.stream.to_monai import from_monai, to_monai

    theirs = to_monai(patch)
    _same_place(theirs["MR"], theirs["MR"].affine, patch)
    back = from_monai(theirs)
    for name in ("MR", "masks", "affine"):
        assert torch.allclose(back[name].double(), patch[name].double())
    # MONAI's own reorientation lands where the patient's axes are
    turned = from_monai(Orientationd(["MR", "masks"], axcodes="LPS", labels=_RAS)(theirs))
    at = np.argwhere(turned["masks"][0].numpy()).mean(axis=0)
    was = np.argwhere(patch["masks"][0].numpy()).mean(axis=0)
    np.testing.assert_allclose(
        index_to_lps(turned["affine"], at), index_to_lps(patch["affine"], was), atol=1e-6
    )
    whole = Dataset(list(oblique.cohort().materialize(images="MR")), Compose([to_monai]))[0]
    assert whole["MR"].shape[1:] == oblique.cohort().materialize(images="MR")[0].shape[::-1]


def test_torchio(patch: dict[str, Any]) -> None:
    torchio = pytest.importorskip("torchio")

    from graphs.stream.to_torchio import from_torchio, to_torchio

    subject = to_torchio(patch)
    assert isinstance(subject, torchio.Subject)
    _same_place(subject["MR"].data, subject["MR"].affine, patch)
    back = from_torchio(subject)
    for name in ("MR", "masks"):
        assert torch.equal(back[name], patch[name])
    np.testing.assert_allclose(np.asarray(back["affine"]), patch["affine"].numpy(), atol=1e-6)
