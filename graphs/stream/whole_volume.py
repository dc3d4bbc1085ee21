"""whole_volume: a training volume as one sample, as if it were one large patch."""

from __future__ import annotations

from typing import Any

from explorer.training.volume import TrainingVolume
from graphs.stream.patches import Patches
from graphs.stream.sampling import Sampling


def whole_volume(volume: TrainingVolume) -> dict[str, Any]:
    """Read all of a volume: every modality that is there, every segment.

    Returns
    -------
    dict
        As a patch of `graphs.dataset`; ``mask_names`` are the segments.
    """
    names = tuple(dict.fromkeys(one["label"] for one in volume.masks))
    whole = Patches([volume], Sampling("grid", volume.shape), volume.modalities, names)
    sample = whole.one(0, 0)
    return {**sample, "mask_names": list(names)}
