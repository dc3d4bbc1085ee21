"""A hundred flipped and cut copies of a table of each kind: one status a file, no crash."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pandas as pd
import pytest

import explorer
from explorer.ingest import ingest


def _valid(kind: str, folder: Path) -> bytes:
    frame = pd.DataFrame(
        {
            "patient_id": [f"SYN-{n:03d}" for n in range(60)],
            "age": range(20, 80),
            "seen": [f"2019-0{n % 9 + 1}-1{n % 10}" for n in range(60)],
            "OS_time": [n * 1.5 for n in range(60)],
            "OS_event": [n % 2 for n in range(60)],
            "note": ['a "b", c'] * 60,
        }
    )
    if kind == "csv":
        return frame.to_csv(index=False).encode()
    if kind == "xlsx":
        out = io.BytesIO()
        frame.to_excel(out, index=False)
        return out.getvalue()
    frame.to_parquet(folder / "valid.parquet")
    return (folder / "valid.parquet").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_a_hundred_broken_files(tmp_path: Path, kind: str) -> None:
    valid, chance = _valid(kind, tmp_path), random.Random(20261125)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / f"whole.{kind}").write_bytes(valid)
    for n in range(100):
        data = bytearray(valid)
        if n % 2:
            del data[chance.randrange(1, len(data)) :]
        else:
            for _ in range(chance.choice((1, 1, 1, 8))):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        (folder / f"broken-{n:03d}.{kind}").write_bytes(data)
    result = ingest(folder, tmp_path / "s.onco")
    assert len(result.files) == 101
    assert {row["status"] for row in result.files} <= {"ingested", "refused", "skipped"}
    assert all(row["reason"] for row in result.files)
    whole = next(row for row in result.files if "whole" in row["path"])
    assert whole["status"] == "ingested"
    assert result.counts["refused"] > 5
    # the valid one's values are all there, whatever the others said
    facts = explorer.open(tmp_path / "s.onco").sql(
        "select p.label, f.value from facts f join patients p using (patient) "
        f"where f.name = 'age' and f.source like '%whole.{kind}'"
    )
    assert dict(zip(facts.label, facts.value.astype(float), strict=True)) == {
        f"SYN-{n:03d}": 20.0 + n for n in range(60)
    }
