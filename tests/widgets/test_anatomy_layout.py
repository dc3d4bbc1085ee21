from __future__ import annotations

from pathlib import Path

from explorer.demo import make_demo
from explorer.store import Store
from graphs.assemble import assemble
from graphs.patient_graph import PatientGraph
from widgets.anatomy_layout import anatomy_layout


def test_outlines_hang_on_their_structure(tmp_path: Path) -> None:
    # a store of its own: what other tests derive in the shared one would be in the graph
    graph = assemble(make_demo(tmp_path / "patients.onco")["PCAMPMRI-00001"])
    grid = anatomy_layout(graph)
    words = {text: (x, y) for text, x, y in grid.words}
    assert list(words) == ["trunk", "pelvis", "prostate", "peripheral zone of the prostate"]
    assert [x for x, _ in words.values()] == sorted(x for x, _ in words.values())
    names = {
        (about["kind"], about["name"]): grid.xy[k]
        for k, about in enumerate(graph.nodes.values())
    }  # fmt: skip
    for name in ("Prostate", "Peripheral zone of the prostate"):
        structure, outline = names["anatomy", name], names["segment", name]
        assert structure[1] == outline[1] == words[name.casefold()][1]
        assert structure[0] < outline[0]
    # a lesion that nobody has placed stands below, in a lane that says so
    lane = next(one for one in grid.rows if one[0] == "segment: no structure")
    assert lane[1] < names["segment", "Lesion"][1] < lane[2]


def test_without_any_structure(demo: Store) -> None:
    grid = anatomy_layout(assemble(demo["STS_002"]))
    assert grid.words == []
    assert "Nothing here is known" in grid.note
    assert {name for name, *_ in grid.rows} >= {"segment: no structure", "image: no structure"}


def test_a_structure_that_the_ontology_does_not_have() -> None:
    graph = PatientGraph(patients={"k": 1})
    graph.add_node("onco:k/anatomy/%3Cb%3E", kind="anatomy", name="<b>\x1b", day=None)
    grid = anatomy_layout(graph)
    assert [text for text, *_ in grid.words] == ["<b>\\x1b"]
