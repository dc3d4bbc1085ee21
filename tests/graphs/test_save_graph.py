from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphs.errors import FormatError
from graphs.graph_diff import graph_diff
from graphs.load_graph import load_graph
from graphs.patient_graph import PatientGraph
from graphs.save_graph import save_graph

HOSTILE = [
    "<script>alert(1)</script>", "'; drop table items; --", "=cmd|' /C calc'!A0", "$x_1$ \\frac{",
    "\x1b[2J\x00\x0b", "a\u202eb", "\ufffe\uffff", "json:[1]", "  spaces ", "", "a\r\nb\rc\td",
    "日本語の所見 🫁", "]]>&amp;<!--", "../../etc/passwd",
]  # fmt: skip


def hostile() -> PatientGraph:
    """A graph of hostile names; built by hand, so that nothing before it could have mended them."""
    graph = PatientGraph(
        store="s", patients={"k": 3}, known_on=None, cannot_tell=[["onco:k/facts/a", "fact", "<"]],
        later={"fact": 1}, problems=[], runs={"run-1": {"producer": "<b>", "version": "1"}},
    )  # fmt: skip
    graph.add_node("onco:k/patients/k", kind="patient", name="k", patient="k", day=None)
    for number, text in enumerate(HOSTILE):
        node = f"onco:k/facts/f{number}"
        graph.add_node(
            node, kind="fact", name=text, patient="k", day=number - 3, number=0.1 + number,
            listed=[text, 1], more={"text": text}, synthetic=True,
        )  # fmt: skip
        graph.add_edge("onco:k/patients/k", node, key="has", kind="has", day=number, by=text)
        graph.add_edge("onco:k/patients/k", node, key="has 2", kind="has", day=None, by=None)
    return graph


def same(one: PatientGraph, other: PatientGraph) -> bool:
    return (
        list(one.nodes(data=True)) == list(other.nodes(data=True))
        and list(one.edges(keys=True, data=True)) == list(other.edges(keys=True, data=True))
        and one.graph == other.graph
    )


def test_what_is_loaded_equals_what_was_saved(tmp_path: Path) -> None:
    graph = hostile()
    digest = save_graph(graph, tmp_path / "graph.json")
    found = load_graph(tmp_path / "graph.json")
    assert same(found, graph)
    assert not graph_diff(graph, found)
    assert isinstance(found, PatientGraph)
    assert save_graph(found, tmp_path / "again.json") == digest
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.json", "graph.json"]
    empty = PatientGraph(store=None, patients={})
    save_graph(empty, tmp_path / "empty.json")
    assert same(load_graph(tmp_path / "empty.json"), empty)


def test_a_graph_that_cannot_be_saved_leaves_the_old_file(tmp_path: Path) -> None:
    graph = hostile()
    save_graph(graph, tmp_path / "graph.json")
    graph.add_node("onco:k/facts/nan", kind="fact", number=float("nan"))
    with pytest.raises(ValueError, match="JSON compliant"):
        save_graph(graph, tmp_path / "graph.json")
    assert len(load_graph(tmp_path / "graph.json")) == len(graph) - 1
    assert [path.name for path in tmp_path.iterdir()] == ["graph.json"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda body: body["nodes"][1][1].update(name="other"), "changed after it was saved"),
        (lambda body: body.pop("sha256"), "changed after it was saved"),
        (lambda body: body["edges"].pop(), "changed after it was saved"),
        (lambda body: body.update(version=99), "version 99"),
        (lambda body: body.update(format="x"), "no saved patient graph"),
    ],
)
def test_a_changed_file_is_refused(tmp_path: Path, change, said: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "graph.json"
    save_graph(hostile(), path)
    body = json.loads(path.read_text())
    change(body)
    path.write_text(json.dumps(body))
    with pytest.raises(FormatError, match=said):
        load_graph(path)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    with pytest.raises(FormatError):
        load_graph(tmp_path / "x")
