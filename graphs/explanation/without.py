"""without: examples from which some features and instances are removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graphs.errors import ExamplesError
from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.examples.examples import Examples


def without(examples: Examples, removed: Mapping[str, NDArray[np.bool_]]) -> Examples:
    """Make examples in which some of what is known is not.

    Parameters
    ----------
    examples : Examples
    removed : mapping of str to ndarray of bool
        Modality to what is removed: (patient, feature) of a block, (instance,) of a bag.

    Returns
    -------
    graphs.examples.examples.Examples
        Removed features are missing, removed instances are gone; whoever has nothing left of a
        modality has it 'withheld'.

    Raises
    ------
    ExamplesError
        A mask is of another shape.
    """
    blocks = dict(examples.blocks)
    for name, mask in removed.items():
        block = blocks[name]
        wanted = block.frame.shape if isinstance(block, Block) else (len(block.owner),)
        if mask.shape != wanted:
            raise ExamplesError(f"A mask of shape {mask.shape}", expected=str(wanted), where=name)
        blocks[name] = _block(block, mask) if isinstance(block, Block) else _bag(block, mask)
    return replace(examples, blocks=blocks)


def _block(block: Block, mask: NDArray[np.bool_]) -> Block:
    frame = block.frame
    if all(dtype == np.float32 for dtype in frame.dtypes):  # a copy a column is slow
        values = frame.to_numpy(np.float32, copy=True)
        values[mask] = np.nan
        frame = pd.DataFrame(values, frame.index, frame.columns)
    else:
        frame = frame.mask(mask)
    emptied = block.present & mask.any(axis=1) & frame.isna().to_numpy().all(axis=1)
    return replace(block, frame=frame, state=np.where(emptied, "withheld", block.state).astype(str))


def _bag(bag: Bag, mask: NDArray[np.bool_]) -> Bag:
    kept = ~mask
    left = np.bincount(bag.owner[kept], minlength=len(bag.keys)) > 0
    return replace(
        bag, values=bag.values[kept], owner=bag.owner[kept],
        addresses=tuple(np.array(bag.addresses, object)[kept]),
        state=np.where(bag.present & ~left, "withheld", bag.state).astype(str),
    )  # fmt: skip
