from __future__ import annotations

import numpy as np

from explorer.patient import Patient
from graphs.assemble import assemble
from graphs.patient_graph import PatientGraph
from widgets.time_layout import time_layout


def _graph(*nodes: tuple[str, int | None]) -> PatientGraph:
    graph = PatientGraph(patients={"k": 1})
    for place, (kind, day) in enumerate(nodes):
        graph.add_node(f"onco:k/x/{place}", kind=kind, day=day, name="x")
    return graph


def test_days_run_to_the_right_and_kinds_downwards() -> None:
    days = [400, None, 0, 3, -20, 400]
    graph = _graph(*(("finding", day) for day in days), ("patient", None), ("event", 3))
    grid = time_layout(graph)
    dated = [(day, grid.xy[k, 0]) for k, day in enumerate(days) if day is not None]
    in_order = sorted(dated)
    assert [x for _, x in in_order] == sorted(x for _, x in dated)
    assert len({x for _, x in dated}) == len({day for day, _ in dated})
    assert grid.xy[1, 0] < min(x for _, x in dated)
    assert [name for name, *_ in grid.columns] == ["no day", "day -20", "day 0", "day 3", "day 400"]
    assert [name for name, *_ in grid.rows] == ["patient", "finding", "event"]
    for (_, top, bottom), places in zip(grid.rows, ([6], [0, 1, 2, 3, 4, 5], [7]), strict=True):
        assert all(top < grid.xy[k, 1] < bottom for k in places)


def test_no_two_nodes_at_one_place() -> None:
    graph = _graph(*(("fact", None if k % 3 else k % 7) for k in range(300)))
    grid = time_layout(graph)
    assert len(np.unique(grid.xy, axis=0)) == 300


def test_an_empty_graph_has_a_layout() -> None:
    assert time_layout(_graph()).xy.shape == (0, 2)


def test_real_patient(sarcoma: Patient) -> None:
    graph = assemble(sarcoma)
    grid = time_layout(graph)
    for (a, one), (b, other) in zip(
        enumerate(graph.nodes.values()), list(enumerate(graph.nodes.values()))[1:], strict=False
    ):
        if one["day"] is not None and other["day"] is not None and one["day"] < other["day"]:
            assert grid.xy[a, 0] < grid.xy[b, 0]
    assert "first study" in grid.note
