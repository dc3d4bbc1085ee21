"""TextEncoder: sentences to vectors by a transformer from a local folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphs.encoders.encoder import Encoder
from graphs.encoders.transformer import Transformer
from graphs.errors import ModelFolderError
from graphs.model_folder import chosen_device, model_folder

_TOKENIZER = ("tokenizer.json", "vocab.txt", "spiece.model", "sentencepiece.bpe.model")
_POOLING = Path("1_Pooling") / "config.json"


class TextEncoder(Encoder):
    """The mean of the last layer's tokens, of length 1 (Reimers and Gurevych 2019).

    A text that is longer than the model reads is cut into windows, and its vector is the mean of
    theirs by their numbers of tokens: nothing of it is left unread.

    Parameters
    ----------
    folder : path
        As ``save_pretrained`` or sentence-transformers write it: ``config.json``,
        ``model.safetensors``, a tokenizer. ``1_Pooling/config.json`` may ask for the first token
        instead of the mean.
    device : str
        'auto' is CUDA where there is one.
    name : str, optional
        The folder's by default.
    batch : int
        Windows at once.
    most_tokens : int, optional
        Of a window; by default what ``sentence_bert_config.json`` or the model says.

    Raises
    ------
    ModelFolderError
        A file is missing, or it is no such model; the message names it. Weights are loaded when
        something is first encoded.
    """

    TAKES: ClassVar[str] = "text"

    def __init__(
        self, folder: str | Path, device: str = "auto", *, name: str = "", batch: int = 32,
        most_tokens: int | None = None,
    ) -> None:  # fmt: skip
        place = model_folder(folder)
        path, config = place.folder, place.config
        if not any((path / one).is_file() for one in _TOKENIZER):
            raise ModelFolderError(
                f"The model folder lacks a tokenizer: {' or '.join(_TOKENIZER)}", where=str(path)
            )
        self.dim = int(config.get("hidden_size") or config.get("dim") or 0)
        if not self.dim:
            raise ModelFolderError(
                f"The folder holds a model of the type {config.get('model_type')!r}",
                expected="an encoder of texts, with hidden_size", where=str(path),
            )  # fmt: skip
        self.name = name or (path.parent.name if path.name == "model" else path.name)
        self.sha256 = place.sha256
        said = _json(path / "sentence_bert_config.json").get("max_seq_length")
        longest = int(config.get("max_position_embeddings") or 512)
        self._tokens = min(int(most_tokens or said or longest), longest)
        self._first = bool(_json(path / _POOLING).get("pooling_mode_cls_token"))
        self._batch = batch
        self._device = chosen_device(device)
        self._model = Transformer(path, self._device, tokenizer=True)
        self.settings = {
            "pooling": "first token" if self._first else "mean", "tokens": self._tokens,
        }  # fmt: skip

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts; see `Encoder.encode`."""
        if not len(batch):
            return np.zeros((0, self.dim), np.float32)
        owner, windows = self._windows(batch)
        found = np.zeros((len(windows), self.dim), np.float32)
        # of like lengths together: padding costs as much as words
        order = np.argsort([len(one) for one in windows], kind="stable")
        for first in range(0, len(order), self._batch):
            some = order[first : first + self._batch]
            found[some] = self._run([windows[k] for k in some.tolist()])
        weight = np.array([len(one) for one in windows], np.float32)
        total = np.zeros((len(batch), self.dim), np.float32)
        np.add.at(total, owner, found * weight[:, None])
        length = np.linalg.norm(total, axis=1, keepdims=True)
        return np.asarray(total / np.maximum(length, 1e-12), np.float32)

    def _windows(self, batch: Sequence[str]) -> tuple[NDArray[np.int64], list[list[int]]]:
        """Token numbers of each window, and whose it is."""
        cut = self._model.tokenizer(
            list(batch), truncation=True, max_length=self._tokens, stride=0,
            return_overflowing_tokens=True, return_attention_mask=False,
        )  # fmt: skip
        owner = np.asarray(cut["overflow_to_sample_mapping"], np.int64)
        return owner, [list(one) for one in cut["input_ids"]]

    def _run(self, windows: list[list[int]]) -> NDArray[np.float32]:
        import torch

        pad = self._model.tokenizer.pad_token_id or 0
        longest = max(map(len, windows))
        ids = torch.full((len(windows), longest), pad)
        mask = torch.zeros((len(windows), longest), dtype=torch.long)
        for k, one in enumerate(windows):
            ids[k, : len(one)] = torch.tensor(one)
            mask[k, : len(one)] = 1
        ids, mask = ids.to(self._device), mask.to(self._device)
        with torch.inference_mode():
            states = self._model.network(input_ids=ids, attention_mask=mask).last_hidden_state
            if self._first:
                pooled = states[:, 0]
            else:
                held = mask[..., None].to(states.dtype)
                pooled = (states * held).sum(1) / held.sum(1).clamp(min=1)
            pooled = torch.nn.functional.normalize(pooled.float(), dim=1)
        return np.asarray(pooled.cpu().numpy(), np.float32)


def _json(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise ModelFolderError(f"{file.name} is no JSON: {error}", where=str(file)) from error
    return found if isinstance(found, dict) else {}
