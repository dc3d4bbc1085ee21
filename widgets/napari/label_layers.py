"""The segments of a segmentation as napari layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.segmentation import Segmentation
from widgets.napari.axes import volume_axes
from widgets.napari.image_layer import LayerData
from widgets.napari.layer_text import layer_text
from widgets.napari.lazy_labels import lazy_labels, overlapping
from widgets.napari.placement import Placement
from widgets.napari.world import World


def label_layers(segmentation: Segmentation, world: World | None = None) -> list[LayerData]:
    """Make the layers of a segmentation: one for all segments, or one each where they overlap.

    They lie on the masks' own grid and are read when they are drawn; to be edited they are
    loaded first (`MaskEdit`).

    Parameters
    ----------
    segmentation : Segmentation
    world : World, optional
        The one that lies along the masks by default.

    Returns
    -------
    list of tuple
        Data, keyword arguments and ``'labels'``. A segment's label is its place in the
        segmentation, from 1; ``metadata`` has the address and the name of each.
    """
    world = world or World.along(segmentation.affine)
    z, y, x = segmentation.shape
    placement = world.place(segmentation.affine, (z, y, x), segmentation.slice_origins)
    everything = list(range(len(segmentation.labels)))
    groups = [[one] for one in everything] if overlapping(segmentation) else [everything]
    return [
        (
            placement.turned(lazy_labels(segmentation, positions)),
            _shown(segmentation, positions, placement, world),
            "labels",
        )
        for positions in groups
        if positions
    ]


def _shown(
    segmentation: Segmentation, positions: list[int], placement: Placement, world: World
) -> dict[str, Any]:
    labels, colors = segmentation.labels, segmentation.colors
    named = {k + 1: labels[k] for k in positions}
    name = labels[positions[0]] if len(positions) == 1 else segmentation.name or segmentation.id
    scale: dict[Any, Any] = {None: (0, 0, 0, 0), 0: (0, 0, 0, 0)}
    scale |= {value: (*(c / 255 for c in colors[one]), 1.0) for value, one in named.items()}
    about = {
        "address": str(segmentation.address),
        "labels": named,
        "note": placement.note,
        "placement": placement,
        "world": world,
    }
    return {
        "name": layer_text(f"{name} · {segmentation.modality}"),
        "opacity": 0.5,
        "colormap": scale,
        "features": _features(segmentation, positions),
        "metadata": {"oncograph": about},
        **volume_axes(placement, world),
    }


def _features(segmentation: Segmentation, positions: list[int]) -> dict[str, list[Any]]:
    """What napari shows of the label under the cursor."""
    rows = [segmentation.segments[k] for k in positions]
    return {
        "index": [0, *(k + 1 for k in positions)],
        "segment": ["", *(layer_text(row["name"]) for row in rows)],
        "code": ["", *(layer_text(row["code_meaning"] or "") for row in rows)],
        "volume_ml": [np.nan, *(row["volume_mm3"] / 1000 for row in rows)],
    }
