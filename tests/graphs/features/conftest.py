"""Synthetic patients with rows of any table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import explorer
from explorer.anchor import Anchor
from explorer.draft import Source
from explorer.records_draft import RecordsDraft
from explorer.run_draft import RunDraft
from explorer.store import Store

Rows = Mapping[str, Sequence[dict[str, Any]]]


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Store]:
    """``made({"a": {"facts": [...]}}, features={...}, runs={"a": [RunDraft]})``: a new store.

    Time zero of each patient is a diagnosis without a date; rows count their days from it.
    """

    def make(
        patients: Mapping[str, Rows],
        features: Mapping[str, tuple[str, list[str]]] | None = None,
        runs: Mapping[str, Sequence[RunDraft]] | None = None,
    ) -> Store:
        store = explorer.open(tmp_path / "made.onco", create=True)
        source = Source(Path("t.csv"), "/data/t.csv", "t.csv", True, 1, 1, "0" * 64)
        with store.transaction("synthetic") as t:
            for name, rows in patients.items():
                key = t.patient(name, synthetic=True)
                t.set_anchor(key, Anchor(None, "diagnosis", "made up"))
                tables = {
                    table: [{"day_from": "diagnosis", "state": "present", **row} for row in some]
                    for table, some in rows.items()
                }
                draft = RecordsDraft("table-00000001", "t.csv", [source], synthetic=True,
                                     features=dict(features or {}), **tables)  # fmt: skip
                t.put_records(key, draft)
                for run in (runs or {}).get(name, ()):
                    t.put_run(key, run)
        return store

    return make
