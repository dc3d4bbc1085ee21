"""standing_rows: the findings that hold, over all patients of a basis."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from explorer.facet import Ints
from explorer.select.basis import Basis
from explorer.standing_runs import standing_runs


def standing_rows(basis: Basis, *columns: str) -> tuple[Ints, pa.Table]:
    """Findings of the newest run of each extractor, of reports that still read the same.

    Parameters
    ----------
    basis : Basis
    *columns : str

    Returns
    -------
    where : ndarray of int32, (row,)
        Patients.
    data : pyarrow.Table
    """
    where, data = basis.table("findings", "run", "current", *columns)
    standing = pa.array(sorted(basis.once("runs", lambda: standing_runs(basis))), pa.string())
    held = pc.and_(pc.fill_null(data["current"], False), pc.is_in(data["run"], value_set=standing))
    held = pc.fill_null(held, False)
    return where[held.to_numpy()], data.filter(held)


def read_reports(basis: Basis) -> Ints:
    """Patients of whom a report was read for findings, by a run that holds."""
    standing = pa.array(sorted(basis.once("runs", lambda: standing_runs(basis))), pa.string())
    where, data = basis.table("runs", "run", "kind")
    done = pc.and_(pc.equal(data["kind"], "findings"), pc.is_in(data["run"], value_set=standing))
    found: Ints = where[pc.fill_null(done, False).to_numpy()]
    return found
