"""training_digest: what a training that is taken up again must have been of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.examples.examples import Examples
from graphs.models.model import Model


def training_digest(
    model: Model,
    examples: Iterable[Examples | None],
    learnt: tuple[dict[str, Any], dict[str, NDArray[Any]]],
) -> str:
    """Tell a training by the model, its settings and seed, and the patients.

    Parameters
    ----------
    model : Model
    examples : iterable of Examples or None
        Those trained on, those of the validation.
    learnt : (dict, dict of str to ndarray)
        What was learnt of the values, scaling and the like: other values, another digest.

    Returns
    -------
    str
        SHA-256, hexadecimal.
    """
    found = hashlib.sha256(json.dumps([model.NAME, model.seed, model.settings]).encode())
    for one in examples:
        if one is None:
            continue
        target = one.outcome()
        found.update(json.dumps([one.keys, one.modalities, target.kind]).encode())
        for values in (target.time, target.event, target.label):
            found.update(np.ascontiguousarray(values).tobytes())
        for block in one.blocks.values():
            found.update(np.ascontiguousarray(block.present).tobytes())
    said, arrays = learnt
    found.update(json.dumps(said, sort_keys=True).encode())
    for name in sorted(arrays):
        found.update(np.ascontiguousarray(arrays[name]).tobytes())
    return found.hexdigest()
