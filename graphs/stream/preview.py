"""preview: some patches of a stream, with their masks: a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from explorer.picture import Picture
from explorer.printable import printable

if TYPE_CHECKING:
    from graphs.stream.patches import Patches

_WINDOWS = {"CT": (-1000.0, 400.0)}
_LINES = ("#e64b3c", "#468cf0", "#f5c832", "#5abe6e", "#b46edc", "#fa963c")


def preview(patches: Patches, numbers: Sequence[int], epoch: int = 0) -> Picture:
    """Draw the middle axial slice of some patches, before any transform.

    Parameters
    ----------
    patches : Patches
    numbers : sequence of int
    epoch : int

    Returns
    -------
    Picture
        A row a modality, a column a patch; outlines of the masks. Axes in voxels of the patch.
    """
    names, count = patches.modalities, max(1, len(numbers))
    figure = Picture((2.6 * count, 2.9 * len(names)), layout="constrained")
    axes = figure.subplots(len(names), count, squeeze=False)
    for column, number in enumerate(numbers):
        sample = patches.plain(epoch, number)
        masks = sample["masks"].numpy() if patches.masks else np.empty((0, 1, 1, 1), bool)
        middle = _slice(masks, patches.sampling.patch[0])
        for row, name in enumerate(names):
            panel = axes[row, column]
            panel.set_title(_title(sample, name), fontsize=7)
            panel.set_xlabel("x (voxels)", fontsize=6)
            panel.set_ylabel("y (voxels)", fontsize=6)
            panel.tick_params(labelsize=6)
            state = sample["state"][name]
            if state != "present":
                panel.text(0.5, 0.5, printable(state), ha="center", wrap=True, fontsize=7)
                continue
            values = sample[name].numpy()[0]
            low, high = _WINDOWS.get(name, tuple(np.percentile(values, (1, 99))))
            aspect = float(sample["spacing"][1] / sample["spacing"][2])
            panel.imshow(values[middle], "gray", vmin=low, vmax=high, aspect=aspect)
            for k, mask in enumerate(masks):
                if mask[middle].any() and not mask[middle].all():
                    panel.contour(mask[middle], [0.5], colors=_LINES[k % len(_LINES)], linewidths=1)
    return figure


def _slice(masks: np.ndarray, depth: int) -> int:
    """The slice with most of the masks in it; the middle one where there are none."""
    held = masks.sum(axis=(0, 2, 3)) if masks.any() else np.zeros(1)
    return int(held.argmax()) if held.any() else depth // 2


def _title(sample: dict[str, object], name: str) -> str:
    made_up = "\nsynthetic" if sample["synthetic"] else ""
    return f"{name}, {printable(str(sample['drawn_for']))[:24]}{made_up}"
