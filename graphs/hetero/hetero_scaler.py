"""HeteroScaler: what is learnt of the nodes of training patients, and nothing of others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphs.hetero.hetero_tables import EdgeType, HeteroTables, NodeTable
from graphs.hetero.kind_features import RARE
from graphs.models.scaler import Scaler

Floats = NDArray[np.float32]
DAY = "day"
# Codes of a word: training has not seen it, or nothing is said. Its vocabulary starts behind.
UNSEEN, NOT_SAID = 0, 1


@dataclass(repr=False)
class HeteroScaler:
    """Standardises numbers and gives words a code.

    A number is compared with those of the same name and unit; one whose name training has not
    seen cannot be, and counts as not known. The scaler is JSON-able (`plain`, `of`) and applies
    to any other patients.

    Attributes
    ----------
    clip : float
        Most standard deviations from the mean.
    least : int
        Texts that fewer training nodes have are as good as not seen.
    numbers : dict
        Kind to its numbers, the day being the last one, to 'name [unit]', to (mean, standard
        deviation).
    words : dict
        Kind to its words, to the texts whose codes are 2, 3, ... (hostile).
    blocks : dict
        Kind to the names of further features, to what scales them.
    edges : list of (kind, relation, kind)
        Those of the graph that it was fitted on.
    """

    clip: float = 5.0
    least: int = 5
    numbers: dict[str, dict[str, dict[str, tuple[float, float]]]] = field(default_factory=dict)
    words: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    blocks: dict[str, dict[str, Scaler]] = field(default_factory=dict)
    edges: list[EdgeType] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<HeteroScaler: {len(self.numbers)} kinds, {len(self.edges)} kinds of edges>"

    def fit(self, tables: HeteroTables, train: NDArray[np.bool_]) -> Self:
        """Learn.

        Parameters
        ----------
        tables : HeteroTables
        train : ndarray of bool, (patient,)
            Whose nodes may be looked at.
        """
        self.edges = list(tables.edges)
        for kind, nodes in tables.nodes.items():
            rows = train[nodes.patient]
            self.numbers[kind] = {
                name: _spread(values, rows, None if name == DAY else nodes.group)
                for name, values in _numbers(nodes).items()
            }
            self.words[kind] = {
                name: _levels(column, rows, self.least if name in RARE else 1)
                for name, column in nodes.words.items()
            }
        return self

    def columns(self, kind: str) -> list[str]:
        """Names of the columns of ``x``: numbers, the day, and further features."""
        more = [
            f"{name}: {column}"
            for name, scaler in self.blocks.get(kind, {}).items()
            for column in scaler.columns
        ]
        return [*self.numbers[kind], *more]

    def slices(self, kind: str) -> dict[str, slice]:
        """Where in ``x`` each of the further features stands."""
        at, found = len(self.numbers[kind]), {}
        for name, scaler in self.blocks.get(kind, {}).items():
            found[name] = slice(at, at + len(scaler.columns))
            at += len(scaler.columns)
        return found

    def sizes(self, kind: str) -> dict[str, int]:
        """How many codes each word has: what an embedding needs rows for."""
        return {name: len(levels) + 2 for name, levels in self.words[kind].items()}

    def scaled(self, nodes: NodeTable) -> tuple[Floats, NDArray[np.bool_]]:
        """Numbers and the day of nodes.

        Returns
        -------
        x : ndarray of float32, (node, number)
            0, the training mean, where nothing is known: the mask says so.
        mask : ndarray of bool, (node, number)
        """
        learnt = self.numbers[nodes.kind]
        x = np.zeros((len(nodes), len(learnt)), np.float32)
        mask = np.zeros(x.shape, bool)
        for k, (name, values) in enumerate(_numbers(nodes).items()):
            found = learnt[name]
            if name == DAY or nodes.group is None:
                means, spreads = (np.array([one]) for one in found.get("", (np.nan, np.nan)))
                of: Any = np.zeros(len(nodes), np.int64)
            else:
                names = nodes.group.dictionary.to_pylist()
                pairs = [found.get(one, (np.nan, np.nan)) for one in names] or [(np.nan, np.nan)]
                means, spreads = np.array(pairs, np.float64).T
                of = np.asarray(nodes.group.indices).astype(np.int64)
            with np.errstate(invalid="ignore", divide="ignore"):
                z = (values - means[of]) / spreads[of]
            mask[:, k] = np.isfinite(values) & np.isfinite(means[of])
            x[:, k] = np.where(mask[:, k], np.clip(z, -self.clip, self.clip), 0)
        return x, mask

    def coded(self, nodes: NodeTable) -> NDArray[np.int64]:
        """Codes of the words of nodes, (node, word)."""
        made = np.full((len(nodes), len(self.words[nodes.kind])), NOT_SAID, np.int64)
        for k, (name, levels) in enumerate(self.words[nodes.kind].items()):
            column = nodes.words[name]
            known = pa.array(levels, pa.string())
            code = pc.fill_null(pc.index_in(column.dictionary, value_set=known), UNSEEN - 2)
            lookup = np.append(np.asarray(code).astype(np.int64) + 2, NOT_SAID)
            made[:, k] = lookup[_codes(column)]
        return made

    def plain(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        numbers = {
            kind: {
                name: {one: [mean, None if np.isinf(s) else s] for one, (mean, s) in some.items()}
                for name, some in named.items()
            }
            for kind, named in self.numbers.items()
        }
        blocks = {
            kind: {name: one.plain() for name, one in some.items()}
            for kind, some in self.blocks.items()
        }
        return {"clip": self.clip, "least": self.least, "numbers": numbers, "words": self.words,
                "blocks": blocks, "edges": [list(one) for one in self.edges]}  # fmt: skip

    @classmethod
    def of(cls, plain: dict[str, Any]) -> HeteroScaler:
        """What `plain` gave."""
        numbers = {
            kind: {
                name: {
                    one: (float(mean), np.inf if s is None else float(s))
                    for one, (mean, s) in some.items()
                }
                for name, some in named.items()
            }
            for kind, named in plain["numbers"].items()
        }
        blocks = {
            kind: {name: Scaler.of(one) for name, one in some.items()}
            for kind, some in plain["blocks"].items()
        }
        edges = [(a, b, c) for a, b, c in plain["edges"]]
        return cls(plain["clip"], plain["least"], numbers, plain["words"], blocks, edges)


def _numbers(nodes: NodeTable) -> dict[str, NDArray[np.float64]]:
    return {**nodes.numbers, DAY: np.where(nodes.day_known, nodes.day, np.nan)}


def _spread(
    values: NDArray[np.float64], rows: NDArray[np.bool_], group: pa.DictionaryArray | None
) -> dict[str, tuple[float, float]]:
    kept = rows & np.isfinite(values)
    known = values[kept]
    if group is None:
        names, of = [""], np.zeros(len(known), np.int64)
    else:
        names = group.dictionary.to_pylist()
        of = np.asarray(group.indices).astype(np.int64)[kept]
    count = np.bincount(of, minlength=len(names))
    safe = np.maximum(count, 1)
    mean = np.bincount(of, known, len(names)) / safe
    # in two steps: the mean of squares less the square of the mean loses all digits of dates
    spread = np.sqrt(np.bincount(of, (known - mean[of]) ** 2, len(names)) / safe)
    return {
        names[k]: (float(mean[k]), float(spread[k]) if spread[k] > 1e-12 else float("inf"))
        for k in np.flatnonzero(count).tolist()
    }


def _codes(column: pa.DictionaryArray) -> NDArray[np.int64]:
    return np.asarray(pc.fill_null(column.indices, -1)).astype(np.int64)


def _levels(column: pa.DictionaryArray, rows: NDArray[np.bool_], least: int) -> list[str]:
    codes = _codes(column)[rows]
    count = np.bincount(codes[codes >= 0], minlength=len(column.dictionary))
    kept = np.flatnonzero(count >= least)
    return sorted(column.dictionary.take(pa.array(kept)).to_pylist())
