"""Which nodes of a patient graph are made up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_TAKEN_IN = {"image", "waveform", "slide", "segment", "report", "fact", "event"}


def made_up_nodes(nodes: list[dict[str, Any]]) -> NDArray[np.uint8]:
    """Tell what is synthetic; a patient is where nothing that was taken in is real.

    The store calls a patient synthetic of whom anything is, and a real person with one generated
    report must not look made up.

    Parameters
    ----------
    nodes : list of dict
        Attributes, as `graphs.assemble` gives them.

    Returns
    -------
    ndarray of uint8, (n,)
        1 where a node is made up.
    """
    real = {
        one.get("patient")
        for one in nodes
        if one.get("kind") in _TAKEN_IN and not one.get("synthetic")
    }
    return np.array(
        [
            bool(one.get("synthetic"))
            and not (one.get("kind") == "patient" and one.get("patient") in real)
            for one in nodes
        ],
        "<u1",
    )
