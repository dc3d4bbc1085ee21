"""Local model folders of the transformers library; random weights prove only the wiring."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphs.errors import ModelFolderError
from graphs.grounding.load_model import load_model

torch: Any = pytest.importorskip("torch")
transformers: Any = pytest.importorskip("transformers")

PICTURE = np.linspace(0, 1, 48 * 40, dtype=np.float32).reshape(48, 40)


def _words(folder: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    known = {name: n for n, name in enumerate(("[PAD]", "[UNK]", "[EOS]", "nodule", "left"))}
    tokenizer = Tokenizer(models.WordLevel(known, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", eos_token="[EOS]"
    ).save_pretrained(folder)


@pytest.fixture(scope="module", params=["clip", "siglip"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp(request.param)
    small = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1,
             "num_attention_heads": 2}  # fmt: skip
    text = {**small, "vocab_size": 8, "max_position_embeddings": 12, "eos_token_id": 2,
            "bos_token_id": 1, "pad_token_id": 0}  # fmt: skip
    vision = {**small, "image_size": 32, "patch_size": 8}
    torch.manual_seed(0)
    if request.param == "clip":
        config = transformers.CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)
        transformers.CLIPModel(config).save_pretrained(place)
    else:
        config = transformers.SiglipConfig(text_config=text, vision_config=vision)
        transformers.SiglipModel(config).save_pretrained(place)
    _words(place)
    return place


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a local model asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_it_loads_offline_with_its_hash(folder: Path) -> None:
    model = load_model(folder, "cpu")
    heat = model.similarity(PICTURE, "nodule left " * 40)
    assert heat.shape == PICTURE.shape
    assert np.abs(heat).max() <= 1.0 + 1e-6
    assert np.ptp(heat) > 0
    np.testing.assert_array_equal(heat, model.similarity(PICTURE, "nodule left " * 40))
    assert (heat != model.similarity(PICTURE, "left")).any()
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert model.producer.checkpoint == digest
    assert model.trained_on == "unknown"


def test_what_is_missing_or_another_model_is_named(folder: Path, tmp_path: Path) -> None:
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        place = tmp_path / name
        shutil.copytree(folder, place)
        (place / name).unlink()
        with pytest.raises(ModelFolderError, match=name):
            load_model(place, "cpu")
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "model_type": "llama"}))
    with pytest.raises(ModelFolderError, match="llama"):
        load_model(other, "cpu")
    with pytest.raises(ModelFolderError, match="No folder"):
        load_model(tmp_path / "nowhere")


def test_weights_that_are_not_all_there_are_refused(folder: Path, tmp_path: Path) -> None:
    """The library would fill them in at random."""
    from safetensors.torch import load_file, save_file

    place = tmp_path / "part"
    shutil.copytree(folder, place)
    state = load_file(place / "model.safetensors")
    lost = sorted(state)[3]
    del state[lost]
    save_file(state, place / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelFolderError, match="lack 1 of the model's"):
        load_model(place, "cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA: there is no such device")
def test_on_cuda_it_gives_the_same_map(folder: Path) -> None:
    maps = [load_model(folder, device).similarity(PICTURE, "nodule") for device in ("cpu", "cuda")]
    np.testing.assert_allclose(*maps, atol=1e-3)
