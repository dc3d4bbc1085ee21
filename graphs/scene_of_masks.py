"""The scene graph of a segmentation: its structures and lesions, and how they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from explorer.item_id import item_id
from graphs.anatomy import Anatomy, anatomy
from graphs.anatomy_mask import segment_structures
from graphs.node import Node, NodeKind
from graphs.producer import Producer
from graphs.scene import SceneGraph
from graphs.segment_role import segment_role
from graphs.spatial import spatial_relations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.segmentation import Segmentation

PRODUCER = Producer("oncograph.spatial", "1")


def scene_of_masks(
    segmentation: Segmentation,
    *,
    labels: Iterable[str] | None = None,
    ontology: Anatomy | None = None,
    within_mm: float = 30.0,
) -> SceneGraph:
    """Make a scene graph of segments and their measured relations.

    Parameters
    ----------
    segmentation : Segmentation
    labels : iterable of str, optional
        Which segments; all where None.
    ontology : Anatomy or None
        Ours where None.
    within_mm : float
        As in `graphs.spatial.spatial_relations`.

    Returns
    -------
    SceneGraph
        An anatomy node for a segment that is a structure, a lesion for one that is known to be
        one (`graphs.segment_role`), else a region; the target is the segment. Structures are
        'part_of' others that are there.
    """
    known = ontology or anatomy()
    graph = SceneGraph(PRODUCER, f"segmentations/{segmentation.id}")
    structures = {label: name for name, label in segment_structures(segmentation, known).items()}
    chosen = segmentation.labels if labels is None else list(labels)
    codes = segmentation.codes
    ids: dict[str, str] = {}
    for label in chosen:
        target = f"{graph.input}#label={quote(label, safe='~')}"
        name, code = structures.get(label), codes.get(label)
        if name:
            node = Node(f"anatomy.{name}", "anatomy", name, known[name].code, target=target)
        else:
            said = f"{code.scheme}:{code.value}" if code else None
            role = segment_role(segmentation, label).role
            kind: NodeKind = "lesion" if role == "lesion" else "region"
            number = item_id("l", graph.input, label)
            node = Node(number, kind, label, said, target=target, detail={"role": role})
        ids[label] = graph.add(node).id
    masks = {ids[label]: segmentation.own_mask(label).values for label in chosen}
    graph.extend(
        spatial_relations(
            masks, segmentation.affine, origins=segmentation.slice_origins, within_mm=within_mm
        )
    )
    for node in graph.of_kind("anatomy"):
        above = next((f"anatomy.{one}" for one in known.parents(node.name)
                      if f"anatomy.{one}" in graph.nodes), None)  # fmt: skip
        if above:
            graph.connect("part_of", node, above)
    return graph
