"""as_columns: the features of another cohort, in its order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from graphs.examples.bag import Bag
from graphs.examples.block import Block


def as_columns(
    block: Block, like: Block, counts: Callable[[str], bool] = lambda name: False
) -> Block:
    """Keep the features of `like`; what the block lacks is missing, or none.

    Parameters
    ----------
    block, like : Block
        Of numbers.
    counts : callable
        Says of a feature whether it is a count: then it is 0 of patients who have the modality.

    Returns
    -------
    Block
    """
    made = {}
    for name in like.names:
        if name in block.frame.columns:
            made[name] = block.frame[name]
        else:
            fill = np.where(block.present & counts(name), 0.0, np.nan).astype(np.float32)
            made[name] = pd.Series(fill, index=block.frame.index)
    frame = pd.DataFrame(made, index=block.frame.index)
    gone = block.present & ~frame.notna().any(axis=1).to_numpy()
    state = np.where(gone, "unknown", block.state).astype(str)
    return replace(block, frame=frame, state=state, groups=like.groups)


def as_names(bag: Bag, like: Bag) -> Bag:
    """The same of a bag: an instance's missing feature is NaN."""
    place = {name: k for k, name in enumerate(bag.names)}
    values = np.full((len(bag.owner), len(like.names)), np.nan, np.float32)
    for k, name in enumerate(like.names):
        if name in place:
            values[:, k] = bag.values[:, place[name]]
    return replace(bag, values=values, names=like.names)
