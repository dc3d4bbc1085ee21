"""Assemble: the tables of a store as one graph of a patient, or of a cohort."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from explorer.errors import ConflictError
from explorer.patient import Patient
from explorer.patient_set import PatientSet
from explorer.store import Store
from graphs.assembly.builder import Builder
from graphs.assembly.current import current_runs
from graphs.assembly.index_day import IndexDay, KnownOn
from graphs.assembly.items import add_items, add_patients
from graphs.assembly.measured import add_observations, add_scene
from graphs.assembly.predicted import add_predictions
from graphs.assembly.records import add_events, add_facts, add_vectors
from graphs.assembly.similar import add_similar
from graphs.assembly.statements import add_findings, add_groundings, add_reports, add_verdicts
from graphs.assembly.tables import Tables
from graphs.similar_by import SimilarBy

if TYPE_CHECKING:
    from graphs.patient_graph import PatientGraph

_TRIES = 3


def assemble(
    source: Patient | Iterable[Patient] | PatientSet | Store,
    *,
    known_on: KnownOn | None = None,
    similar_by: SimilarBy | Mapping[str, float | None] | Sequence[str] | None = None,
    kinds: Collection[str] | None = None,
) -> PatientGraph:
    """Put everything that is known into one graph.

    Nodes are addresses; each has a kind of `graphs.patient_graph.NODE_KINDS`. A whole store, and
    patients at their newest version, are read a table at a time, not a patient at a time.

    Two nodes are one only where an exact identifier says so: a StudyInstanceUID, a code, a
    tracking UID. Outlines of four readers stay four segments.

    Parameters
    ----------
    source : Patient, iterable of Patient, PatientSet, or Store
        Patients stay at the version that they were opened at.
    known_on : int, str, date, mapping, or None
        Keep only what was known on the index date: a day from time zero, an ISO date,
        'treatment' (the first day of the first treatment), or one of these for each patient's
        key. The index day itself counts as known. What has no day that can be compared with it
        is left out and listed (``graph.cannot_tell``); what a program derived is as old as the
        report and image that it was derived from.
    similar_by : SimilarBy, mapping, or sequence of str, optional
        Draw edges 'similar_to' from each patient to the nearest others by chosen facts:
        ``{'age_at_diagnosis': 365, 'project_id': None}``, None being 'the same text'. How, and
        how far apart, stands on the edge.
    kinds : collection of str, optional
        Only nodes of these kinds, besides patients.

    Returns
    -------
    PatientGraph
        A `networkx.MultiDiGraph`. An empty source gives an empty graph.

    Raises
    ------
    KnownOnError, SimilarByError
        The index date is none; no fact is named.
    StoreError
        The patients are of several stores, or one stands at two versions.
    ConflictError
        Somebody kept committing to the store meanwhile.
    """
    similar = None if similar_by is None else SimilarBy.of(similar_by)
    if not isinstance(source, Patient | PatientSet | Store):
        source = list(source)
    for _ in range(_TRIES):
        tables = Tables(source)
        with _no_collection():
            graph = _assembled(tables, known_on, similar, kinds)
        if not tables.changed():
            return graph
    raise ConflictError(
        "Others kept committing while the graph was read", do="try again, or pass patients"
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    """A million dicts are made and none is let go: looking for garbage takes a third longer."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _assembled(
    tables: Tables,
    known_on: KnownOn | None,
    similar: SimilarBy | None,
    kinds: Collection[str] | None,
) -> PatientGraph:
    from graphs.patient_graph import PatientGraph

    index = IndexDay(known_on, tables)
    shown = None if kinds is None or similar is None else {*kinds, "fact"}
    builder = Builder(index, shown or kinds)
    runs, gone = current_runs(tables)
    add_patients(builder, tables)
    add_items(builder, tables)
    add_reports(builder, tables, gone)
    add_findings(builder, tables, runs)
    add_groundings(builder, tables, runs)
    add_observations(builder, tables, runs, gone)
    add_scene(builder, tables, runs)
    add_verdicts(builder, tables, runs)
    # facts that are only compared need not all be read
    compared = similar is not None and kinds is not None and "fact" not in kinds
    add_facts(builder, tables, set(similar.facts) if similar and compared else None)
    add_events(builder, tables)
    add_vectors(builder, tables)
    add_predictions(builder, tables, runs)
    uncompared = {} if similar is None else add_similar(builder, similar)
    if compared:
        for address in [one for one, about in builder.nodes.items() if about["kind"] == "fact"]:
            del builder.nodes[address]
    graph = PatientGraph(
        store=tables.store.id if tables.store else None,
        patients=dict(tables.versions),
        known_on=index.plain(),
        similar_by=None
        if similar is None
        else {"facts": dict(similar.facts), "nearest": similar.nearest, "left_out": uncompared},
        kinds=None if kinds is None else sorted(kinds),
        cannot_tell=[list(one) for one in index.cannot_tell],
        later=index.later,
        problems=[*builder.problems, *_more(builder)],
        runs=runs,
    )
    builder.pour(graph)
    return graph


def _more(builder: Builder) -> list[str]:
    left = builder.problem_count - len(builder.problems)
    return [f"and {left} more problems"] if left else []
