"""A slice of the real index of the Imaging Data Commons, and rows made for a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.index.public_index import PublicIndex, public_index

SLICE = (
    Path(__file__).resolve().parents[3]
    / "notebooks"
    / "data"
    / "tables"
    / "idc_index"
    / "idc_index.parquet"
)


@pytest.fixture(scope="session")
def idc() -> PublicIndex:
    """1,664 real rows."""
    return public_index(SLICE)


@pytest.fixture
def made_index(tmp_path: Path) -> Callable[..., PublicIndex]:
    """``made_index(row, ...)``: an index of synthetic rows; what is not said is plain."""

    def make(*rows: dict[str, Any]) -> PublicIndex:
        plain: dict[str, Any] = {
            "collection_id": "synthetic", "PatientID": "P1", "StudyInstanceUID": "1.2.3",
            "Modality": "CT", "BodyPartExamined": "CHEST", "license_short_name": "CC BY 4.0",
            "series_size_MB": 1.5, "source_DOI": None,
        }  # fmt: skip
        made = [
            {
                **plain,
                "SeriesInstanceUID": f"1.2.3.{n}",
                "series_aws_url": f"s3://bucket/{n}/*",
                **r,
            }
            for n, r in enumerate(rows, start=1)
        ]
        path = tmp_path / "made.parquet"
        pq.write_table(pa.Table.from_pylist(made), path)
        return public_index(path)

    return make
