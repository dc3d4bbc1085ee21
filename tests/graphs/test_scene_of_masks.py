"""Segments as a scene graph: structures, lesions, and how they lie in the patient."""

from __future__ import annotations

import numpy as np
import pytest

import explorer
from explorer.address import Address
from explorer.draft import SegmentationDraft, SegmentDraft
from explorer.segmentation import Segmentation
from graphs.scene import SceneGraph
from graphs.scene_of_masks import scene_of_masks

NAMES = ["kidney_left", "kidney_right", "GTV & more"]


@pytest.fixture(scope="module")
def segmentation(tmp_path_factory: pytest.TempPathFactory) -> Segmentation:
    masks = np.zeros((3, 8, 8, 12), bool)
    masks[0, 2:6, 2:6, 8:11] = True  # x grows to the left
    masks[1, 2:6, 2:6, 1:4] = True
    masks[2, 3:4, 3:4, 9:10] = True
    draft = SegmentationDraft(
        "seg-1", "MASK", "made up", [SegmentDraft(k + 1, name) for k, name in enumerate(NAMES)],
        (8, 8, 12), np.diag([1.0, 1.0, 2.0, 1.0]), lambda k: masks[k], [], synthetic=True,
    )  # fmt: skip
    store = explorer.open(tmp_path_factory.mktemp("masks") / "s.onco", create=True)
    with store.transaction("masks") as t:
        key = t.patient("SYN-1", synthetic=True)
        t.put(key, draft)
    return store[key].segmentations["seg-1"]


@pytest.fixture(scope="module")
def graph(segmentation: Segmentation) -> SceneGraph:
    return scene_of_masks(segmentation)


def test_structures_and_lesions(graph: SceneGraph) -> None:
    assert [node.name for node in graph.of_kind("anatomy")] == ["kidney_left", "kidney_right"]
    (lesion,) = graph.of_kind("lesion")
    assert lesion.name == "GTV & more"
    assert graph.nodes["anatomy.kidney_left"].code == "SCT:64033007"


def test_relations_are_the_patient_s(graph: SceneGraph) -> None:
    (lesion,) = graph.of_kind("lesion")
    found = {(edge.kind, edge.tail, edge.head): edge.number for edge in graph.edges}
    assert found["left_of", "anatomy.kidney_left", "anatomy.kidney_right"] == 7.0
    assert found["inside", lesion.id, "anatomy.kidney_left"] == 1.0
    assert found["distance", "anatomy.kidney_left", "anatomy.kidney_right"] == 5.0


def test_targets_resolve(graph: SceneGraph, segmentation: Segmentation) -> None:
    patient = segmentation.patient
    for node in graph.nodes.values():
        found = Address.parse(f"onco:{patient.key}/{node.target}").resolve(patient.store)
        assert int(np.asarray(found.value).sum()) > 0


def test_a_choice_of_segments(segmentation: Segmentation) -> None:
    assert len(scene_of_masks(segmentation, labels=NAMES[:2]).nodes) == 2
