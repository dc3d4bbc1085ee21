"""to_torchio: a patch, or a whole training volume, as a TorchIO Subject."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from explorer.errors import NotInstalledError
from explorer.space import flip_ras_lps
from explorer.training.volume import TrainingVolume
from graphs.stream.whole_volume import whole_volume


def to_torchio(of: dict[str, Any] | TrainingVolume) -> Any:
    """Turn into a TorchIO Subject.

    TorchIO's arrays are ``(channel, x, y, z)`` with an affine to mm RAS; nothing is resampled.

    Parameters
    ----------
    of : dict or TrainingVolume
        A patch of `graphs.dataset`; a volume is read whole.

    Returns
    -------
    torchio.Subject
        A ScalarImage a modality that is there, a LabelMap ``masks`` with a channel each; the
        rest of the sample beside them.

    Raises
    ------
    NotInstalledError
        There is no TorchIO.
    """
    try:
        import torchio
    except ModuleNotFoundError as error:
        raise NotInstalledError(
            "TorchIO is not here", do="pip install 'oncograph[training]'"
        ) from error
    sample = whole_volume(of) if isinstance(of, TrainingVolume) else of
    affine = flip_ras_lps(np.asarray(sample["affine"], float))
    parts: dict[str, Any] = {}
    for name, value in sample.items():
        if not (isinstance(value, torch.Tensor) and value.ndim == 4):
            parts[name] = value
        elif sample["state"].get(name, "present") == "present":
            turned = value.permute(0, 3, 2, 1).contiguous()
            kind = torchio.LabelMap if name == "masks" else torchio.ScalarImage
            turned = turned.to(torch.uint8) if name == "masks" else turned
            parts[name] = kind(tensor=turned, affine=affine)
    return torchio.Subject(**parts)


def from_torchio(subject: Any) -> dict[str, Any]:
    """The way back: tensors ``(c, z, y, x)``, and the affine to mm LPS of what they are now.

    Parameters
    ----------
    subject : torchio.Subject
        Of `to_torchio`, after TorchIO's transforms. A modality that is absent stays out.
    """
    out = dict(subject)
    for name, image in subject.get_images_dict(intensity_only=False).items():
        plain = image.data.permute(0, 3, 2, 1).contiguous()
        out[name] = plain.to(torch.bool) if name == "masks" else plain
        out["affine"] = torch.from_numpy(flip_ras_lps(np.asarray(image.affine, float)))
    return out
