"""Import scene graphs into a patient, the original kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.derived import text_sha256
from explorer.shown_list import ShownList
from graphs.attach import attach
from graphs.formats.load import load
from graphs.scene import SceneGraph

if TYPE_CHECKING:
    from explorer.patient import Patient

_PARTS = ("part", "labeler")


@dataclass(frozen=True)
class Imported:
    """One graph that was put to a patient.

    Attributes
    ----------
    run : str
    input : str
        What it is attached to; empty where it is attached to nothing.
    reason : str
        How, or why not.
    nodes, edges : int
    """

    run: str
    input: str
    reason: str
    nodes: int
    edges: int


def import_scene(
    patient: Patient,
    source: Path | str | bytes | dict[str, Any] | list[Any] | SceneGraph | list[SceneGraph],
    *,
    format: str | None = None,
    report: str | None = None,
    image: str | None = None,
) -> ShownList[Imported]:
    """Commit the graphs of a document to a patient.

    Parameters
    ----------
    patient : Patient
        Whose they are: a person says so, nothing in a document is taken for it.
    source : pathlib.Path, str, bytes, dict, list, SceneGraph or list of SceneGraph
        As in `graphs.formats.load`, or graphs that were read.
    format : str or None
    report, image : str or None
        What all of them are of; None: by exact ids (`graphs.attach`).

    Returns
    -------
    ShownList of Imported
        Runs of kind 'import'; one that could not be attached is kept with the patient, and says
        why. Importing the same again changes nothing.

    Raises
    ------
    FormatError
        The document cannot be read; nothing is committed.
    NotFoundError
        The patient has no such report or image.
    """
    if isinstance(source, SceneGraph):
        graphs = [source]
    elif isinstance(source, list) and source and all(isinstance(g, SceneGraph) for g in source):
        graphs = list(source)
    else:
        graphs = load(source, format)
    attached = [attach(graph, patient, report=report, image=image) for graph in graphs]
    made = []
    with patient.store.transaction(f"import {len(graphs)} scene graphs") as t:
        for graph, reason in attached:
            draft = _named(graph).run("import", input_sha256=_sha256(patient, graph.input))
            draft.detail = {**draft.detail, "attached": reason}
            draft.synthetic = patient.synthetic
            run = t.put_run(patient.key, draft)
            made.append(Imported(run, graph.input, reason, len(graph.nodes), len(graph.edges)))
    return ShownList(
        made,
        ["run", "attached to", "how", "nodes", "edges"],
        lambda one: [one.run, one.input or None, one.reason, one.nodes, one.edges],
        "imported graphs",
    )


def _named(graph: SceneGraph) -> SceneGraph:
    """The graph with a producer that tells it from others of the same document.

    Of several runs of one producer on one input only the newest counts.
    """
    parts = [
        str(about[part])
        for about in graph.detail.values()
        if isinstance(about, dict)
        for part in _PARTS
        if about.get(part)
    ]
    said = graph.document if graph.document is not None else graph.to_json()
    digest = hashlib.sha256(said.encode()).hexdigest()
    if not graph.input:
        parts.append(digest[:12])
    by = graph.producer
    settings = {**by.settings, "document_sha256": digest}
    return replace(graph, producer=replace(by, name="/".join([by.name, *parts]), settings=settings))


def _sha256(patient: Patient, input: str) -> str | None:
    kind, _, item = input.partition("/")
    return text_sha256(patient.reports[item].text) if kind == "reports" else None
