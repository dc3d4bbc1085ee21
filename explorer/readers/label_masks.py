"""Labels of a volume as segments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import Grid, SegmentationDraft, SegmentDraft, Source
from explorer.item_id import item_id
from explorer.readers.pairing import Pairing, pair_mask
from explorer.readers.place import Placement
from explorer.readers.seg_segments import unique_names
from explorer.readers.volume import Volume
from explorer.readers.volume_names import read_name

MOST_LABELS = 512
"""More distinct values than this are an image's, whatever the file is called."""


def find_labels(volume: Volume, stored: NDArray[Any]) -> list[tuple[int, int, Any]] | None:
    """List the labels of a volume.

    Parameters
    ----------
    volume : Volume
    stored : ndarray
        What `volume.load` gave.

    Returns
    -------
    list of (layer, label, stored value), or None
        None where the values are no labels: not whole, negative, or too many.
    """
    layers = stored if stored.ndim == 4 else stored[None]
    found: list[tuple[int, int, Any]] = []
    for layer, values in enumerate(layers):
        distinct = _distinct(values)
        if distinct is None or len(found) + len(distinct) > MOST_LABELS + 1:
            return None
        labels = distinct.astype(float) * volume.slope + volume.intercept
        if not np.isfinite(labels).all() or (labels != np.rint(labels)).any() or labels.min() < 0:
            return None
        found += [
            (layer, int(label), one) for label, one in zip(labels, distinct, strict=True) if label
        ]
    return found


def _distinct(values: NDArray[Any]) -> NDArray[Any] | None:
    """Distinct values, or None where there are more than labels would have."""
    if values.dtype.kind == "b":
        values = values.view(np.uint8)
    if values.dtype.kind == "u" and values.dtype.itemsize <= 2:
        counts = np.zeros(1 << 8 * values.dtype.itemsize, np.int64)
        for plane in values:
            counts += np.bincount(plane.reshape(-1), minlength=len(counts))
        found = np.flatnonzero(counts).astype(values.dtype)
        return found if len(found) <= MOST_LABELS + 1 else None
    found = np.zeros(0, values.dtype)
    for plane in values:
        found = np.union1d(found, np.unique(plane))
        if len(found) > MOST_LABELS + 1:
            return None
    return found


class LabelMasks:
    """Gives one label's mask at a time; the volume is held from the first to the last of them.

    Parameters
    ----------
    volume : Volume
    labels : list of (layer, stored value)
    placement : Placement or None
    """

    def __init__(
        self, volume: Volume, labels: list[tuple[int, Any]], placement: Placement | None
    ) -> None:
        self._volume, self._labels, self._placement = volume, labels, placement
        self._layers: NDArray[Any] | None = None

    def __call__(self, index: int) -> NDArray[Any]:
        """Mask of a label: bool, ``(z, y, x)``."""
        if self._layers is None:
            stored = self._volume.load()
            self._layers = stored if stored.ndim == 4 else stored[None]
        layer, value = self._labels[index]
        mask = np.asarray(self._layers[layer] == value)
        if index == len(self._labels) - 1:
            self._layers = None
        return mask if self._placement is None else self._placement.orient(mask)


def mask_draft(
    volume: Volume,
    labels: list[tuple[int, int, Any]],
    source: Source,
    sources: list[Source],
    grids: list[Grid],
    pair: str | None,
    described: dict[tuple[int, int], SegmentDraft] | None = None,
) -> SegmentationDraft:
    """Describe a volume of labels as a segmentation.

    Parameters
    ----------
    volume : Volume
    labels : list of (layer, label, stored value)
        As `find_labels` gave them.
    source : Source
        The file that has the header.
    sources : list of Source
    grids : list of Grid
        The patient's images.
    pair : str or None
        URI of the image, where it was said.
    described : dict, optional
        Segments that the file names, by layer and label; those without a voxel are kept, empty.
    """
    problems = list(volume.problems)
    many = len(volume.shape) == 4
    stored = {(layer, label): value for layer, label, value in labels}
    segments = dict(described or {})
    for layer, label in stored:
        name = f"layer {layer + 1} label {label}" if many else f"label {label}"
        segments.setdefault((layer, label), SegmentDraft(label, name))
    if not segments:
        segments[0, 1] = SegmentDraft(1, "label 1")
    empty = [one.name for key, one in segments.items() if key not in stored]
    if empty:
        problems.append(
            f"{len(empty)} segments have no voxel and are empty: {', '.join(empty[:8])}"
        )
    names = unique_names(one.name for one in segments.values())
    pairing = pair_mask(source, volume.affine, volume.grid_shape, grids, pair)
    placement, image = pairing.placement, pairing.image
    # A part of an image stays on its own grid: an array of the image's size would hold no more.
    if placement and image and np.prod(image.shape) != np.prod(volume.grid_shape):
        pairing = Pairing(image, None, f"{pairing.reason}; it covers a part of the image")
        placement = None
    on_image = placement is not None and image is not None
    return SegmentationDraft(
        item=item_id("mask", source.relative),
        modality="MASK",
        name=read_name(source.path.name).stem,
        segments=[replace(one, name=n) for one, n in zip(segments.values(), names, strict=True)],
        shape=image.shape if on_image and image else volume.grid_shape,
        affine=image.affine if on_image and image else volume.affine,
        frame_of_reference=image.frame_of_reference if on_image and image else None,
        # a value that no voxel has makes the mask of a segment that is empty
        load=LabelMasks(volume, [(k[0], stored.get(k, np.nan)) for k in segments], placement),
        sources=sources,
        image=image.item if image else None,
        image_reason=pairing.reason,
        problems=problems,
        meta=volume.meta,
    )
