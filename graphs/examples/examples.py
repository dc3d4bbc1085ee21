"""Examples: patients with features, a modality at a time, a graph, and what is to be predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from explorer.html import table_html
from graphs.errors import ExamplesError
from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.examples.target import Target

_SHOWN = 20


@dataclass(frozen=True, eq=False)
class Examples:
    """What a model is fitted on, and what it predicts for.

    Attributes
    ----------
    keys : tuple of str
        Patients, each once.
    blocks : mapping of str to Block or Bag
        Modality to features; each over exactly these patients, in this order.
    target : Target or None
        None where nothing is known of the outcome.
    about : pandas.DataFrame
        Index: the keys; columns by which results are divided, never features: sex, age, site, ...
    graph : torch_geometric.data.HeteroData or None
        Of `graphs.to_hetero`, of these patients and perhaps of others.
    rows : ndarray of int64, (patient,)
        Of the graph's patient nodes, the one of each patient; empty without a graph.
    snapshot : str
        What names the state of the data.
    left_out : pandas.DataFrame
        What was asked for and is no feature, by why: ``table``, ``what`` (hostile), ``why``,
        ``rows``, ``patients``; empty where the features do not come from a store. It stays as it
        was when patients are taken.
    labels : tuple of str
        What people call the patients, each once: folds go by these, and so are the same in
        another store of the same patients, where keys are others. Empty: the keys.
    """

    keys: tuple[str, ...]
    blocks: Mapping[str, Block | Bag]
    target: Target | None = None
    about: pd.DataFrame = field(default_factory=pd.DataFrame)
    graph: Any = None
    rows: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    snapshot: str = ""
    left_out: pd.DataFrame = field(default_factory=pd.DataFrame)
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.keys)) != len(self.keys):
            raise ExamplesError("A patient twice", expected="each patient once")
        if not self.labels:
            object.__setattr__(self, "labels", self.keys)
        if len(set(self.labels)) != len(self.keys) or len(self.labels) != len(self.keys):
            raise ExamplesError("Labels that are not one a patient", expected="each once")
        for name, block in self.blocks.items():
            if block.modality != name or tuple(block.keys) != self.keys:
                raise ExamplesError(
                    "A block of another modality, or of other patients", where=name,
                    expected=f"{len(self.keys)} patients in the same order",
                )  # fmt: skip
        if self.target is not None and len(self.target) != len(self.keys):
            raise ExamplesError(f"{len(self.target)} outcomes of {len(self.keys)} patients")

    @classmethod
    def of_frames(
        cls, frames: Mapping[str, pd.DataFrame], target: Target | None = None, **more: Any
    ) -> Examples:
        """Tables that are indexed alike, one a modality; see `Block.of`."""
        blocks = {name: Block.of(name, frame) for name, frame in frames.items()}
        first = next(iter(blocks.values()))
        return cls(first.keys, blocks, target, **more)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def modalities(self) -> tuple[str, ...]:
        """Names of the blocks."""
        return tuple(self.blocks)

    @property
    def present(self) -> NDArray[np.bool_]:
        """Who has which modality, (patient, modality)."""
        if not self.blocks:
            return np.zeros((len(self), 0), bool)
        return np.stack([block.present for block in self.blocks.values()], axis=1)

    def vectors(self, modality: str) -> Block:
        """A modality as one vector a patient: a bag's instances are averaged.

        Raises
        ------
        ExamplesError
            There is no such modality.
        """
        if modality not in self.blocks:
            raise ExamplesError(f"No modality {modality!r}", expected=f"one of {list(self.blocks)}")
        block = self.blocks[modality]
        return block.pooled() if isinstance(block, Bag) else block

    def outcome(self) -> Target:
        """The target.

        Raises
        ------
        ExamplesError
            There is none.
        """
        if self.target is None:
            raise ExamplesError("Examples without an outcome", do="give a target or a task")
        return self.target

    def take(self, rows: ArrayLike) -> Examples:
        """Some patients, by position or by a mask, in that order; the graph stays whole."""
        chosen = np.asarray(rows)
        if chosen.dtype == bool:
            chosen = np.flatnonzero(chosen)
        if not chosen.size:
            chosen = chosen.astype(np.int64)  # an empty list is of floats
        return replace(
            self, keys=tuple(self.keys[k] for k in chosen.tolist()),
            labels=tuple(self.labels[k] for k in chosen.tolist()),
            blocks={name: block.take(chosen) for name, block in self.blocks.items()},
            target=None if self.target is None else self.target.take(chosen),
            about=self.about.iloc[chosen] if len(self.about) else self.about,
            rows=self.rows[chosen] if len(self.rows) else self.rows,
        )  # fmt: skip

    def known(self) -> Examples:
        """Those whose outcome is known."""
        return self.take(self.outcome().known)

    def only(self, modalities: Sequence[str]) -> Examples:
        """The same patients with some of the modalities."""
        return replace(self, blocks={name: self.blocks[name] for name in modalities})

    def hide(self, modality: str, mask: ArrayLike | None = None) -> Examples:
        """The same with a modality withheld: of all, or of some, patients."""
        hidden = np.ones(len(self), bool) if mask is None else np.asarray(mask, bool)
        return replace(self, blocks={**self.blocks, modality: self.blocks[modality].hide(hidden)})

    def shuffled(self, modality: str, rng: np.random.Generator) -> Examples:
        """The same with a modality dealt anew among those who have it: it says nothing any more."""
        block = self.blocks[modality]
        order = np.arange(len(self))
        have = np.flatnonzero(block.present)
        order[have] = rng.permutation(have)
        dealt = block.take(order)
        if isinstance(dealt, Block):
            dealt = replace(dealt, frame=dealt.frame.set_axis(list(self.keys), axis=0))
        else:
            dealt = replace(dealt, keys=self.keys)
        return replace(self, blocks={**self.blocks, modality: dealt})

    def with_target(self, target: Target | None) -> Examples:
        """The same with another outcome."""
        return replace(self, target=target)

    def __repr__(self) -> str:
        kinds = ", ".join(
            f"{name} ({int(block.present.sum())})" for name, block in self.blocks.items()
        )
        return f"<Examples: {len(self)} patients; {kinds}>"

    def _repr_html_(self) -> str:
        rows = [
            [name, len(block.names), int(block.present.sum()),
             ", ".join(f"{count} {state}" for state, count in
                       pd.Series(block.state).value_counts().items() if state != "present"),
             block.producer or None]
            for name, block in self.blocks.items()
        ]  # fmt: skip
        head = ["modality", "features", "patients", "others", "made by"]
        shown = table_html(head, rows, f"{len(self)} patients")
        if not len(self.left_out):
            return shown
        left = self.left_out.sort_values("rows", ascending=False, kind="stable")
        return shown + table_html(
            list(left.columns), left.to_numpy().tolist()[:_SHOWN], f"{len(left)} kinds left out"
        )
