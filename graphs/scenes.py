"""The scene graphs of a patient, as far as they still hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.derived import derived
from explorer.shown_list import ShownList
from graphs.scene import SceneGraph

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.patient import Patient

KINDS = ("scene", "import")


def scenes(patient: Patient, kinds: Iterable[str] = KINDS) -> ShownList[SceneGraph]:
    """Read the graphs that were stored, one a run.

    Parameters
    ----------
    patient : Patient
    kinds : iterable of str
        'scene': made of findings or masks here; 'import': read from a document.

    Returns
    -------
    ShownList of SceneGraph
        By the newest run of each producer; not those of a report that reads otherwise by now.
    """
    wanted = set(kinds)
    runs = [run for run in derived(patient, "runs") if run["kind"] in wanted]
    rows: dict[str, dict[str, list[dict[str, object]]]] = {"nodes": {}, "edges": {}}
    for table, by_run in rows.items():
        for row in derived(patient, table):
            by_run.setdefault(row["run"], []).append(row)
    return shown(
        SceneGraph.of_rows(
            run, rows["nodes"].get(run["run"], []), rows["edges"].get(run["run"], [])
        )
        for run in runs
    )


def shown(graphs: Iterable[SceneGraph]) -> ShownList[SceneGraph]:
    """Graphs as a list with a table."""
    return ShownList(
        graphs,
        ["of", "by", "version", "nodes", "edges"],
        lambda one: [one.input or None, one.producer.name, one.producer.version, len(one.nodes),
                     len(one.edges)],
        "scene graphs",
    )  # fmt: skip
