"""Imported graphs: kept with the original, attached by exact ids or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.address import Address
from explorer.derived import derived
from explorer.draft import ImageDraft
from explorer.errors import NotFoundError
from explorer.store import Store
from graphs.attach import attach, document_ids, same_characters
from graphs.errors import FormatError
from graphs.formats import maira2, radfact, radgraph
from graphs.formats.load import load
from graphs.import_scene import import_scene
from graphs.scene import SceneGraph

DATA = Path(__file__).parents[1] / "data"
TEXT = "No evidence of pneumothorax\nfollowing chest tube removal."
README = (DATA / "formats" / "radgraph_xl_readme.json").read_text("utf-8")
ROWS, COLUMNS = 100, 80


def _picture(item: str, uid: str) -> ImageDraft:
    values = np.zeros((ROWS, COLUMNS), np.uint8)
    return ImageDraft(
        item, "CR", item, ("y", "x"), values.shape, values.dtype, np.eye(4), lambda: values, [],
        meta={"series_uid": uid}, synthetic=True,
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = explorer.open(tmp_path / "s.onco", create=True)
    with made.transaction("a report and pictures") as t:
        key = t.patient("SYN-1", synthetic=True)
        t.add_text(key, "r-1", TEXT, name="study-77001")
        t.put(key, _picture("cr-1", "1.2.3"))
        t.put(key, _picture("cr-2", "1.2.4"))
    return made


def _boxed(**fields: Any) -> dict[str, Any]:
    box = {"x_min": 0.1, "y_min": 0.25, "x_max": 0.505, "y_max": 1.0}
    return {"target": [{"text": "A nodule.", "boxes": [box]}], **fields}


def test_entities_of_a_report_slice_the_report_itself(store: Store) -> None:
    patient = store["SYN-1"]
    (one,) = import_scene(patient, README, report="r-1")
    assert (one.input, one.nodes, one.edges) == ("reports/r-1", 3, 1)
    patient = store["SYN-1"]
    (run,) = derived(patient, "runs")
    assert (run["kind"], run["producer"], run["synthetic"]) == ("import", "radgraph", True)
    graph = SceneGraph.of_rows(run, derived(patient, "nodes"), derived(patient, "edges"))
    for node in graph.nodes.values():
        address = Address.parse(f"onco:{patient.key}/{node.target}")
        assert address.resolve(store).value == node.name
    assert json.loads(radgraph.write(graph)) == json.loads(README)
    assert json.loads(graph.document or "") == json.loads(README)["0"]


def test_again_is_nothing_new_and_a_corrected_report_hides_it(store: Store) -> None:
    for _ in range(2):
        import_scene(store["SYN-1"], README, report="r-1")
    assert store["SYN-1"].version == 2
    with store.transaction("corrected") as t:
        t.add_text(store["SYN-1"].key, "r-1", TEXT + " Addendum.")
    assert derived(store["SYN-1"], "nodes") == []


def test_the_same_id_attaches(store: Store) -> None:
    found = import_scene(store["SYN-1"], _boxed(image_id="1.2.3"))
    assert [one.input for one in found] == ["images/cr-1"]
    named = {"study-77001": json.loads(README)["0"]}
    assert import_scene(store["SYN-1"], named)[0].input == "reports/r-1"


@pytest.mark.parametrize("name", ["1.2", "1.2.30", "CR-1", "r1", "0", "cr", ""])
def test_what_is_not_the_same_stays_unattached_and_says_so(store: Store, name: str) -> None:
    (one,) = import_scene(store["SYN-1"], _boxed(image_id=name))
    assert one.input == ""
    assert one.reason.startswith("not attached")
    patient = store["SYN-1"]
    assert all(row["target"] is None for row in derived(patient, "nodes"))
    (run,) = derived(patient, "runs")
    assert json.loads(run["detail"])["attached"] == one.reason


def test_unattached_graphs_stand_side_by_side(store: Store) -> None:
    import_scene(store["SYN-1"], _boxed(example_id=1))
    import_scene(store["SYN-1"], _boxed(example_id=2))
    assert len(derived(store["SYN-1"], "runs")) == 2


def test_an_id_of_two_items_attaches_to_none(store: Store) -> None:
    with store.transaction("another report") as t:
        t.add_text(store["SYN-1"].key, "r-2", "x", name="study-77001")
    (graph,) = radgraph.read({"study-77001": json.loads(README)["0"]})
    attached, reason = attach(graph, store["SYN-1"])
    assert attached.input == ""
    assert "2 items have" in reason


def test_boxes_become_pixels_of_the_picture(store: Store) -> None:
    (graph,) = radfact.read(_boxed())
    made, reason = attach(graph, store["SYN-1"], image="cr-1")
    assert reason == "said by a person"
    (region,) = made.of_kind("region")
    assert region.target == "images/cr-1#box=25:100,8:41"
    (graph,) = maira2.read("<obj>a <box><x0><y0><x99><y99></box></obj>")
    made, _ = attach(graph, store["SYN-1"], image="cr-1")
    # the square is rows 10 to 90; half a bin is missing at each side
    assert made.of_kind("region")[0].target == "images/cr-1#box=10:90,0:80"


def test_a_picture_of_another_size_has_no_place(store: Store) -> None:
    graphs = load(DATA / "formats" / "ms_cxr_described.csv")
    made, reason = attach(graphs[0], store["SYN-1"], image="cr-2")
    assert made.input == "images/cr-2"
    assert reason == "said by a person; 3 regions have no place in the image"
    assert all(node.target is None for node in made.of_kind("region"))


def test_a_report_that_reads_otherwise_gets_no_places(store: Store) -> None:
    (graph,) = radgraph.read(
        README.replace("chest tube", "chest drain").replace('"tube"', '"drain"')
    )
    made, reason = attach(graph, store["SYN-1"], report="r-1")
    assert "reads otherwise" in reason
    assert all(node.target is None for node in made.nodes.values())


def test_what_cannot_be_read_or_is_not_there_commits_nothing(store: Store) -> None:
    with pytest.raises(FormatError):
        import_scene(store["SYN-1"], "{}")
    with pytest.raises(NotFoundError):
        import_scene(store["SYN-1"], README, report="r-9")
    assert store["SYN-1"].version == 1


def test_ids_of_documents() -> None:
    graphs = load(DATA / "formats" / "ms_cxr_described.csv")
    assert {"made-up-a"} <= document_ids(graphs[0])
    (first, *_) = load(DATA / "formats" / "rexgroundingct_described.json")
    assert "train_0_a_1" in document_ids(first)
    assert same_characters("a b", "a\n b") == [0, 3, 3]
    assert same_characters("ab", "ac") is None
