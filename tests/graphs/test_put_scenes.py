"""Scene graphs of a patient: made of what is there, kept, and read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import explorer
from explorer.draft import SegmentationDraft, SegmentDraft
from graphs.extract import extract
from graphs.put_scenes import put_scenes
from graphs.scenes import scenes

TEXT = "A 2.3 cm nodule in the right upper lobe, increased. No pleural effusion."


def test_made_kept_and_read_back(tmp_path: Path) -> None:
    store = explorer.open(tmp_path / "s.onco", create=True)
    masks = np.zeros((2, 4, 4, 8), bool)
    masks[0, 1:3, 1:3, 1:3] = masks[1, 1:3, 1:3, 5:7] = True
    draft = SegmentationDraft(
        "seg-1", "MASK", "made up", [SegmentDraft(1, "lung_right"), SegmentDraft(2, "lung_left")],
        (4, 4, 8), np.eye(4), lambda k: masks[k], [], synthetic=True,
    )  # fmt: skip
    with store.transaction("a report and masks") as t:
        key = t.patient("SYN-1", synthetic=True)
        t.add_text(key, "r-1", TEXT)
        t.put(key, draft)
    extract(store[key])
    made = put_scenes(store[key])
    assert [graph.input for graph in made] == ["reports/r-1", "segmentations/seg-1"]
    back = {graph.input: graph for graph in scenes(store[key])}
    assert back == {graph.input: graph for graph in made}
    kinds = {edge.kind for edge in back["reports/r-1"].edges}
    assert {"located_at", "measured_by", "compared_with", "part_of"} <= kinds
    # the report's lobe and the image's lung meet where both are named alike
    both = back["reports/r-1"].merge(back["segmentations/seg-1"])
    assert "anatomy.lung_right" in both.nodes
    assert both.said_by(both.nodes["anatomy.lung_right"])["producer"] == "oncograph.spatial"
    version = store[key].version
    put_scenes(store[key])
    assert store[key].version == version
    assert "2 scene graphs" in made._repr_html_()
