"""load_model: a model that was saved, with its weights proven."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from graphs.errors import ModelError
from graphs.models.model import ABOUT, FORMAT, WEIGHTS, Model
from graphs.models.models import model_class

_MOST = 256 << 20


def load_model(folder: str | Path, *, device: str = "auto") -> Model:
    """Read what `Model.save` wrote. No code is read of the folder.

    Parameters
    ----------
    folder : path
    device : str
        'auto', 'cpu' or 'cuda'.

    Raises
    ------
    ModelError
        A file is missing, or is not what the other says.
    NotFoundError, NotInstalledError
        The kind of model is not installed.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    place = Path(folder)
    missing = [name for name in (WEIGHTS, ABOUT) if not (place / name).is_file()]
    if missing:
        raise ModelError(
            f"No {' and no '.join(missing)}", where=str(place), expected="a model's folder"
        )
    try:
        if (place / ABOUT).stat().st_size > _MOST:
            raise ValueError("it is too long")
        about = json.loads((place / ABOUT).read_text("utf-8"))
        name, settings, values = str(about["model"]), dict(about["settings"]), about["state"]
        seed, modalities = int(about["seed"]), tuple(map(str, about["modalities"]))
        sha256, version = str(about["weights_sha256"]), about["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{ABOUT} cannot be read: {error!r}", where=str(place)) from error
    if version != FORMAT:
        raise ModelError(f"A model of format {version!r}", expected=f"format {FORMAT}",
                         where=str(place))  # fmt: skip
    data = (place / WEIGHTS).read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ModelError("The weights are not those that were saved", where=str(place / WEIGHTS))
    try:
        arrays = load(data)
    except SafetensorError as error:
        raise ModelError(f"{WEIGHTS} cannot be read: {error}", where=str(place)) from error
    made = model_class(name)(seed=seed, device=device, **settings)
    made.about, made.modalities = dict(about["about"]), modalities
    try:
        made.restore(values, arrays)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"What was learnt does not fit the model {name!r}: {error}", where=str(place)
        ) from error
    return made
