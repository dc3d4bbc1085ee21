"""Vectors side by side, with their gaps and groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.address import Address
from explorer.errors import NotFoundError
from explorer.tasks.task import Task
from explorer.windows.late_facts import late_facts
from graphs.features.known_rows import KnownRows
from graphs.features.pathways import (
    pathway_scores,
    read_gmt,
    read_signatures,
    with_pathways,
)  # fmt: skip
from graphs.features.vector_block import DIFFER, RAGGED, vector_block

AXES = {"features-1": ("rna", ["TP53", "EGFR", "<b>KRAS</b>"]),
        "features-2": ("rna", ["EGFR", "ALK"])}  # fmt: skip


def _vector(axis: str, *values: float, **more: Any) -> dict[str, Any]:
    return {"name": "rna", "features": axis, "values": list(values), **more}


def _patients() -> dict[str, Any]:
    return {
        "a": {"vectors": [_vector("features-1", 1, 2, 3)]},
        "b": {"vectors": [_vector("features-2", 4, 5)]},
        "two": {"vectors": [_vector("features-1", 1, 2, 3), _vector("features-1", 1, 2, 4)]},
        "later": {"vectors": [_vector("features-1", 7, 8, 9, days=-5),
                              _vector("features-1", 6, 6, 6, days=3)]},
        "odd": {"vectors": [_vector("features-1", 1, 2)]},
        "none": {"vectors": [_vector("features-1", state="not acquired")]},
        "nobody": {},
    }  # fmt: skip


def test_vectors_over_different_features(made: Any) -> None:
    cohort = made(_patients(), AXES).cohort()
    known = KnownRows(cohort)
    block = vector_block(known, "rna")
    assert set(block.names) == {"TP53", "EGFR", "<b>KRAS</b>", "ALK"}
    frame = block.frame[["TP53", "EGFR", "<b>KRAS</b>", "ALK"]].set_axis(
        list(cohort.labels.values())
    )
    nan = np.nan
    expected = {"a": [1, 2, 3, nan], "b": [nan, 4, nan, 5], "later": [6, 6, 6, nan]}
    for label in frame.index:
        want = expected.get(label, [nan] * 4)
        assert frame.loc[label].tolist() == pytest.approx(want, nan_ok=True)
    assert frame.dtypes.unique().tolist() == [np.float32]
    states = dict(zip(cohort.labels.values(), block.state.tolist(), strict=True))
    assert states == {"a": "present", "b": "present", "later": "present", "two": "unknown",
                      "odd": "unknown", "none": "not acquired", "nobody": "unknown"}  # fmt: skip
    why = {row.why: row.patients for row in known.left_out.itertuples()}
    assert why == {DIFFER: 1, RAGGED: 1, "the record says: not acquired": 1}
    key = {label: key for key, label in cohort.labels.items()}["later"]
    row = Address.parse(block.address(key, "EGFR")).resolve(cohort.store).value
    assert row["values"].iloc[0] == [6.0, 6.0, 6.0]


def test_a_sample_from_after_the_index_day_does_not_count(made: Any) -> None:
    cohort = made(_patients(), AXES).cohort().among(["later"])
    block = vector_block(cohort, "rna", task=Task("t", "binary"))
    assert block.frame["TP53"].tolist() == [7.0]
    only = cohort.store.cohort().among(["a"])
    with pytest.raises(NotFoundError, match="cannot tell"):
        vector_block(only, "rna", task=Task("t", "binary"))
    said = Task("t", "binary", known_at_index=("rna",))
    assert vector_block(only, "rna", task=said).frame["TP53"].tolist() == [1.0]
    assert late_facts(only, said).ok
    with pytest.raises(NotFoundError, match="No vector 'protein'"):
        vector_block(only, "protein")


def test_another_cohort_gets_the_same_features(made: Any) -> None:
    cohort = made(_patients(), AXES).cohort()
    like = vector_block(cohort.among(["a"]), "rna")
    other = vector_block(cohort.among(["b"]), "rna", like=like)
    assert other.names == like.names
    assert other.frame.to_numpy().tolist()[0] == pytest.approx([np.nan, 4, np.nan], nan_ok=True)


def test_pathways_group_and_average(made: Any, tmp_path: Path) -> None:
    block = vector_block(made(_patients(), AXES).cohort().among(["a", "b"]), "rna")
    gmt = tmp_path / "sets.gmt"
    gmt.write_text("GROWTH\thttp://x\tEGFR\tALK\tMYC\nREPAIR\t\tTP53\nNONE\t\tMYC\n")
    table = tmp_path / "sets.csv"
    table.write_text("GROWTH,REPAIR\nEGFR,TP53\nALK,\n")
    assert read_gmt(gmt)["GROWTH"] == ["EGFR", "ALK", "MYC"]
    assert read_signatures(table) == {"GROWTH": ["EGFR", "ALK"], "REPAIR": ["TP53"]}
    grouped = with_pathways(block, read_gmt(gmt))
    assert grouped.groups == {"GROWTH": ["EGFR", "ALK"], "REPAIR": ["TP53"]}
    scores = pathway_scores(grouped)
    rows = dict(zip(["a", "b"], scores.frame.to_numpy().tolist(), strict=True))
    assert sorted(rows.values()) == [[2.0, 1.0], pytest.approx([4.5, np.nan], nan_ok=True)]
