"""Export a patient graph for other programs: GraphML, JSON (node-link), Parquet."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow as pa

from graphs.errors import FormatError
from graphs.export_text import export_text
from graphs.patient_graph import PatientGraph

_TEXT = ("kind", "name", "patient", "date", "source", "run")
_SUFFIXES = (".graphml", ".json", ".parquet")


def export_graph(graph: PatientGraph, path: str | os.PathLike[str]) -> list[Path]:
    """Write a graph in the format that the file's suffix names.

    - ``.graphml``: every attribute, as a number or text; what XML cannot hold, and lists, as
      ``json:`` and JSON (`graphs.export_text.from_export_text` reads it).
    - ``.json``: networkx' node-link data.
    - ``.parquet``: two tables, ``<name>.nodes.parquet`` and ``<name>.edges.parquet``; what has
      no column of its own stands in ``detail`` as JSON.

    Reports' texts are not in a graph. Names, values of facts and mentions are, as text: a
    spreadsheet may take one that begins with '=' for a formula.

    Parameters
    ----------
    graph : PatientGraph
    path : path-like

    Returns
    -------
    list of pathlib.Path
        The files that were written.

    Raises
    ------
    FormatError
        The suffix is another one.
    """
    place = Path(path)
    if place.suffix == ".graphml":
        nx.write_graphml_xml(_plain(graph), place, infer_numeric_types=True)
        return [place]
    if place.suffix == ".json":
        data = nx.node_link_data(graph, edges="edges")
        with place.open("w", encoding="ascii") as file:
            json.dump(data, file, allow_nan=False)
        return [place]
    if place.suffix == ".parquet":
        return _parquet(graph, place)
    raise FormatError(
        f"No format {place.suffix!r}", expected=f"one of {', '.join(_SUFFIXES)}", where=str(place)
    )


def _plain(graph: PatientGraph) -> nx.MultiDiGraph:
    plain = nx.MultiDiGraph(**_values(graph.graph))
    plain.add_nodes_from((node, _values(about)) for node, about in graph.nodes(data=True))
    plain.add_edges_from(
        (tail, head, key, _values(about))
        for tail, head, key, about in graph.edges(keys=True, data=True)
    )
    return plain


def _values(about: dict[str, Any]) -> dict[str, Any]:
    return {name: export_text(value) for name, value in about.items() if value is not None}


def _parquet(graph: PatientGraph, place: Path) -> list[Path]:
    import pyarrow.parquet as pq

    nodes = [{"address": node, **_row(about)} for node, about in graph.nodes(data=True)]
    edges = [
        {"tail": tail, "head": head, "key": key, **_row(about)}
        for tail, head, key, about in graph.edges(keys=True, data=True)
    ]
    columns = [*_TEXT, "detail"]
    said = pa.schema([(name, pa.string()) for name in columns])
    said = said.append(pa.field("day", pa.int64())).append(pa.field("number", pa.float64()))
    said = said.append(pa.field("synthetic", pa.bool_()))
    told = {"oncograph": json.dumps(graph.graph)}
    written = []
    for name, ids, rows in (
        ("nodes", ["address"], nodes), ("edges", ["tail", "head", "key"], edges),
    ):  # fmt: skip
        schema = pa.schema([*(pa.field(one, pa.string()) for one in ids), *said], metadata=told)
        target = place.with_suffix(f".{name}.parquet")
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), target)
        written.append(target)
    return written


def _row(about: dict[str, Any]) -> dict[str, Any]:
    own = {name: about.get(name) for name in (*_TEXT, "day")}
    number = about.get("number")
    rest = {name: value for name, value in about.items() if name not in own and name != "synthetic"}
    if isinstance(number, int | float):
        rest.pop("number")
        own["number"] = float(number)
    own["synthetic"] = bool(about.get("synthetic"))
    own["detail"] = json.dumps(rest, ensure_ascii=False, sort_keys=True)
    return own
