"""Parquet: the record tables at the cohort's versions, every column with its type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from explorer.exports.run import Run
from explorer.exports.subject import Subject
from explorer.exports.told_tables import (
    INDEX,
    INDEX_FORM,
    OPEN,
    PATIENT,
    columns,
    feature_rows,
    patient_rows,
    told_rows,
)
from explorer.layout import RECORDS, ROW_NAMES

_HIDDEN = (*OPEN, "segments")


class ParquetExporter:
    """Writes a Parquet file a record table, states of absence included, and ``patients``.

    Tables that source files speak of are read back; items, segments and what programs derived
    are for other programs to read.
    """

    name = "parquet"
    about = "Parquet tables at the cohort's versions"
    tables: Sequence[str] = ()

    def begin(self, run: Run) -> None:
        """Nothing is to be settled."""

    def write(self, run: Run, subject: Subject) -> None:
        """Say what of a patient is no table."""
        subject.leave_others("images", "segmentations", "waveforms", "slides")

    def finish(self, run: Run) -> None:
        """Write the tables."""
        index: dict[str, str] = {}
        tables = _HIDDEN if run.options.deidentify else RECORDS
        for table in tables:
            if table != "attributes":
                self._put(run, index, table, table, self._table(run, table))
        if run.options.deidentify:
            for table in sorted(set(RECORDS) - set(_HIDDEN) - {"attributes"}):
                run.leave(table, "it points at files and at texts as they were")
        kinds = {"synthetic": pa.bool_()}
        about = pa.schema(
            [("patient", pa.string()),
             *((name, kinds.get(name, pa.string())) for name in (*PATIENT, "part"))]
        )  # fmt: skip
        people = pa.Table.from_pylist(list(patient_rows(run)), schema=about)
        if not run.options.deidentify:
            heads = {run.called[head.patient]: head for head in run.cohort.heads}
            at = [heads[name] for name in people["patient"].to_pylist()]
            people = people.append_column("version", pa.array([h.version for h in at], pa.int64()))
            people = people.append_column("snapshot", pa.array([h.snapshot for h in at]))
        self._put(run, index, "patients", "attributes", people)
        features = feature_rows(run)
        if features:
            self._put(run, index, "features", "features", pa.Table.from_pylist(features))
        run.add_json(INDEX, {"format": INDEX_FORM, "tables": index}, kind="index")

    def _table(self, run: Run, table: str) -> pa.Table:
        names = columns(table, run.options.deidentify)
        kinds = {field.name: field.type for field in RECORDS[table]}
        schema = pa.schema([("patient", pa.string()), *((name, kinds[name]) for name in names)])
        if run.options.deidentify:
            left: Counter[str] = Counter()
            found = pa.Table.from_pylist(list(told_rows(run, table, left)), schema=schema)
            for why, count in left.items():
                run.leave(table, f"{count} rows: {why}")
            return found
        data = run.cohort.rows(table, [name for name in RECORDS[table].names
                                       if name not in ROW_NAMES])  # fmt: skip
        keys = data["patient"].to_pylist()
        called = pa.array([run.called[key] for key in keys], pa.string())
        return data.set_column(0, "patient", called).cast(schema)

    def _put(self, run: Run, index: dict[str, str], name: str, table: str, data: Any) -> None:
        if not data.num_rows:
            return
        about = {"oncograph.table": table, "oncograph.cohort": run.cohort.digest}
        path = run.folder / f"{name}.parquet"
        pq.write_table(data.replace_schema_metadata(about), path, compression="zstd")
        run.add(path, kind="table", table=table, rows=data.num_rows)
        index[path.name] = table
