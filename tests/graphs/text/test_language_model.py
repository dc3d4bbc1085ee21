"""The folder's weights are random: this proves the wiring, and says nothing of any accuracy."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from graphs.errors import ExtractionRefusedError, ModelFolderError

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

pytestmark = pytest.mark.slow  # transformers takes seconds to import

REPORT = "A nodule in the right lung. No effusion. 胸水。"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of one layer over bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    place = tmp_path_factory.mktemp("tiny")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {letter: number for number, letter in enumerate([*letters, "<end>"])}
    tokenizer = Tokenizer(models.BPE(words, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>").save_pretrained(place)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=4096,
        eos_token_id=words["<end>"],
        bos_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(place)
    return place


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a model was looked for in the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def extractor(folder: Path, **more: Any) -> Any:
    from graphs.text.language_model import LanguageModelExtractor

    return LanguageModelExtractor(folder, prompt="{report}", **more)


def test_an_answer_that_is_held_to_the_form_is_read(folder: Path) -> None:
    model = extractor(folder, device="cpu", most_tokens=700, most_findings=2)
    said = model.answer(REPORT)
    assert set(json.loads(said)) == {"findings"}
    found = model.extract(REPORT)
    assert all(REPORT[one.start : one.end] == one.text for one in found)
    assert model.answer(REPORT) == said
    digest = model.producer.checkpoint
    assert digest is not None
    assert len(digest) == 64
    assert model.producer.settings["temperature"] == 0


def test_the_hash_is_that_of_the_weights(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    first, second = extractor(folder), extractor(other)
    assert first.producer == second.producer
    with (other / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    assert extractor(other).producer.checkpoint != first.producer.checkpoint


def test_a_free_answer_of_random_weights_is_refused(folder: Path) -> None:
    with pytest.raises(ExtractionRefusedError, match="refused"):
        extractor(folder, device="cpu", constrained=False, most_tokens=40).extract(REPORT)


def test_an_answer_that_is_not_done_is_refused_as_cut_off(folder: Path) -> None:
    with pytest.raises(ExtractionRefusedError, match="cut off"):
        extractor(folder, device="cpu", most_tokens=9).extract(REPORT)


def test_a_report_that_is_too_long_is_refused(folder: Path) -> None:
    with pytest.raises(ExtractionRefusedError, match="tokens"):
        extractor(folder, device="cpu").extract(REPORT * 100)


def test_an_empty_report_has_no_findings(folder: Path) -> None:
    assert extractor(folder).extract(" \n") == []


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(folder: Path, tmp_path: Path, name: str) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / name).unlink()
    with pytest.raises(ModelFolderError, match=name):
        extractor(other)
