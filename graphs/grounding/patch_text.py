"""PatchText: a small model that compares patches of a picture with words; it trains here."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from graphs.errors import ModelFolderError
from graphs.model_folder import CONFIG, WEIGHTS, chosen_device, model_folder
from graphs.producer import Producer

FORMAT = "oncograph.patch_text"
_WORD = re.compile(r"[^\W_]+")


class PatchText(nn.Module):
    """Two encoders into one space: patches by convolutions, texts by hashed words.

    What a text says is the mean of its words' vectors, and is compared with a patch and its
    neighbours by the cosine; where it says it to be ('left') is a slope over the picture. An
    unknown word has a vector too.

    Parameters
    ----------
    width : int
        Of the shared space.
    buckets : int
        Words are hashed into so many.
    settings : dict, optional
        What training depended on (seed, phantoms, steps); kept in ``config.json``.
    """

    def __init__(
        self, width: int = 32, buckets: int = 2048, settings: dict[str, Any] | None = None
    ) -> None:
        super().__init__()
        self.width, self.buckets = width, buckets
        self.settings = dict(settings or {})
        self.trained_on = str(self.settings.get("trained_on", "nothing"))
        self.producer = Producer("oncograph.patch_text", "1", None, self.settings)
        # even kernels: the middle of a patch is the middle of its 4 x 4 pixels. The patches see
        # 12 pixels only, or the best place would lie beside what it speaks of.
        self.patches = nn.Sequential(
            nn.Conv2d(1, 16, 6, stride=2, padding=2), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 32, 4, stride=2, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 32, 1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, width, 1),
        )  # fmt: skip
        self.words = nn.EmbeddingBag(buckets, width, mode="mean")
        self.text = nn.Sequential(nn.GELU(), nn.Linear(width, width))
        self.where = nn.EmbeddingBag(buckets, 2, mode="mean")
        nn.init.zeros_(self.where.weight)
        self.scale = nn.Parameter(torch.tensor(8.0))
        self.bias = nn.Parameter(torch.tensor(-7.0))

    def _bags(self, texts: list[str]) -> tuple[Tensor, Tensor]:
        numbers: list[int] = []
        starts: list[int] = []
        for text in texts:
            starts.append(len(numbers))
            words = _WORD.findall(text.casefold()) or [""]
            numbers += [
                zlib.crc32(word.encode("utf-8", "replace")) % self.buckets for word in words
            ]
        device = self.scale.device
        return torch.tensor(numbers, device=device), torch.tensor(starts, device=device)

    def places(self, pictures: Tensor, texts: list[str]) -> Tensor:
        """Compare each patch of each picture with each text.

        Parameters
        ----------
        pictures : Tensor, (n, y, x)
            0 to 1.
        texts : list of str

        Returns
        -------
        Tensor, (n, texts, y / 4, x / 4)
            Logits.
        """
        seen = functional.normalize(self.patches(pictures[:, None] * 2 - 1), dim=1)
        bags = self._bags(texts)
        said = functional.normalize(self.text(self.words(*bags)), dim=1)
        cosine = torch.einsum("ndyx,td->ntyx", seen, said)
        cosine = functional.avg_pool2d(cosine, 3, 1, 1, count_include_pad=False)
        ranges = [torch.linspace(-1, 1, n, device=seen.device) for n in seen.shape[-2:]]
        at = torch.stack(torch.meshgrid(*ranges, indexing="ij"))
        slope = torch.einsum("tc,cyx->tyx", self.where(*bags) * 8, at)
        return cosine * self.scale + slope + self.bias

    def scores(self, pictures: Tensor, texts: list[str]) -> Tensor:
        """How well each picture has what each text says, ``(pictures, texts)``: logits.

        The best places decide, softly.
        """
        return torch.logsumexp(self.places(pictures, texts).flatten(2), dim=-1)

    @torch.no_grad()
    def similarity(self, picture: NDArray[np.float32], text: str) -> NDArray[np.float32]:
        """Compare each place of a picture with a text; see `TextImageModel`."""
        self.eval()
        given = torch.as_tensor(np.asarray(picture, np.float32), device=self.scale.device)[None]
        found = torch.sigmoid(self.places(given, [text]))
        large = functional.interpolate(
            found, size=given.shape[-2:], mode="bilinear", align_corners=False
        )
        return np.asarray(large[0, 0].cpu().numpy(), np.float32)

    def save(self, folder: str | Path) -> Path:
        """Write ``model.safetensors`` and ``config.json``.

        Parameters
        ----------
        folder : path
            Made where it is missing.
        """
        from safetensors.torch import save_file

        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        state = {
            name: value.detach().cpu().contiguous() for name, value in self.state_dict().items()
        }
        save_file(state, path / WEIGHTS)
        config = {
            "format": FORMAT, "version": 1, "width": self.width, "buckets": self.buckets,
            "settings": self.settings,
        }  # fmt: skip
        (path / CONFIG).write_text(json.dumps(config, indent=1, sort_keys=True), "utf-8")
        return path

    @classmethod
    def load(cls, folder: str | Path, device: str = "auto") -> PatchText:
        """Read what `save` wrote; the weights' sha256 goes into `producer`.

        Raises
        ------
        ModelFolderError
            A file is missing, or it is another model.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        place = model_folder(folder, parts=False)
        path, config, digest = place.folder, place.config, place.sha256
        place.expect(FORMAT)
        try:
            model = cls(int(config["width"]), int(config["buckets"]), config.get("settings"))
            model.load_state_dict(load_file(path / WEIGHTS))
        except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
            raise ModelFolderError(
                f"{WEIGHTS} does not fit {CONFIG}: {error}", where=str(path)
            ) from error
        model.producer = Producer("oncograph.patch_text", "1", digest, model.settings)
        return model.to(chosen_device(device)).eval()
