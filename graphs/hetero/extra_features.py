"""ExtraFeatures: what whoever builds a graph adds to the features of a kind of node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graphs.errors import ExamplesError
from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.examples.examples import Examples
from graphs.hetero.addresses import Addresses
from graphs.models.scaler import Scaler

Given = Block | Bag | Examples | pd.DataFrame | Callable[[Addresses], Any]


@dataclass(frozen=True, eq=False)
class ExtraFeatures:
    """Blocks over the nodes of one kind, in their order.

    Attributes
    ----------
    blocks : mapping of str to Block
        Name to features; the rows are nodes.
    """

    blocks: Mapping[str, Block]

    @classmethod
    def of(
        cls, kind: str, given: Given | Mapping[str, Given], addresses: Addresses, keys: Addresses,
        predicted: bool,
    ) -> ExtraFeatures:  # fmt: skip
        """Lay what was given along the nodes.

        Parameters
        ----------
        kind : str
        given : Block, Examples, DataFrame, callable, or mapping of names to these
            A block's, and a frame's, rows are addresses; of patients also their keys. A callable
            takes the addresses and gives a frame or an array, (node, feature), NaN where nothing
            is known.
        addresses, keys : Addresses
            Of the nodes; of the patients.
        predicted : bool
            Whether predictions are taken.

        Raises
        ------
        ExamplesError
            An array of another length; predictions that nobody asked for.
        """
        if isinstance(given, Examples):
            given = {name: given.vectors(name) for name in given.modalities}
        if not isinstance(given, Mapping):
            name = given.modality if isinstance(given, Block | Bag) else "features"
            given = {name: given}
        made = {}
        for name, one in given.items():
            block = _block(kind, name, one, addresses)
            if block.predicted and not predicted:
                raise ExamplesError(
                    f"{name!r} is what a model predicted", where=kind,
                    do="pass predicted=True if the predictions are to be features",
                )  # fmt: skip
            made[name] = _along(block, kind, addresses, keys)
        return cls(made)

    def fitted(self, train: NDArray[np.bool_]) -> dict[str, Scaler]:
        """Scalers that have seen some nodes only."""
        return {name: Scaler().fit(block.take(train)) for name, block in self.blocks.items()}

    def scaled(
        self, scalers: Mapping[str, Scaler], count: int
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Features of all nodes, and which of them are known.

        Parameters
        ----------
        scalers : mapping of str to Scaler
            A block that is not there is not known of any node.
        count : int
            How many nodes there are.
        """
        x, mask = [], []
        for name, scaler in scalers.items():
            block = self.blocks.get(name)
            if block is None:
                x.append(np.zeros((count, len(scaler.columns)), np.float32))
                mask.append(np.zeros(x[-1].shape, bool))
                continue
            x.append(scaler.transform(block))
            known = block.frame[scaler.names].notna().to_numpy()[:, scaler.source]
            # a column that says what is missing is known of whoever has the modality
            marks = [k for k, one in enumerate(scaler.columns) if one.endswith(" missing")
                     and one.removesuffix(" missing") in scaler.marked]  # fmt: skip
            known[:, marks] = True
            mask.append(known & block.present[:, None])
        return np.hstack(x), np.hstack(mask)


def _block(kind: str, name: str, given: Any, addresses: Addresses) -> Block:
    if isinstance(given, Bag):
        return given.pooled()
    if isinstance(given, Block):
        return given
    found: Any = given if isinstance(given, pd.DataFrame) else given(addresses)
    if not isinstance(found, pd.DataFrame):
        values = np.asarray(found, np.float32)
        if values.ndim != 2 or len(values) != len(addresses):
            raise ExamplesError(
                f"Features of the shape {values.shape}", where=kind,
                expected=f"a row for each of {len(addresses)} nodes",
            )  # fmt: skip
        found = pd.DataFrame(values, index=list(addresses)).rename(columns=str)
    return Block.of(name, found)


def _along(block: Block, kind: str, addresses: Addresses, keys: Addresses) -> Block:
    rows = list(addresses)
    given = block.frame.index
    if kind == "patient" and not any(str(one).startswith("onco:") for one in given[:1]):
        rows = list(keys)
    place = given.get_indexer(pd.Index(rows))
    frame = block.frame.reindex(rows)
    state = np.where(place < 0, "unknown", block.state[place] if len(block) else "unknown")
    return Block(
        block.modality, frame, state.astype(str), block.address, block.groups, block.producer,
        block.predicted,
    )  # fmt: skip
