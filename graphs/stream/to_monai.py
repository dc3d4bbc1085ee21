"""to_monai: a patch, or a whole training volume, as MONAI's MetaTensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from explorer.errors import NotInstalledError
from explorer.space import flip_ras_lps
from explorer.training.volume import TrainingVolume
from graphs.stream.whole_volume import whole_volume


def to_monai(of: dict[str, Any] | TrainingVolume) -> dict[str, Any]:
    """Turn into what MONAI's dictionary transforms take.

    MONAI's arrays are ``(channel, x, y, z)`` with an affine to mm RAS; ours are
    ``(channel, z, y, x)`` with one to mm LPS. Nothing is resampled: axes are swapped, and the
    affine's first two rows change their sign. `from_monai` is the way back. It is itself a
    transform: ``Compose([to_monai, RandFlipd(["CT", "masks"], prob=0.5)])``, on a list of
    training volumes (MONAI's datalist) or as the `transform` of `graphs.dataset`.

    Parameters
    ----------
    of : dict or TrainingVolume
        A patch of `graphs.dataset`; a volume is read whole.

    Returns
    -------
    dict
        The same, images and masks as ``monai.data.MetaTensor``.

    Raises
    ------
    NotInstalledError
        There is no MONAI.
    """
    try:
        from monai.data.meta_tensor import MetaTensor
    except ModuleNotFoundError as error:
        raise NotInstalledError(
            "MONAI is not here", do="pip install 'oncograph[training]'"
        ) from error
    sample = whole_volume(of) if isinstance(of, TrainingVolume) else of
    affine = torch.from_numpy(flip_ras_lps(np.asarray(sample["affine"], float)))
    out = dict(sample)
    for name, value in sample.items():
        if _is_grid(value):
            kind = torch.uint8 if value.dtype == torch.bool else value.dtype
            turned = value.to(kind).permute(0, 3, 2, 1).contiguous()
            meta = {"space": "RAS", "original_affine": affine}
            out[name] = MetaTensor(turned, affine=affine, meta=meta)
    return out


def from_monai(sample: dict[str, Any]) -> dict[str, Any]:
    """The way back: tensors ``(c, z, y, x)``, and the affine to mm LPS of what they are now.

    Parameters
    ----------
    sample : dict
        Of `to_monai`, after MONAI's transforms.
    """
    from monai.data.meta_tensor import MetaTensor

    out = dict(sample)
    for name, value in sample.items():
        if isinstance(value, MetaTensor) and value.ndim == 4:
            out["affine"] = torch.from_numpy(flip_ras_lps(np.asarray(value.affine, float)))
            plain = value.as_tensor().permute(0, 3, 2, 1).contiguous()
            out[name] = plain.to(torch.bool) if name == "masks" else plain
    return out


def _is_grid(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.ndim == 4
