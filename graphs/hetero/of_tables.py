"""of_tables: the tables of a store as the columns of a patient graph, in one pass."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from explorer.errors import ConflictError
from graphs.assembly.current import current_runs
from graphs.assembly.index_day import IndexDay, KnownOn
from graphs.assembly.tables import Tables
from graphs.hetero.add_items import add_items
from graphs.hetero.add_measured import add_observations, add_scene
from graphs.hetero.add_records import add_events, add_facts, add_patients, add_vectors
from graphs.hetero.add_reports import add_findings, add_groundings, add_reports, add_verdicts
from graphs.hetero.add_similar import add_similar
from graphs.hetero.hetero_tables import HeteroTables
from graphs.hetero.index_columns import IndexColumns
from graphs.hetero.pool import Pool
from graphs.hetero.wanted import Wanted
from graphs.similar_by import SimilarBy

_TRIES = 3


def of_tables(
    source: Any, wanted: Wanted, known_on: KnownOn | None, similar: SimilarBy | None
) -> HeteroTables:
    """Read a store into columns: the nodes and edges of `graphs.assemble`.

    Parameters
    ----------
    source : Store, PatientSet, Patient, or iterable of Patient
    wanted : Wanted
    known_on : int, str, date, mapping, or None
    similar : SimilarBy or None

    Returns
    -------
    HeteroTables

    Raises
    ------
    ConflictError
        Somebody kept committing to the store meanwhile.
    """
    for _ in range(_TRIES):
        tables = Tables(source)
        found = _read(tables, wanted, known_on, similar)
        if not tables.changed():
            return found
    raise ConflictError(
        "Others kept committing while the graph was read", do="try again, or pass patients"
    )


def _read(
    tables: Tables, wanted: Wanted, known_on: KnownOn | None, similar: SimilarBy | None
) -> HeteroTables:
    keys = pa.array(list(tables.versions), pa.string())
    index = IndexColumns(IndexDay(known_on, tables), keys)
    runs, gone = current_runs(tables)
    pool = Pool(keys, index, wanted, runs, gone)
    add_patients(pool, tables)
    add_items(pool, tables)
    add_reports(pool, tables)
    add_findings(pool, tables)
    add_groundings(pool, tables)
    add_observations(pool, tables)
    add_scene(pool, tables)
    add_verdicts(pool, tables)
    facts = add_facts(pool, tables, similar)
    add_events(pool, tables)
    add_vectors(pool, tables)
    if similar is not None and facts is not None:
        add_similar(pool, facts, similar)
    about = {
        "store": tables.store.id if tables.store else None, "patients": tables.versions,
        "known_on": index.plain, "cannot_tell": index.cannot_tell(), "later": index.later,
    }  # fmt: skip
    return pool.poured(about)
