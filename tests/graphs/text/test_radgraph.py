"""The folder's weights are random: this proves the wiring, and says nothing of any accuracy."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from graphs.errors import ModelFolderError

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytestmark = pytest.mark.slow  # transformers takes seconds to import

REPORT = "FINDINGS: A small nodule in the right lung. No effusion.\nIMPRESSION: Possible cancer."
LABELS = ["O"] + [f"{b}-{n}" for n in ("OBS-DP", "OBS-DA", "OBS-U", "ANAT-DP") for b in "BI"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of one layer over the words of the report."""
    from safetensors.torch import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

    place = tmp_path_factory.mktemp("tiny")
    words = ["[UNK]", "[PAD]", *sorted(set(REPORT.replace(".", " . ").replace(":", " : ").split()))]
    tokenizer = Tokenizer(models.WordLevel({w: n for n, w in enumerate(words)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    made = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]")
    made.save_pretrained(place)
    torch.manual_seed(4)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=64,
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
        initializer_range=2.0,
    )
    BertForTokenClassification(config).save_pretrained(place)
    head = {"weight": torch.randn(4, 32), "bias": torch.zeros(4)}
    save_file(head, place / "relation_head.safetensors")
    return place


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a model was looked for in the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def extractor(folder: Path, **more: Any) -> Any:
    from graphs.text.radgraph import RadgraphExtractor

    return RadgraphExtractor(folder, device="cpu", **more)


def test_findings_of_random_weights_slice_back_and_repeat(folder: Path) -> None:
    model = extractor(folder)
    found = model.extract(REPORT)
    assert found
    for number, one in enumerate(found):
        assert REPORT[one.start : one.end] == one.text
        assert one.section in ("findings", "impression")
        assert one.sentence_start <= one.start < one.end <= one.sentence_end
        for relation in one.relations:
            assert 0 <= int(relation.other) < len(found)
            assert int(relation.other) != number
        if one.location:
            start, end = one.detail["location"]
            assert REPORT[start:end] == one.location
    assert model.extract(REPORT) == found
    assert len(model.producer.checkpoint or "") == 64


def test_without_relations_no_head_is_needed(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "relation_head.safetensors").unlink()
    assert all(not one.relations for one in extractor(other, relations=False).extract(REPORT))


@pytest.mark.parametrize(
    "name", ["config.json", "tokenizer.json", "model.safetensors", "relation_head.safetensors"]
)
def test_a_missing_file_is_named(folder: Path, tmp_path: Path, name: str) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / name).unlink()
    with pytest.raises(ModelFolderError, match=name):
        extractor(other)


def test_other_labels_and_heads_are_refused(folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    other = tmp_path / "other"
    shutil.copytree(folder, other)
    save_file({"weight": torch.zeros(4, 3)}, other / "relation_head.safetensors")
    with pytest.raises(ModelFolderError, match=r"weight of the shape \(4, 32\)"):
        extractor(other).extract(REPORT)
    config = json.loads((other / "config.json").read_text())
    config["id2label"]["1"] = "B-PER"
    (other / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelFolderError, match="B-PER"):
        extractor(other)
