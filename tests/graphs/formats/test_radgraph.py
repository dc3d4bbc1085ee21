"""RadGraph and RadGraph-XL, from the graph alone to the same JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from graphs.errors import FormatError
from graphs.formats import radgraph
from graphs.scene import SceneGraph

DATA = Path(__file__).parents[2] / "data" / "formats"
FILES = ["radgraph_xl_readme.json", "radgraph_described.json"]


def _read(name: str) -> tuple[str, list[SceneGraph]]:
    text = (DATA / name).read_text("utf-8")
    return text, radgraph.read(text)


@pytest.mark.parametrize("name", FILES)
def test_every_slice_is_its_tokens(name: str) -> None:
    _, graphs = _read(name)
    for graph in graphs:
        text = graph.detail["radgraph"]["text"]
        for node in graph.nodes.values():
            start, end = node.detail["chars"]
            assert text[start:end].split() == node.name.split()


def test_the_example_of_the_readme_comes_back_equal() -> None:
    text, graphs = _read("radgraph_xl_readme.json")
    bare = [replace(graph, document=None) for graph in graphs]
    assert json.loads(radgraph.write(bare)) == json.loads(text)
    (graph,) = graphs
    absent, chest, tube = graph.nodes.values()
    assert (absent.name, absent.kind, absent.assertion) == ("pneumothorax", "observation", "absent")
    assert (chest.kind, radgraph.label_of(tube)) == ("anatomy", "Observation::definitely present")
    assert [(e.kind, e.tail, e.head) for e in graph.edges] == [("located_at", tube.id, chest.id)]


def test_a_fixture_written_from_the_description_comes_back_equal() -> None:
    text, graphs = _read("radgraph_described.json")
    assert len(graphs) == 3  # a report, and one of two labelers
    bare = [replace(graph, document=None) for graph in graphs]
    assert json.loads(radgraph.write(bare)) == json.loads(text)
    assert json.loads(graphs[0].document or "") == json.loads(text)["made-up/1.txt"]
    assert (graphs[0].document or "") in text


def test_measurements_of_xl() -> None:
    document = {"a": {"text": "a 2 cm nodule", "entities": {
        "1": {"tokens": "2 cm", "label": "Observation::measurement::definitely present",
              "start_ix": 1, "end_ix": 2, "relations": [["modify", "2"]]},
        "2": {"tokens": "nodule", "label": "Observation::uncertain", "start_ix": 3, "end_ix": 3,
              "relations": []}}}}  # fmt: skip
    (graph,) = radgraph.read(document)
    assert next(iter(graph.nodes.values())).kind == "measurement"
    assert json.loads(radgraph.write(graph)) == document


def _tokens(one: dict) -> None:  # type: ignore[type-arg]
    one["entities"]["2"]["tokens"] = "mass"


def _index(one: dict) -> None:  # type: ignore[type-arg]
    one["entities"]["2"]["end_ix"] = 99


def _label(one: dict) -> None:  # type: ignore[type-arg]
    one["entities"]["2"]["label"] = "OBS"


def _head(one: dict) -> None:  # type: ignore[type-arg]
    one["entities"]["2"]["relations"] = [["modify", "nobody"]]


def _text(one: dict) -> None:  # type: ignore[type-arg]
    one["text"] = None


@pytest.mark.parametrize("spoil", [_tokens, _index, _label, _head, _text])
def test_a_document_that_is_wrong_says_where(spoil: Callable[[dict], None]) -> None:  # type: ignore[type-arg]
    document = json.loads((DATA / "radgraph_described.json").read_text("utf-8"))
    spoil(document["made-up/1.txt"])
    with pytest.raises(FormatError) as error:
        radgraph.read(json.dumps(document))
    assert "made-up/1.txt" in str(error.value.where)


def test_no_label_for_what_the_spelling_lacks() -> None:
    _, graphs = _read("radgraph_described.json")
    node = next(one for one in graphs[0].nodes.values() if one.kind == "anatomy")
    with pytest.raises(FormatError):
        radgraph.label_of(replace(node, assertion="absent"), "short")
    with pytest.raises(FormatError, match="without tokens"):
        radgraph.write(SceneGraph(graphs[0].producer))
