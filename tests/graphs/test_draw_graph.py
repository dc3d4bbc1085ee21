from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.demo import make_demo
from graphs.assemble import assemble
from graphs.draw_graph import draw_graph
from graphs.errors import FormatError
from graphs.graph_diff import graph_diff
from graphs.load_graph import load_graph
from graphs.patient_graph import PatientGraph
from graphs.save_graph import save_graph


def pixels(figure: object) -> np.ndarray:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=60)  # type: ignore[attr-defined]
    return np.asarray(Image.open(out).convert("L"))


def texts(figure: object) -> list[str]:
    (axes,) = figure.axes  # type: ignore[attr-defined]
    return [one.get_text() for one in axes.texts]


@pytest.mark.slow
def test_every_bundled_patient_is_assembled_saved_and_drawn(tmp_path: Path) -> None:
    store = make_demo(tmp_path / "demo.onco")
    known = {"STS_002": 3, "PCAMPMRI-00001": 4, "LIDC-IDRI-0314": 4, "CMB-CRC-MSB-06489": 0}
    assert len(store) == 8
    for name in store:
        graph = assemble(store[name])
        assert graph.graph["problems"] == []
        assert graph.graph["patients"] == {store[name].key: store[name].version}
        assert len(graph.of_kind("image")) == len(store[name].images)
        assert len(graph.of_kind("fact")) == len(store[name].facts)
        assert len(graph.of_kind("segment")) == known.get(name, len(graph.of_kind("segment")))
        assert not any(about.get("synthetic") for _, about in graph.nodes(data=True))
        save_graph(graph, tmp_path / "graph.json")
        assert not graph_diff(graph, load_graph(tmp_path / "graph.json"))
        figure = draw_graph(graph)
        assert (pixels(figure) < 128).any()
        drawn = sum(len(line.get_xdata()) for line in figure.axes[0].lines)
        hidden = sum(int(t.split()[1]) for t in texts(figure) if t.startswith("and "))
        assert drawn + hidden == len(graph)
    # two dates of one patient stand in two columns
    figure = draw_graph(assemble(store["CMB-CRC-MSB-06489"]))
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == [
        "no day",
        "day 0",
        "day 126",
    ]
    # nobody's name is drawn, and none is in a graph that is handed on
    whole = assemble(store)
    assert sorted(whole.graph["patients"]) == sorted(store.keys_and_labels())
    assert not any("LIDC-IDRI" in str(about.get("name")) for _, about in whole.nodes(data=True))


def test_hostile_names_are_drawn_as_text() -> None:
    graph = PatientGraph(patients={"k": 1})
    names = ["$\\frac{1}{", "日本 x", "a\x1b[2J\x00", "a\u202eb", "<b>bold</b>", "x" * 500]
    for number, name in enumerate(names):
        graph.add_node(f"onco:k/facts/{number}", kind="fact", name=name, patient="k", day=number,
                       synthetic=True)  # fmt: skip
    figure = draw_graph(graph)
    pixels(figure)
    shown = texts(figure)
    assert "$\\frac{1}{" in shown
    assert "▯▯ x" in shown
    assert "a\\x1b[2J\\x00" in shown
    assert all(len(one) <= 40 for one in shown)
    assert "synthetic" in figure.axes[0].get_title(loc="left")


def test_many_nodes_are_counted_and_many_days_put_together() -> None:
    graph = PatientGraph(patients={"k": 1, "other": 1})
    for number in range(100):
        graph.add_node(f"onco:k/facts/{number}", kind="fact", name="f", patient="k", day=None)
        graph.add_node(f"onco:k/events/{number}", kind="event", name="e", patient="k", day=number)
    graph.add_node("onco:other/facts/x", kind="fact", name="other", patient="other", day=5)
    figure = draw_graph(graph, patient="k", most=5)
    assert "and 96 more" in texts(figure)
    assert "other" not in texts(figure)
    ticks = [one.get_text() for one in figure.axes[0].get_xticklabels()]
    assert ticks[:2] == ["no day", "day 0 to 12"]
    assert len(ticks) == 9
    with pytest.raises(FormatError, match="no node"):
        draw_graph(graph, patient="nobody")
    with pytest.raises(FormatError, match="no node"):
        draw_graph(assemble([]))
