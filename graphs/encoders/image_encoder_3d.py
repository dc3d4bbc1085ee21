"""ImageEncoder3d: volumes to vectors by a network from a local folder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from explorer.image import Image
from explorer.resample_linear import resample_linear
from explorer.space import index_to_lps
from graphs.encoders.conv_network import load_conv_network
from graphs.encoders.encoder import Encoder
from graphs.encoders.transformer import Transformer
from graphs.errors import ExamplesError
from graphs.model_folder import chosen_device, model_folder

FORMAT = "oncograph.conv3d"
_VIDEO = "videomae"


class ImageEncoder3d(Encoder):
    """A network over a volume that is brought to the network's own grid.

    Two kinds of folders, both without code: ``{"format": "oncograph.conv3d", "widths": [16, 32],
    "shape": [32, 64, 64], "spacing_mm": [8, 6, 6], "window": [-1000, 1000]}``, a network of
    `conv_network`; and VideoMAE of the transformers library (the slices are its frames), whose
    ``config.json`` has ``spacing_mm`` and ``window`` added. torch.export and pickled networks are
    not read: loading them can run code. A folder of random weights proves only the wiring.

    Parameters
    ----------
    folder : path
        With ``config.json`` and ``model.safetensors``.
    device : str
        'auto' is CUDA where there is one.
    name : str, optional

    Raises
    ------
    ModelFolderError
        A file is missing, or it is another model.
    """

    TAKES: ClassVar[str] = "volume"

    def __init__(self, folder: str | Path, device: str = "auto", *, name: str = "") -> None:
        place = model_folder(folder)
        config = place.config
        self._video = config.get("model_type") == _VIDEO
        place.expect(FORMAT, _VIDEO)
        self._place, self._device = place, chosen_device(device)
        with place.reading():
            if self._video:
                side = int(config["image_size"])
                self._shape = (int(config["num_frames"]), side, side)
                self.dim = int(config["hidden_size"])
            else:
                z, y, x = (int(n) for n in config["shape"])
                self._shape = (z, y, x)
                self.dim = int(config["widths"][-1])
            self._spacing = tuple(float(n) for n in config["spacing_mm"])
            low, high = (float(n) for n in config["window"])
        self._low, self._high = low, high
        self.name, self.sha256 = name or place.folder.name, place.sha256
        self.settings = {
            "shape": list(self._shape), "spacing_mm": list(self._spacing), "window": [low, high],
        }  # fmt: skip

    def prepared(self, image: Image) -> NDArray[np.float32]:
        """Bring a volume to the network's grid, around its middle and along LPS.

        Of a series of volumes the first.

        Parameters
        ----------
        image : Image
            Of dims ``[t,]z,y,x``.

        Returns
        -------
        ndarray of float32, shape
            0 to 1 over the window; 0 outside of the image.

        Raises
        ------
        ExamplesError
            It is no volume.
        """
        if image.dims[-3:] != ("z", "y", "x"):
            raise ExamplesError(f"An image of {image.dims}", expected="a volume", where=image.where)
        at: tuple[Any, ...] = (*(0 for _ in image.dims[:-3]), *(slice(None),) * 3)
        values = np.asarray(image.read(at), np.float32)
        middle = index_to_lps(
            image.affine, [(n - 1) / 2 for n in values.shape], image.slice_origins
        )
        grid = np.diag([*self._spacing[::-1], 1.0])
        half = (np.array(self._shape[::-1]) - 1) / 2 * np.array(self._spacing[::-1])
        grid[:3, 3] = np.asarray(middle, float) - half
        # a coarse grid would see single voxels: means first
        from scipy.ndimage import uniform_filter

        own = image.spacing_mm
        width = [max(int(step / mm), 1) for step, mm in zip(self._spacing, own, strict=True)]
        if max(width) > 1:
            values = uniform_filter(values, width, mode="nearest")
        found = resample_linear(
            values, image.affine, grid, self._shape, self._low, image.slice_origins
        )
        return np.asarray(np.clip((found - self._low) / (self._high - self._low), 0, 1), np.float32)

    def encode(self, batch: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Encode volumes that were `prepared`; see `Encoder.encode`."""
        import torch

        found = np.zeros((len(batch), self.dim), np.float32)
        for k, one in enumerate(batch):
            given = torch.as_tensor(one, device=self._device)[None]
            with torch.inference_mode():
                if self._video:
                    frames = (given * 2 - 1)[:, :, None].expand(-1, -1, 3, -1, -1)
                    made = self._network(pixel_values=frames).last_hidden_state.mean(1)
                else:
                    made = self._network(given[:, None] * 2 - 1)
                found[k] = made[0].float().cpu().numpy()
        return found

    @cached_property
    def _network(self) -> Any:
        if self._video:
            return Transformer(self._place.folder, self._device).network
        return load_conv_network(self._place.folder, self._place.config, 3, 1).to(self._device)
