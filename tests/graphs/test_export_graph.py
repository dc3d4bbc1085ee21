from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import networkx as nx
import pyarrow.parquet as pq
import pytest

from graphs.errors import FormatError
from graphs.export_graph import export_graph
from graphs.export_text import export_text, from_export_text
from graphs.patient_graph import PatientGraph


def saved() -> ModuleType:
    path = Path(__file__).with_name("test_save_graph.py")  # what is saved there is exported here
    spec = importlib.util.spec_from_file_location("saved", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def graph() -> PatientGraph:
    made: PatientGraph = saved().hostile()
    return made


def plain(about: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in about.items() if value is not None}


def test_graphml_comes_back_with_every_attribute(graph: PatientGraph, tmp_path: Path) -> None:
    (path,) = export_graph(graph, tmp_path / "graph.graphml")
    found = nx.read_graphml(path, force_multigraph=True)
    nodes = {
        node: {name: from_export_text(value) for name, value in about.items()}
        for node, about in found.nodes(data=True)
    }
    assert nodes == {node: plain(about) for node, about in graph.nodes(data=True)}
    edges = sorted(
        (tail, head, repr(sorted((n, from_export_text(v)) for n, v in about.items() if n != "id")))
        for tail, head, about in found.edges(data=True)
    )
    assert edges == sorted(
        (tail, head, repr(sorted(plain(about).items())))
        for tail, head, about in graph.edges(data=True)
    )
    told = {name: from_export_text(value) for name, value in found.graph.items()}
    assert {name: told[name] for name in plain(graph.graph)} == plain(graph.graph)
    numbers = [about["number"] for _, about in found.nodes(data=True) if "number" in about]
    assert all(isinstance(one, float) for one in numbers)


def test_node_link_comes_back_equal(graph: PatientGraph, tmp_path: Path) -> None:
    (path,) = export_graph(graph, tmp_path / "graph.json")
    found = nx.node_link_graph(json.loads(path.read_text()), edges="edges")
    assert dict(found.nodes(data=True)) == dict(graph.nodes(data=True))
    assert list(found.edges(keys=True, data=True)) == list(graph.edges(keys=True, data=True))
    assert found.graph == graph.graph


def test_parquet_has_a_table_of_nodes_and_one_of_edges(graph: PatientGraph, tmp_path: Path) -> None:
    paths = export_graph(graph, tmp_path / "graph.parquet")
    assert [path.name for path in paths] == ["graph.nodes.parquet", "graph.edges.parquet"]
    nodes, edges = (pq.read_table(path) for path in paths)
    for row, (node, about) in zip(nodes.to_pylist(), graph.nodes(data=True), strict=True):
        made = json.loads(row.pop("detail")) | {k: v for k, v in row.items() if v is not None}
        made.pop("synthetic") if not made["synthetic"] else None
        assert made == {"address": node, **plain(about)}
    ends = [tuple(row[name] for name in ("tail", "head", "key")) for row in edges.to_pylist()]
    assert ends == list(graph.edges(keys=True))
    assert json.loads(nodes.schema.metadata[b"oncograph"]) == graph.graph
    empty = export_graph(PatientGraph(), tmp_path / "empty.parquet")
    assert pq.read_table(empty[0]).num_rows == 0


def test_another_suffix_is_refused(graph: PatientGraph, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"No format '\.csv'"):
        export_graph(graph, tmp_path / "graph.csv")


def test_text_of_any_kind_survives(graph: PatientGraph) -> None:
    for text in [*saved().HOSTILE, "plain", 1, 2.5, True, None, [1, "x"], {"a": None}, "\ud800"]:
        made = export_text(text)
        assert isinstance(made, str | int | float)
        assert from_export_text(made) == text
    assert export_text("plain") == "plain"
