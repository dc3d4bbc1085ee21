"""kept_vectors: vectors that were computed before, of the same content by the same model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

if TYPE_CHECKING:
    from explorer.store import Store


def kept_vectors(
    store: Store, wanted: Mapping[str, str]
) -> dict[str, tuple[NDArray[np.float32], list[str]]]:
    """Look vectors up by their runs.

    The newest versions of the patients are looked at, whatever version a cohort is of: a run's id
    says which model with which settings looked at which item, and the hash of the content says
    that it was this content.

    Parameters
    ----------
    store : Store
    wanted : mapping of str to str
        Run to the sha256 of the content.

    Returns
    -------
    dict of str to (ndarray of float32 (part, feature), list of str)
        Run to its vectors and their fragments.
    """
    if not wanted:
        return {}
    runs = store.records.visible("runs", ["run", "input_sha256", "detail"])
    mine = runs.filter(pc.is_in(runs["run"], value_set=pa.array(list(wanted), pa.string())))
    parts = {
        row["run"]: json.loads(row["detail"] or "{}").get("parts")
        for row in mine.to_pylist() if wanted[row["run"]] == row["input_sha256"]
    }  # fmt: skip
    parts = {run: said for run, said in parts.items() if isinstance(said, list)}
    found: dict[str, dict[int, Any]] = {run: {} for run in parts}
    if any(parts.values()):
        data = _rows(store, [run for run, said in parts.items() if said])
        width = pc.list_value_length(data["values"]).to_numpy()
        flat = pc.list_flatten(data["values"]).to_numpy().astype(np.float32, copy=False)
        ends = np.cumsum(width)
        for run, row, end, n in zip(
            data["origin"].to_pylist(), data["row"].to_pylist(), ends, width, strict=True
        ):
            found[run][row] = flat[end - n : end]
    return {
        run: (
            np.stack([found[run][k] for k in range(len(said))]) if said
            else np.zeros((0, 0), np.float32), said,
        )
        for run, said in parts.items() if set(found[run]) == set(range(len(said)))
    }  # fmt: skip


def _rows(store: Store, runs: list[str]) -> pa.Table:
    """Rows of some runs; a run that was said again is the same whichever commit it is read of."""
    data = store.records.visible("vectors", ["origin", "row", "values"])
    return data.filter(pc.is_in(data["origin"], value_set=pa.array(runs, pa.string())))
