"""Nearest of 100,000 vectors: our exact index beside scikit-learn's brute force and Lance.

Run: python benchmarks/nearest_vectors.py [--count 100000] [--dims 384 1280]
Vectors are made up: most of their length in few directions, as networks' are, or in none ('flat').
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from time import perf_counter, process_time

import lance
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from graphs.encoders.nearest import VectorIndex
from graphs.examples.bag import Bag

_EACH, _MOST, _ASKED = 4, 10, 20


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--dims", type=int, nargs="+", default=[384, 1280])
    told = parser.parse_args()
    for dim in told.dims:
        for decay, words in ((0.5, "few directions"), (0.0, "flat")):
            _compare(told.count, dim, decay, words)


def _compare(count: int, dim: int, decay: float, words: str) -> None:
    rng = np.random.default_rng(0)
    values = rng.standard_normal((count, dim), np.float32)
    values *= (np.arange(1, dim + 1) ** -decay).astype(np.float32)
    owner = np.arange(count) // _EACH
    keys = tuple(f"p{k}" for k in range(int(owner[-1]) + 1))
    bag = Bag("CT", keys, values, owner, tuple(map(str, range(dim))),
              tuple(f"onco:{keys[k]}/images/{n}" for n, k in enumerate(owner.tolist())),
              np.full(len(keys), "present"))  # fmt: skip
    began = perf_counter()
    index = VectorIndex(bag)
    made = perf_counter() - began
    unit = values / np.linalg.norm(values, axis=1, keepdims=True)
    brute = NearestNeighbors(n_neighbors=_MOST + _EACH, algorithm="brute", metric="cosine").fit(
        unit
    )
    with tempfile.TemporaryDirectory() as folder:
        column = pa.FixedSizeListArray.from_arrays(pa.array(unit.ravel()), dim)
        table = lance.write_dataset(pa.table({"vector": column}), f"{folder}/v.lance")

        def by_lance(at: int) -> list[int]:
            asked = {"column": "vector", "q": unit[at], "k": _MOST + _EACH, "metric": "cosine"}
            found = table.to_table(nearest=asked, columns=["_distance"], with_row_id=True)
            return [int(one) for one in found["_rowid"].to_pylist()]

        ways: dict[str, Callable[[int], list[int]]] = {
            "VectorIndex": lambda at: [
                int(one.address.rpartition("/")[2])
                for one in index.find(values[at], keys[owner[at]], _MOST)
            ],
            "scikit-learn": lambda at: brute.kneighbors(unit[at : at + 1])[1][0].tolist(),
            "Lance, no index": by_lance,
        }
        asked = rng.integers(0, count, _ASKED)
        sys.stdout.write(f"{count} x {dim}, {words}; index made in {made:.1f} s\n")
        _table(ways, asked, owner)


def _table(
    ways: dict[str, Callable[[int], list[int]]], asked: NDArray[np.int64], owner: NDArray[np.int64]
) -> None:
    first: list[set[int]] = []
    base = 0.0
    for name, way in ways.items():
        way(int(asked[0]))
        spent, answers = [], []
        cpu = process_time()
        for at in asked.tolist():
            began = perf_counter()
            found = way(at)
            spent.append(perf_counter() - began)
            answers.append({one for one in found if owner[one] != owner[at]})
        cpu = (process_time() - cpu) / len(asked)
        first = first or answers
        base = base or float(np.median(spent))
        same = float(np.mean([len(a & b) / len(a) for a, b in zip(first, answers, strict=True)]))
        sys.stdout.write(
            f"  {name:16} median {np.median(spent) * 1e3:7.1f} ms, longest "
            f"{max(spent) * 1e3:7.1f} ms, CPU {cpu * 1e3:7.1f} ms, "
            f"x {np.median(spent) / base:5.1f}, same neighbours {same:.0%}\n"
        )


if __name__ == "__main__":
    main()
