"""Save a patient graph: one JSON document with a hash, and where it came from."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from graphs.patient_graph import PatientGraph

FORMAT = "oncograph.patient_graph"
VERSION = 1


def save_graph(graph: PatientGraph, path: str | os.PathLike[str]) -> str:
    """Write a graph to a file, which appears whole or not at all.

    The document names the store and the version of each patient, so that the graph can be made
    again, and has the sha256 of all else in it.

    Parameters
    ----------
    graph : PatientGraph
    path : path-like
        ``.json`` by custom. Sentences' places are in it, reports' texts are not; facts are.

    Returns
    -------
    str
        The sha256.
    """
    body = graph_document(graph)
    digest = document_sha256(body)
    place = Path(path)
    with tempfile.NamedTemporaryFile(
        "w", encoding="ascii", dir=place.parent, prefix=".graph-", delete=False
    ) as file:
        try:
            json.dump({**body, "sha256": digest}, file, allow_nan=False)
        except BaseException:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(place)
    return digest


def graph_document(graph: PatientGraph) -> dict[str, Any]:
    """The graph as JSON-able data: nodes and edges in their order."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "graph": dict(graph.graph),
        "nodes": [[node, about] for node, about in graph.nodes(data=True)],
        "edges": [
            [tail, head, key, about] for tail, head, key, about in graph.edges(keys=True, data=True)
        ],
    }


def document_sha256(body: dict[str, Any]) -> str:
    """The hash of a document without its hash: of the JSON with sorted keys and no blanks."""
    # at once: the encoder that gives it in parts is ten times slower
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
