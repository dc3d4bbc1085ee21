"""The graph view without a browser; tests/widgets/js/test_graph_and_timeline.py has one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import traitlets as t

from explorer.errors import NotFoundError
from explorer.patient import Patient
from explorer.store import Store
from graphs.assemble import assemble
from graphs.patient_graph import PatientGraph
from widgets.graph_view import GraphView
from widgets.selection import Selection
from widgets.view import View


def test_it_is_a_view(sarcoma: Patient) -> None:
    view = GraphView(sarcoma)
    assert isinstance(view, View)
    assert view.figure().axes


def test_columns_are_the_graph(demo: Store) -> None:
    graph = assemble(demo["LIDC-IDRI-0314"])
    view = GraphView(graph)
    packed = view._graph
    assert {name: n for name, n, _ in packed["kinds"]} == graph.counts()
    names = [one[0] for one in packed["kinds"]]
    kinds = [names[k] for k in np.frombuffer(packed["kind"], np.uint8)]
    assert kinds == [about["kind"] for about in graph.nodes.values()]
    edges = np.frombuffer(packed["edges"], "<i4").reshape(-1, 3)
    order = list(graph)
    edge_names = [one[0] for one in packed["edgeKinds"]]
    assert {(order[a], order[b], edge_names[k]) for a, b, k in edges} == {
        (a, b, about["kind"]) for a, b, about in graph.edges(data=True)
    }
    days = np.frombuffer(packed["day"], "<f4")
    for day, about in zip(days, graph.nodes.values(), strict=True):
        assert (np.isnan(day) and about["day"] is None) or day == about["day"]


def test_the_patient_has_the_name_that_people_know_and_is_real(told: Store) -> None:
    view = GraphView(told["LIDC-IDRI-0314"])
    order = list(view.graph)
    (patient,) = view.graph.of_kind("patient")
    (report,) = view.graph.of_kind("report")
    assert view.graph.nodes[patient]["synthetic"]  # parts of what is known are
    made = np.frombuffer(view._graph["synthetic"], np.uint8)
    assert view._labels[order.index(patient)] == "LIDC-IDRI-0314"
    assert (made[order.index(patient)], made[order.index(report)]) == (0, 1)
    assert GraphView(view.graph)._labels[order.index(patient)].startswith("patient ")


def test_a_click_picks_and_does_not_centre(sarcoma: Patient) -> None:
    selection = Selection()
    view = GraphView(sarcoma, selection)
    image = view.graph.of_kind("image")[0]
    place = list(view.graph).index(image)
    view._on_message(None, {"kind": "pick", "nodes": [place]}, [])
    assert selection.picked == (image,)
    assert selection.by == "GraphView"
    assert (view._lit, view._centre) == ([place], 0)
    view._on_message(None, {"kind": "pick", "nodes": [10_000, "x", -1]}, [])
    assert selection.picked == ()


def test_what_is_lit_elsewhere_is_lit_and_centred(sarcoma: Patient) -> None:
    selection = Selection()
    view = GraphView(sarcoma, selection)
    image = view.graph.of_kind("image")[1]
    selection.pick(f"{image}#voxel=1,2,3", by="SliceView")
    assert (view._lit, view._centre) == ([list(view.graph).index(image)], 1)
    selection.pick("onco:somebody/images/else")
    assert (view._lit, view._centre) == ([], 1)
    view.pick(image)
    assert view._centre == 2
    with pytest.raises(NotFoundError, match="No node"):
        view.pick("onco:somebody/images/else")


def test_only_what_was_known(sarcoma: Patient) -> None:
    for source in (sarcoma, assemble(sarcoma)):
        view = GraphView(source, known_on=0)
        hidden = np.frombuffer(view._hidden, np.uint8).astype(bool)
        shown = {node for node, gone in zip(view.graph, hidden, strict=True) if not gone}
        assert shown == set(assemble(sarcoma, known_on=0))
        assert view._known_note == "Known on day 0: 3 nodes. 5 came later; of 0 it cannot be told."
        assert len(view.figure().axes[0].get_yticks()) == 3
        view.known_on = None
        assert view._hidden == b""


def test_kinds_are_checked(sarcoma: Patient) -> None:
    view = GraphView(sarcoma)
    view.kinds = ["segment", "patient"]
    assert view.kinds == ["patient", "segment"]
    with pytest.raises(t.TraitError, match="kinds has"):
        view.kinds = ["ghost"]
    with pytest.raises(TypeError, match="no trait"):
        GraphView(sarcoma, colour="red")


def test_facts_are_text(sarcoma: Patient) -> None:
    graph = PatientGraph(patients={"k": 1})
    graph.add_node("onco:k/facts/f", kind="fact", name="<img src=x>\x1b", patient="k", day=None,
                   value="y" * 5000, genes=[f"G{k}" for k in range(60)])  # fmt: skip
    view = GraphView(graph)
    sent: list[Any] = []
    view.send = sent.append
    view._on_message(None, {"kind": "about", "nodes": [0]}, [])
    rows = dict(sent[0]["rows"])
    assert rows["name"] == "<img src=x>\\x1b"
    assert len(rows["value"]) == 600
    assert rows["genes"].endswith("G39, and 20 more")
    assert rows["address"] == "onco:k/facts/f"


def test_find(demo: Store) -> None:
    view = GraphView(demo["LIDC-IDRI-0314"])
    assert view.find("READER 1")[0].endswith("#label=Nodule%2C%20reader%201")
    assert len(view.find("READER 1")) == 10  # the outline, and nine ratings
    assert view.find("no such thing") == []


def test_the_layout_follows(demo: Store) -> None:
    view = GraphView(demo["PCAMPMRI-00001"], layout_by="anatomy")
    assert view._places["words"]
    view.layout_by = "force"
    assert view._places["rows"] == []
    assert "no other meaning" in view._places["note"]


def test_an_empty_graph() -> None:
    view = GraphView(PatientGraph())
    assert view._graph["labels"] == []
