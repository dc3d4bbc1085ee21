"""RotationModel: a local network that guesses a radiograph from another side."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.errors import ModelFolderError
from graphs.model_folder import WEIGHTS, chosen_device, model_folder
from graphs.producer import Producer

FORMAT = "oncograph.rotation"


class RotationModel:
    """A convolutional network that is told the angle; RadRotator's job (medRxiv 2024).

    No weights come with this package, and RadRotator's own are not of this form: its diffusion
    network has to be exported to it. A folder of random weights proves only the wiring.

    Parameters
    ----------
    folder : path
        With ``config.json`` (``{"format": "oncograph.rotation", "widths": [..], "kernel": 3}``) and
        ``model.safetensors``.
    device : str
        'auto' is CUDA where there is one.

    Attributes
    ----------
    producer : Producer
        With the sha256 of ``model.safetensors``.

    Raises
    ------
    ModelFolderError
        A file is missing, or it is another model.
    """

    def __init__(self, folder: str | Path, device: str = "auto") -> None:
        place = model_folder(folder, parts=False)
        path, config, digest = place.folder, place.config, place.sha256
        place.expect(FORMAT)

        self._device = chosen_device(device)
        self._network = _load(path, config).to(self._device).eval()
        self.producer = Producer("oncograph.rotation", "1", digest)

    def rotate(self, picture: NDArray[np.float32], azimuth: float) -> NDArray[np.float32]:
        """Guess a picture.

        Parameters
        ----------
        picture : ndarray, (y, x), float32
            About 0 to 1.
        azimuth : float
            Degrees from the picture's own view.

        Returns
        -------
        ndarray, (y, x), float32
        """
        import torch

        turn = math.radians(azimuth)
        told = [np.full_like(picture, one) for one in (math.sin(turn), math.cos(turn))]
        given = torch.as_tensor(np.stack([picture, *told]), device=self._device)[None]
        with torch.no_grad():
            found = self._network(given)
        return np.asarray(found[0, 0].float().cpu().numpy(), np.float32)


def rotation_network(widths: list[int], kernel: int = 3) -> Any:
    """The network: three planes (picture, sine and cosine of the angle) to one picture.

    Parameters
    ----------
    widths : list of int
        Channels of the layers between.
    kernel : int
        Odd.
    """
    from torch import nn

    layers: list[Any] = []
    before = 3
    for width in widths:
        layers += [nn.Conv2d(before, width, kernel, padding=kernel // 2), nn.ReLU()]
        before = width
    return nn.Sequential(*layers, nn.Conv2d(before, 1, 1))


def _load(path: Path, config: dict[str, Any]) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        network = rotation_network([int(n) for n in config["widths"]], int(config["kernel"]))
        network.load_state_dict(load_file(path / WEIGHTS))
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelFolderError(f"{WEIGHTS} does not fit: {error}", where=str(path)) from error
    return network
