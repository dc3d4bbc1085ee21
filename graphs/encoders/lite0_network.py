"""EfficientNet-Lite0 without its classifier, under the names of its published weights.

Of google's efficientnet/lite (Apache-2.0): EfficientNet-B0 (Tan and Le 2019) without squeeze and
excitation, with ReLU6 and TensorFlow's 'same' padding. No kept library that is installed with
torch for the CPU has it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from graphs.errors import ModelFolderError

# repeats, kernel, stride, expansion, channels in, channels out
_BLOCKS = (
    (1, 3, 1, 1, 32, 16), (2, 3, 2, 6, 16, 24), (2, 5, 2, 6, 24, 40), (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112), (4, 5, 2, 6, 112, 192), (1, 3, 1, 6, 192, 320),
)  # fmt: skip


class _Same(nn.Conv2d):
    """A convolution that pads as TensorFlow does: more below and to the right."""

    def forward(self, given: Tensor) -> Tensor:
        pad: list[int] = []
        for n, kernel, step in zip(given.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1],
                                   strict=True):  # fmt: skip
            whole = max((-(-n // step) - 1) * step + kernel - n, 0)
            pad += [whole // 2, whole - whole // 2]
        found: Tensor = self._conv_forward(functional.pad(given, pad), self.weight, self.bias)
        return found


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class _Block(nn.Module):
    def __init__(self, kernel: int, stride: int, expand: int, before: int, after: int) -> None:
        super().__init__()
        inside = before * expand
        if expand > 1:
            self._expand_conv = _Same(before, inside, 1, bias=False)
            self._bn0 = _norm(inside)
        self._depthwise_conv = _Same(inside, inside, kernel, stride, groups=inside, bias=False)
        self._bn1 = _norm(inside)
        self._project_conv = _Same(inside, after, 1, bias=False)
        self._bn2 = _norm(after)
        self._expands, self._skips = expand > 1, stride == 1 and before == after

    def forward(self, given: Tensor) -> Tensor:
        found = given
        if self._expands:
            found = functional.relu6(self._bn0(self._expand_conv(found)))
        found = functional.relu6(self._bn1(self._depthwise_conv(found)))
        found = self._bn2(self._project_conv(found))  # nothing after the projection
        whole: Tensor = found + given if self._skips else found
        return whole


class Lite0(nn.Module):
    """Pictures (n, 3, y, x) to (n, 1280): the mean of the last maps."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = _Same(3, 32, 3, 2, bias=False)
        self._bn0 = _norm(32)
        self._blocks = nn.ModuleList(
            _Block(kernel, stride if k == 0 else 1, expand, before if k == 0 else after, after)
            for repeats, kernel, stride, expand, before, after in _BLOCKS for k in range(repeats)
        )  # fmt: skip
        self._conv_head = _Same(320, 1280, 1, bias=False)
        self._bn1 = _norm(1280)

    def forward(self, given: Tensor) -> Tensor:
        """Encode pictures."""
        found = functional.relu6(self._bn0(self._conv_stem(given)))
        for block in self._blocks:
            found = block(found)
        found = functional.relu6(self._bn1(self._conv_head(found)))
        pooled: Tensor = found.mean((2, 3))
        return pooled


def load_lite0(file: Path) -> Any:
    """Read published weights; tensors only, as other things in such a file could run code.

    Raises
    ------
    ModelFolderError
        They are not this network's.
    """
    import pickle

    import torch

    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
        network = Lite0()
        network.load_state_dict(
            {name: value for name, value in state.items() if not name.startswith("_fc.")}
        )
    except (RuntimeError, AttributeError, pickle.UnpicklingError, EOFError, OSError) as error:
        raise ModelFolderError(
            f"No weights of EfficientNet-Lite0: {error}", where=str(file)
        ) from error
    return network.eval()
