"""Load a patient graph that was saved."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from graphs.errors import FormatError
from graphs.patient_graph import PatientGraph
from graphs.save_graph import FORMAT, VERSION, document_sha256


def load_graph(path: str | os.PathLike[str]) -> PatientGraph:
    """Read a file of `graphs.save_graph.save_graph`.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    PatientGraph
        Equal to the one that was saved: nodes, edges, attributes, provenance.

    Raises
    ------
    FormatError
        It is no such file, of a newer version, or was changed after it was saved.
    """
    try:
        body = json.loads(Path(path).read_bytes())
    except (ValueError, RecursionError) as error:
        raise FormatError(f"The file is no JSON: {error}"[:200], where=str(path)) from error
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise FormatError("The file is no saved patient graph", where=str(path))
    if body.get("version") != VERSION:
        raise FormatError(
            f"The graph has version {body.get('version')!r}",
            expected=str(VERSION),
            where=str(path),
            do="use a newer oncograph, or assemble it anew",
        )
    said = body.pop("sha256", None)
    if said != document_sha256(body):
        raise FormatError(
            "The graph was changed after it was saved: its hash does not fit",
            where=str(path),
            do="assemble it anew",
        )
    return _graph(body, str(path))


def _graph(body: dict[str, Any], where: str) -> PatientGraph:
    graph = PatientGraph(**body["graph"])
    try:
        graph.add_nodes_from((node, about) for node, about in body["nodes"])
        graph.add_edges_from((tail, head, key, about) for tail, head, key, about in body["edges"])
    except (TypeError, ValueError) as error:
        raise FormatError(f"A node or an edge is none: {error}", where=where) from error
    if len(graph) != len(body["nodes"]):
        raise FormatError("An edge names a node that is not there", where=where)
    return graph
