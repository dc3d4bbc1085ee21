from __future__ import annotations

from graphs.graph_diff import graph_diff
from graphs.patient_graph import PatientGraph


def made(version: int, facts: dict[str, int], *, edge: float = 1.0) -> PatientGraph:
    graph = PatientGraph(patients={"k": version})
    graph.add_node("onco:k/patients/k", kind="patient", name="k", patient="k")
    for name, value in facts.items():
        graph.add_node(f"onco:k/facts/{name}", kind="fact", name=name, value=value)
        graph.add_edge("onco:k/patients/k", f"onco:k/facts/{name}", "has", kind="has", by="x",
                       number=edge)  # fmt: skip
    return graph


def test_nothing_is_different_from_itself() -> None:
    one = made(1, {"a": 1})
    diff = graph_diff(one, one)
    assert not diff
    assert repr(diff) == "<GraphDiff: no difference>"
    assert "no difference" in diff._repr_html_()


def test_who_came_went_and_changed() -> None:
    diff = graph_diff(made(1, {"<b>": 1, "b": 2}), made(2, {"b": 3, "c": 4}))
    assert diff
    assert [one.name for one in diff.of("came")] == ["c"]
    assert [one.name for one in diff.of("went")] == ["<b>"]
    (changed,) = diff.of("changed")
    assert (changed.place, changed.attribute, changed.before, changed.after) == (
        "onco:k/facts/b", "value", 2, 3,
    )  # fmt: skip
    assert [one.name for one in diff.of("came", edges=True)] == ["k → c"]
    assert [one.name for one in diff.of("went", edges=True)] == ["k → <b>"]
    assert not diff.of("changed", edges=True)
    assert diff.versions == {"k": (1, 2)}
    assert "<b>" not in diff._repr_html_()
    assert "1 nodes came" in repr(diff)


def test_an_edge_changed() -> None:
    diff = graph_diff(made(1, {"a": 1}), made(1, {"a": 1}, edge=2.0))
    (changed,) = diff.changes
    assert changed.is_edge
    assert (changed.attribute, changed.before, changed.after) == ("number", 1.0, 2.0)
    assert diff.versions == {}
