"""conv_network: a small network over lines, pictures or volumes, described by a few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graphs.errors import ModelFolderError
from graphs.model_folder import CONFIG, WEIGHTS


def conv_network(dims: int, channels: int, widths: Sequence[int], kernel: int = 3) -> Any:
    """Convolutions of stride 2, normalised, and the mean of what is left.

    Parameters
    ----------
    dims : {1, 2, 3}
        Of the input, besides its channels.
    channels : int
        Of the input.
    widths : sequence of int
        Channels after each layer; the last is the length of the vector.
    kernel : int
        Odd.

    Returns
    -------
    torch.nn.Sequential
        (n, channels, ...) to (n, widths[-1]).
    """
    from torch import nn

    conv: Any = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}[dims]
    pool: Any = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d, 3: nn.AdaptiveAvgPool3d}[dims]
    layers: list[Any] = []
    before = channels
    for width in widths:
        # groups, not batches: a vector must not depend on its neighbours in a batch
        layers += [conv(before, width, kernel, 2, kernel // 2), nn.GroupNorm(1, width), nn.GELU()]
        before = width
    return nn.Sequential(*layers, pool(1), nn.Flatten())


def load_conv_network(folder: Path, config: dict[str, Any], dims: int, channels: int) -> Any:
    """Fill a network with a folder's weights.

    Raises
    ------
    ModelFolderError
        The weights do not fit what ``config.json`` says.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        widths = [int(n) for n in config["widths"]]
        network = conv_network(dims, channels, widths, int(config.get("kernel", 3)))
        network.load_state_dict(load_file(folder / WEIGHTS))
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelFolderError(
            f"{WEIGHTS} does not fit {CONFIG}: {error}", where=str(folder)
        ) from error
    return network.eval()
