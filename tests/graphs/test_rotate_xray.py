"""A patient from another side: exact with a CT, refused without, a flagged guess with a model."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.draft import ImageDraft
from graphs.errors import ModelFolderError, ProjectionError
from graphs.projection import Projection
from graphs.rotate_xray import rotate_xray
from graphs.rotation_model import FORMAT, RotationModel, rotation_network


def _patient(folder: Path, *, ct: bool, units: str = "HU") -> explorer.Patient:
    store = explorer.open(folder / "patients.onco", create=True)
    picture = np.random.default_rng(0).integers(0, 4000, (20, 24)).astype(np.int16)
    volume = np.zeros((4, 5, 6), np.int16)
    with store.transaction("phantom") as t:
        key = t.patient("phantom")
        t.put(key, ImageDraft(
            item="dx-1", modality="DX", name="chest", dims=("y", "x"), shape=picture.shape,
            dtype=picture.dtype, affine=np.eye(4), load=lambda: picture, sources=[],
            synthetic=True,
        ))  # fmt: skip
        if ct:
            t.put(key, ImageDraft(
                item="ct-1", modality="CT", name="chest", dims=("z", "y", "x"), units=units,
                shape=volume.shape, dtype=volume.dtype, affine=np.eye(4), load=lambda: volume,
                sources=[], synthetic=True,
            ))  # fmt: skip
    return store[key]


def test_with_a_ct_it_is_a_projection(tmp_path: Path) -> None:
    patient = _patient(tmp_path, ct=True)
    assert isinstance(rotate_xray(patient.images["ct-1"], 30.0), Projection)
    with pytest.raises(ProjectionError, match="project a CT of the patient: ct-1"):
        rotate_xray(patient.images["dx-1"], 30.0)


def test_a_ct_without_a_unit_is_one_where_a_person_says_so(tmp_path: Path) -> None:
    patient = _patient(tmp_path, ct=True, units="1")
    with pytest.raises(ProjectionError, match='unit="HU" where it is in HU: ct-1'):
        rotate_xray(patient.images["dx-1"], 30.0)
    with pytest.raises(ProjectionError, match='say so with unit="HU"'):
        rotate_xray(patient.images["ct-1"], 30.0)
    assert isinstance(rotate_xray(patient.images["ct-1"], 30.0, unit="HU"), Projection)


def test_without_one_it_is_refused_with_the_reason(tmp_path: Path) -> None:
    patient = _patient(tmp_path, ct=False)
    with pytest.raises(ProjectionError, match=r"what lies behind what.*no CT"):
        rotate_xray(patient.images["dx-1"], 30.0)


def test_a_models_guess_is_flagged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch: Any = pytest.importorskip("torch")
    from safetensors.torch import save_file

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a local model asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    folder = tmp_path / "model"
    folder.mkdir()
    with pytest.raises(ModelFolderError, match=r"model\.safetensors"):
        RotationModel(folder)
    torch.manual_seed(0)
    save_file(dict(rotation_network([4]).state_dict()), folder / "model.safetensors")
    config = {"format": FORMAT, "widths": [4], "kernel": 3}
    (folder / "config.json").write_text(json.dumps({**config, "widths": [5]}))
    with pytest.raises(ModelFolderError, match="does not fit"):
        RotationModel(folder)
    (folder / "config.json").write_text(json.dumps(config))
    model = RotationModel(folder, "cpu")
    patient = _patient(tmp_path, ct=False)
    guess = rotate_xray(patient.images["dx-1"], 30.0, model=model)
    assert not isinstance(guess, Projection)
    assert (guess.values != rotate_xray(patient.images["dx-1"], 60.0, model=model).values).any()
    with pytest.raises(ProjectionError, match="azimuth"):
        rotate_xray(patient.images["dx-1"], "LL", model=model)
    with patient.store.transaction("guess") as t:
        t.put(patient.key, guess.draft())
    kept = patient.store[patient.key].images[guess.draft().item]
    assert kept.synthetic
    assert kept.meta["predicted"]
    assert kept.meta["made_by"]["checkpoint"] == model.producer.checkpoint
    assert "made up" in kept.problems[0]
