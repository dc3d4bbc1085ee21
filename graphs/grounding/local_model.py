"""LocalModel: a text-image model of the transformers library, from a local folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.errors import ModelFolderError
from graphs.model_folder import chosen_device, model_folder
from graphs.producer import Producer

_KINDS = ("clip", "siglip", "vision-text-dual-encoder")
_MOST_WORDS = 512


class LocalModel:
    """Patches of a vision transformer against a text, in their shared space.

    For BioViL-, BiomedCLIP- or RadZero-like models that were saved by ``save_pretrained`` as CLIP,
    SigLIP or a dual encoder. No code of the folder is run and nothing is fetched. The maps are as
    good as the weights are: a folder of random weights proves only that the parts fit.

    Parameters
    ----------
    folder : path
        With ``config.json``, ``model.safetensors`` and ``tokenizer.json``.
    device : str
        'auto' is CUDA where there is one.

    Attributes
    ----------
    producer : Producer
        With the sha256 of ``model.safetensors``.
    trained_on : str
        What ``config.json`` says under that name; 'unknown'.

    Raises
    ------
    ModelFolderError
        A file is missing, the model is of another kind, or its weights do not fit.
    """

    def __init__(self, folder: str | Path, device: str = "auto") -> None:

        place = model_folder(folder, ["tokenizer.json"])
        path, config, digest = place.folder, place.config, place.sha256
        kind = str(config.get("model_type"))
        if kind not in _KINDS:
            raise ModelFolderError(
                f"The folder holds a model of the type {kind!r}",
                expected=f"one of {_KINDS}, as save_pretrained writes it", where=str(path),
            )  # fmt: skip
        self._device = chosen_device(device)
        self._model, self._words = _load(path)
        self._model = self._model.to(self._device).eval()
        self.producer = Producer(f"transformers.{kind}", "1", digest, {"model_type": kind})
        self.trained_on = str(config.get("trained_on", "unknown"))

    def similarity(self, picture: NDArray[np.float32], text: str) -> NDArray[np.float32]:
        """Cosine of each patch with the text, on the pixels of the picture."""
        import torch
        from torch.nn import functional

        vision = getattr(self._model.config, "vision_config", None)
        size = int(getattr(vision, "image_size", 224))
        with torch.no_grad():
            given = torch.as_tensor(np.clip(picture, 0, 1).astype(np.float32), device=self._device)
            scaled = functional.interpolate(
                given[None, None], size=(size, size), mode="bilinear", align_corners=False
            )
            seen = self._patches((scaled * 2 - 1).expand(-1, 3, -1, -1))
            said = functional.normalize(self._text(text), dim=-1)
            cosine = (functional.normalize(seen, dim=-1) @ said[0])[0]
            side = int(np.sqrt(len(cosine)))
            grid = cosine[len(cosine) - side * side :].reshape(1, 1, side, side)
            large = functional.interpolate(
                grid, size=given.shape, mode="bilinear", align_corners=False
            )
        return np.asarray(large[0, 0].float().cpu().numpy(), np.float32)

    def _patches(self, pixels: Any) -> Any:
        """Patches ``(1, n, width)`` in the shared space; the class token goes first and is cut."""
        model = self._model
        states = model.vision_model(pixel_values=pixels).last_hidden_state
        if hasattr(model.vision_model, "post_layernorm") and model.config.model_type == "clip":
            states = model.vision_model.post_layernorm(states)
        project = getattr(model, "visual_projection", None)
        return states if project is None else project(states)

    def _text(self, text: str) -> Any:
        given = self._words(
            text, return_tensors="pt", truncation=True, max_length=self._longest()
        ).to(self._device)
        found = self._model.get_text_features(**given)
        return found if not hasattr(found, "pooler_output") else found.pooler_output

    def _longest(self) -> int:
        text = getattr(self._model.config, "text_config", None)
        return int(getattr(text, "max_position_embeddings", _MOST_WORDS))


def _load(path: Path) -> tuple[Any, Any]:
    from safetensors import SafetensorError
    from transformers import AutoModel, AutoTokenizer

    plain = {"local_files_only": True, "trust_remote_code": False}
    try:
        model, about = AutoModel.from_pretrained(
            path, use_safetensors=True, output_loading_info=True, **plain
        )
        words = AutoTokenizer.from_pretrained(path, **plain)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelFolderError(f"The model cannot be loaded: {error}", where=str(path)) from error
    # the library fills what is missing at random, and goes on
    lost = sorted({*about["missing_keys"], *map(str, about["mismatched_keys"])})
    if lost:
        raise ModelFolderError(
            f"The weights lack {len(lost)} of the model's: {', '.join(lost[:3])}", where=str(path)
        )
    return model, words
