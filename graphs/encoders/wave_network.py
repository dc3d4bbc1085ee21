"""WaveNetwork: signals to vectors by a small network from a local folder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from graphs.encoders.conv_network import load_conv_network
from graphs.encoders.encoder import Encoder
from graphs.encoders.wave_features import in_millivolt
from graphs.model_folder import chosen_device, model_folder

FORMAT = "oncograph.conv1d"


class WaveNetwork(Encoder):
    """A convolutional network over named channels; a folder of random weights proves the wiring.

    A recording is brought to the network's sampling rate; what is longer than its length is cut
    into stretches, whose vectors are averaged. Channels that the recording lacks are 0.

    Parameters
    ----------
    folder : path
        With ``model.safetensors`` and ``config.json``: ``{"format": "oncograph.conv1d",
        "channels": ["i", "ii"], "sampling_hz": 100, "seconds": 10, "widths": [16, 32]}``.
    device : str
        'auto' is CUDA where there is one.
    name : str, optional

    Raises
    ------
    ModelFolderError
        A file is missing, or it is another model.
    """

    TAKES: ClassVar[str] = "signal"

    def __init__(self, folder: str | Path, device: str = "auto", *, name: str = "") -> None:
        place = model_folder(folder, parts=False)
        config = place.config
        place.expect(FORMAT)
        self._place, self._device = place, chosen_device(device)
        with place.reading():
            self._channels = [str(one).casefold() for one in config["channels"]]
            self._hz, self._seconds = float(config["sampling_hz"]), float(config["seconds"])
            self.dim = int(config["widths"][-1])
        self.name, self.sha256 = name or place.folder.name, place.sha256
        self.settings: dict[str, Any] = {}

    def encode(self, batch: Sequence[xr.DataArray]) -> NDArray[np.float32]:
        """Encode recordings; see `Encoder.encode`."""
        import torch

        found = np.zeros((len(batch), self.dim), np.float32)
        for k, one in enumerate(batch):
            with torch.inference_mode():
                given = torch.as_tensor(self._stretches(one), device=self._device)
                found[k] = self._network(given).mean(0).cpu().numpy()
        return found

    def _stretches(self, one: xr.DataArray) -> NDArray[np.float32]:
        """(stretch, channel, time), in mV."""
        from scipy.signal import resample_poly

        values, hz = in_millivolt(one), float(one.attrs["sampling_hz"])
        named = {str(name).casefold(): k for k, name in enumerate(one["channel"].values.tolist())}
        count = int(self._hz * self._seconds)
        up, down = (round(rate * 1000) for rate in (self._hz, hz))
        even = resample_poly(values - np.median(values, axis=1, keepdims=True), up, down, axis=1)
        chosen = np.zeros((len(self._channels), even.shape[1]), np.float32)
        for k, name in enumerate(self._channels):
            if name in named:
                chosen[k] = even[named[name]]
        whole = max(even.shape[1] // count, 1)
        padded = np.pad(chosen, ((0, 0), (0, max(whole * count - even.shape[1], 0))))
        cut = padded[:, : whole * count].reshape(len(chosen), whole, count)
        return np.ascontiguousarray(cut.transpose(1, 0, 2), np.float32)

    @cached_property
    def _network(self) -> Any:
        made = load_conv_network(self._place.folder, self._place.config, 1, len(self._channels))
        return made.to(self._device)
