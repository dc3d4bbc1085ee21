from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from graphs.errors import ModelFolderError
from graphs.model_folder import model_folder


def make(folder: Path, **files: bytes) -> Path:
    for name, body in files.items():
        (folder / name.replace("__", "-").replace("_DOT_", ".")).write_bytes(body)
    return folder


def test_one_file_of_weights(tmp_path: Path) -> None:
    make(
        tmp_path, config_DOT_json=b'{"a": 1}', model_DOT_safetensors=b"x", tokenizer_DOT_json=b"{}"
    )
    found = model_folder(tmp_path, ["tokenizer.json"])
    assert found.config == {"a": 1}
    assert found.sha256 == hashlib.sha256(b"x").hexdigest()


def test_weights_in_parts(tmp_path: Path) -> None:
    parts = {"w1": "model-1.safetensors", "w2": "model-2.safetensors"}
    index = json.dumps({"weight_map": parts}).encode()
    make(tmp_path, config_DOT_json=b"{}", model_DOT_safetensors_DOT_index_DOT_json=index)
    make(tmp_path, model__1_DOT_safetensors=b"x")
    with pytest.raises(ModelFolderError, match=r"lacks model-2\.safetensors"):
        model_folder(tmp_path)
    make(tmp_path, model__2_DOT_safetensors=b"y")
    assert len(model_folder(tmp_path).sha256) == 64
    with pytest.raises(ModelFolderError, match=r"lacks model\.safetensors"):
        model_folder(tmp_path, parts=False)


@pytest.mark.parametrize(
    ("config", "said"), [(b"[]", "no JSON object"), (b"{", "no JSON"), (b"\xff", "no JSON")]
)
def test_a_config_that_is_none(tmp_path: Path, config: bytes, said: str) -> None:
    make(tmp_path, config_DOT_json=config, model_DOT_safetensors=b"x")
    with pytest.raises(ModelFolderError, match=said):
        model_folder(tmp_path)


def test_an_index_that_leaves_the_folder(tmp_path: Path) -> None:
    index = b'{"weight_map": {"w": "../secret"}}'
    make(tmp_path, config_DOT_json=b"{}", model_DOT_safetensors_DOT_index_DOT_json=index)
    with pytest.raises(ModelFolderError, match="no files of the folder"):
        model_folder(tmp_path)


def test_pickled_weights_do_not_count(tmp_path: Path) -> None:
    make(tmp_path, config_DOT_json=b"{}", pytorch_model_DOT_bin=b"x")
    with pytest.raises(ModelFolderError, match=r"model\.safetensors.*can run code"):
        model_folder(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="No folder"):
        model_folder(tmp_path / "none")
