"""The last way to ground a finding: a model, or an abstention."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import explorer
from explorer.draft import ImageDraft
from graphs.errors import GroundingError
from graphs.finding import Finding
from graphs.grounding.heat_map import heat_map
from graphs.grounding.search import Search
from graphs.grounding.similarity import FOLDER, SimilarityGrounder
from graphs.producer import Producer

NODULE = Finding(0, 6, "bright nodule", "nodule", item="r-1", id="f-1")


class Brightness:
    """Finds what is bright, whatever the text says."""

    producer = Producer("brightness", "1", "00ff", {"seed": 3})
    trained_on = "nothing"

    def similarity(self, picture: NDArray[np.float32], text: str) -> NDArray[np.float32]:
        return np.asarray(np.clip(picture, 0, 1) * 0.9, np.float32)


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> explorer.Patient:
    store = explorer.open(tmp_path_factory.mktemp("similarity") / "patients.onco", create=True)
    ct = np.zeros((4, 6, 7), np.int16)
    ct[2, 3:5, 1:3] = 100
    flat = np.zeros((5, 5), np.int16)
    cine = np.zeros((2, 5, 5), np.int16)
    with store.transaction("phantom") as t:
        key = t.patient("phantom")
        for item, values, dims in (
            ("ct-1", ct, ("z", "y", "x")), ("cr-1", flat, ("y", "x")), ("us-1", cine, "tyx"),
        ):  # fmt: skip
            t.put(key, ImageDraft(
                item=item, modality=item[:2].upper(), name="phantom", dims=tuple(dims),
                shape=values.shape, dtype=values.dtype, affine=np.eye(4), sources=[],
                load=lambda values=values: values, synthetic=True,
            ))  # fmt: skip
    return store[key]


def test_the_hottest_region_of_all_images(patient: explorer.Patient) -> None:
    found = SimilarityGrounder(Brightness()).ground(NODULE, Search(patient))
    assert (found.status, found.region, found.geometry) == ("proposed", "lesion", "box3d")
    assert found.target == "images/ct-1#box=2:3,3:5,1:3"
    assert found.score == 0.9
    assert found.detail["predicted"]
    assert found.detail["checkpoint"] == "00ff"
    rejected = Search(patient, rejected=[found.target])
    assert SimilarityGrounder(Brightness()).ground(NODULE, rejected).status == "abstained"


def test_it_abstains(patient: explorer.Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    search = Search(patient)
    without = SimilarityGrounder().ground(NODULE, search)
    assert without.status == "abstained"
    assert FOLDER in without.reason
    low = SimilarityGrounder(Brightness(), threshold=0.95).ground(NODULE, search)
    assert low.status == "abstained"
    assert low.evidence[0].image_value == 0.9
    absent = SimilarityGrounder(Brightness()).ground(replace(NODULE, assertion="absent"), search)
    assert absent.status == "abstained"


def test_a_broken_folder_is_an_abstention_with_the_missing_file(
    patient: explorer.Patient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    found = SimilarityGrounder().ground(NODULE, Search(patient))
    assert found.status == "abstained"
    assert "model.safetensors" in found.reason


def test_a_cine_is_refused(patient: explorer.Patient) -> None:
    with pytest.raises(GroundingError, match="dims"):
        heat_map(Brightness(), patient.images["us-1"], "nodule")


def test_it_is_registered() -> None:
    (point,) = entry_points(group="oncograph.groundings", name="similarity")
    assert point.load() is SimilarityGrounder
