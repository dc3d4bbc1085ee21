"""A small made-up store (synthetic): dated codes, treatments, outcomes, and rows without a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import explorer
from explorer.anchor import Anchor
from explorer.draft import Source
from explorer.records_draft import RecordsDraft
from explorer.store import Store

Rows = Mapping[str, Sequence[dict[str, Any]]]
Make = Callable[..., Store]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Commit patients by name: tables with rows; time zero is a diagnosis without a date."""

    def made(patients: Mapping[str, Rows], kind: str | None = "diagnosis") -> Store:
        store = explorer.open(tmp_path / "made.onco", create=True)
        source = Source(Path("t.csv"), "/data/t.csv", "t.csv", True, 1, 1, "0" * 64)
        with store.transaction("synthetic") as t:
            for name, rows in patients.items():
                key = t.patient(name, synthetic=True)
                if kind:
                    t.set_anchor(key, Anchor(None, kind, "made up"))
                tables = {
                    table: [{"day_from": kind, "state": "present", **row} for row in some]
                    for table, some in rows.items()
                }
                draft = RecordsDraft("table-00000001", "t.csv", [source], synthetic=True, **tables)
                t.put_records(key, draft)
        return store

    return made
