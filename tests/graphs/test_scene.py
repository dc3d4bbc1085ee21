"""A scene graph: what goes in comes out, in every form."""

from __future__ import annotations

import json

import networkx as nx
import pytest

import explorer
from explorer.derived import derived
from graphs.errors import FormatError
from graphs.node import Node
from graphs.producer import Producer
from graphs.scene import SceneGraph

RULES = Producer("rules", "1", settings={"lexicon": "abc"})
HOSTILE = "<script>alert(1)</script>\x00$\\frac"


def _graph() -> SceneGraph:
    graph = SceneGraph(RULES, "reports/r-1")
    nodule = graph.add(Node("o1", "observation", HOSTILE, assertion="present",
                            target="reports/r-1#chars=3:9", detail={"chars": [3, 9]}))  # fmt: skip
    lobe = graph.add(Node("a1", "anatomy", "lung_upper_lobe_right", code="SCT:45653009"))
    size = graph.add(Node("m1", "measurement", "size", number=23.0, unit="mm"))
    graph.connect("located_at", nodule, lobe)
    graph.connect("measured_by", nodule, size)
    graph.connect("located_at", nodule, lobe, number=4.5, unit="mm", detail={"number": 1})
    return graph


def test_json_and_back() -> None:
    graph = _graph()
    assert SceneGraph.from_json(graph.to_json()) == graph
    graph.document = "{...}"
    assert SceneGraph.from_json(graph.to_json(document=True)) == graph
    assert "{...}" not in graph.to_json()


@pytest.mark.parametrize(
    "text", ["", "{}", "[1", '{"format": "oncograph-scene", "version": 1}', "[" * 100_000,
             '{"a": NaN}', '{"a": 1, "a": 2}', '"\\ud800"'],
)  # fmt: skip
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        SceneGraph.from_json(text)


def test_json_with_ends_that_are_no_nodes_is_refused() -> None:
    whole = json.loads(_graph().to_json())
    whole["edges"][1]["head"] = "nobody"
    with pytest.raises(FormatError) as error:
        SceneGraph.from_json(json.dumps(whole))
    assert error.value.where == "$.edges[1]"


def test_networkx_knows_who_said_what() -> None:
    made = _graph().to_networkx()
    assert isinstance(made, nx.MultiDiGraph)
    assert made.number_of_edges("o1", "a1") == 2
    assert made.nodes["o1"]["producer"] == "rules"
    assert made.nodes["o1"]["target"] == "reports/r-1#chars=3:9"
    assert {one["kind"] for _, _, one in made.edges(data=True)} == {"located_at", "measured_by"}


def test_graphml_is_xml_whatever_the_names() -> None:
    read = nx.parse_graphml(_graph().to_graphml())
    assert read.number_of_nodes() == 3
    assert read.number_of_edges() == 3
    assert read.nodes["o1"]["name"] == HOSTILE.replace("\x00", "\ufffd")
    assert read.nodes["m1"]["number"] == "23.0"


def test_merged_parts_keep_who_said_them() -> None:
    other = SceneGraph(Producer("radgraph", "xl"), "reports/r-1")
    other.add(Node("a1", "anatomy", "lung_upper_lobe_right", code="SCT:45653009"))
    other.add(Node("o2", "observation", "mass"))
    other.connect("located_at", "o2", "a1")
    merged = _graph().merge(other)
    assert list(merged.nodes) == ["o1", "a1", "m1", "o2"]
    assert merged.said_by(merged.nodes["o2"])["producer"] == "radgraph"
    assert merged.said_by(merged.nodes["o1"])["producer"] == "rules"
    assert merged.said_by(merged.edges[-1])["version"] == "xl"
    assert merged.merge(other).edges == merged.edges or len(merged.merge(other).nodes) == 4
    assert len(_graph().merge(_graph()).edges) == 3


def test_ids_are_not_shared() -> None:
    graph = _graph()
    with pytest.raises(ValueError, match="a1"):
        graph.add(Node("a1", "anatomy", "liver"))
    with pytest.raises(KeyError):
        graph.connect("located_at", "o1", "nobody")


def test_through_a_store(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = explorer.open(tmp_path_factory.mktemp("scene") / "s.onco", create=True)
    graph = _graph()
    graph.detail = {"radgraph": {"id": "7"}}
    graph.nodes["o1"] = Node(**{**vars(graph.nodes["o1"]), "name": "nodule"})
    graph.document = '{"original":   1}'
    with store.transaction("scene") as t:
        key = t.patient("SYN-1", synthetic=True)
        t.add_text(key, "r-1", "a nodule")
        t.put_run(key, graph.run("import"))
    patient = store[key]
    (run,) = derived(patient, "runs")
    back = SceneGraph.of_rows(run, derived(patient, "nodes"), derived(patient, "edges"))
    assert back == graph  # dicts are equal in any order


def test_how_it_looks() -> None:
    graph = _graph()
    html = graph._repr_html_()
    assert "<script>" not in html
    assert "3 nodes of reports/r-1 by rules 1" in html
    figure = graph.figure()
    figure.canvas.draw()
    assert any("alert" in text.get_text() for text in figure.axes[0].texts)
    assert SceneGraph(RULES).figure() is not None
