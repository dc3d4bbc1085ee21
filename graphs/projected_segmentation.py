"""Projected segmentation: masks on a radiograph made from a CT, as the patient keeps them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.draft import SegmentationDraft, SegmentDraft
from explorer.item_id import item_id
from explorer.segmentation import Segmentation
from graphs.project_masks import project_masks
from graphs.projection import Projection
from graphs.structures import Structures


def projected_segmentation(
    projection: Projection, segmentation: Segmentation, labels: Sequence[str] | None = None
) -> SegmentationDraft:
    """Project a segmentation, and say what it was made from.

    Parameters
    ----------
    projection : Projection
        Committed before, or in the same transaction (`Projection.draft`).
    segmentation : Segmentation
    labels : sequence of str, optional
        All of them by default. Those that no ray of the picture meets are left out, and named in
        the problems.

    Returns
    -------
    SegmentationDraft
        Overlapping masks ``(1, y, x)``, flagged as synthetic, with the names, codes and colours
        of the segmentation.

    Raises
    ------
    NotFoundError
        There is no such segment.
    """
    of = Structures.of(segmentation, labels)
    masks = project_masks(projection, of).values
    seen = [i for i in range(len(of.labels)) if masks[i].any()]
    lost = [label for i, label in enumerate(of.labels) if i not in seen]
    codes, colors = segmentation.codes, segmentation.colors
    segments = [
        SegmentDraft(
            number, of.labels[i], codes[of.labels[i]],
            algorithm_type="AUTOMATIC", algorithm_name=projection.producer.name,
            color=colors[of.labels[i]],
        )
        for number, i in enumerate(seen, 1)
    ]  # fmt: skip
    height, width = projection.frame.shape
    return SegmentationDraft(
        item=projected_id(projection, segmentation),
        modality="MASK",
        name=f"projected from {segmentation.id}",
        segments=segments,
        shape=(1, height, width),
        affine=projection.frame.affine,
        load=lambda index: np.asarray(masks[seen[index]][None]),
        sources=[],
        frame_of_reference=projection.frame_of_reference,
        image=projection.item,
        image_reason="projected along the rays of the picture",
        acquired=projection.acquired,
        problems=[f"not in the picture: {', '.join(lost)}"] if lost else [],
        meta={
            "made_from": str(segmentation.address),
            "made_by": vars(projection.producer),
            "projection": projection.target,
        },
        synthetic=True,
    )


def projected_id(projection: Projection, segmentation: Segmentation) -> str:
    """Item id of a segmentation's masks on a picture."""
    return item_id("mask", projection.item, segmentation.id)
