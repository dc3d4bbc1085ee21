"""Overlay: the segments that can be laid over an image, plane by plane."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from colorsys import hsv_to_rgb
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.image import Image
from explorer.segmentation import Segmentation
from widgets.chunk_cache import ChunkCache
from widgets.chunked_array import ChunkedArray
from widgets.lattice import Lattice

Color = tuple[int, int, int]

_ALIKE = 60.0  # distance in RGB below which people mix two colours up
_MANY_CHUNKS = 64  # of a mask: beyond it, the whole is not read to find its middle
_OTHERS: tuple[Color, ...] = tuple(
    (round(255 * r), round(255 * g), round(255 * b))
    for saturation, value in ((0.75, 0.95), (0.45, 0.95), (0.8, 0.65))
    for r, g, b in (hsv_to_rgb(hue / 12, saturation, value) for hue in (7, 1, 9, 4, 11, 6, 2, 8))
)


@dataclass(frozen=True)
class Segment:
    """One segment as the legend shows it.

    Attributes
    ----------
    key : str
        Its name; where several segmentations have the same name, the item id is added.
    name, meaning : str
        `meaning` is the code's, or empty. Both are hostile text.
    color : tuple of int
        ``(r, g, b)``, 0 to 255: the source's, unless another segment has nearly the same.
    item : str
        Id of the segmentation.
    """

    key: str
    name: str
    meaning: str
    color: Color
    item: str


class Overlay:
    """Masks of one or more segmentations on an image's grid.

    A segmentation on another grid is looked up voxel by voxel, the nearest one, for the plane
    that is shown: the same rule as `explorer.space.resample_nearest`, without the whole volume.

    Parameters
    ----------
    image : Image
    segmentations : sequence of Segmentation
    cache : ChunkCache
    """

    def __init__(
        self, image: Image, segmentations: Sequence[Segmentation], cache: ChunkCache
    ) -> None:
        self.segments: list[Segment] = []
        self._sources: list[tuple[_Masks, int]] = []
        seen = [label for seg in segmentations for label in seg.labels]
        for seg in segmentations:
            masks = _Masks(seg, image, cache)
            codes, colors = seg.codes, seg.colors
            for position, label in enumerate(seg.labels):
                key = label if seen.count(label) == 1 else f"{label} [{seg.id}]"
                code = codes.get(label)
                meaning = f"{code.meaning} ({code.scheme} {code.value})" if code else ""
                color = _distinct(colors[label], [one.color for one in self.segments])
                self.segments.append(Segment(key, label, meaning, color, seg.id))
                self._sources.append((masks, position))

    def plane(self, segment: int, axis: int, index: int) -> NDArray[np.bool_] | None:
        """One plane of one segment's mask.

        Parameters
        ----------
        segment : int
            Position in `segments`.
        axis, index : int
            Looked through, as in `ImagePlanes.plane`.

        Returns
        -------
        ndarray, bool, or None
            The two axes left, in the array's order; None where the segment is not in the plane.
        """
        masks, position = self._sources[segment]
        found = masks.plane(position, axis, index)
        return found if found is not None and found.any() else None

    def has(self, segment: int, voxel: tuple[int, int, int]) -> bool:
        """Whether a segment holds a voxel ``(z, y, x)`` of the image."""
        masks, position = self._sources[segment]
        return masks.has(position, voxel)

    def middle(self, segment: int) -> tuple[int, int, int] | None:
        """The voxel of the image ``(z, y, x)`` nearest to a segment's middle, or None if empty."""
        masks, position = self._sources[segment]
        return masks.middle(position)


def _distinct(color: Color, taken: Sequence[Color]) -> Color:
    """The colour itself, or another one where a segment beside it has nearly the same."""
    if _gap(color, taken) >= _ALIKE:
        return color
    other = max(_OTHERS, key=lambda one: min(_gap(one, taken), _ALIKE))
    if _gap(other, taken) >= _ALIKE:
        return other
    # more segments than people can tell apart: neighbours at least, by turns of the golden angle
    r, g, b = hsv_to_rgb(len(taken) * 0.618 % 1, 0.55 + 0.15 * (len(taken) % 3), 0.9)
    return round(255 * r), round(255 * g), round(255 * b)


def _gap(color: Color, taken: Sequence[Color]) -> float:
    found = [sum((a - b) ** 2 for a, b in zip(color, one, strict=True)) ** 0.5 for one in taken]
    return min(found, default=float("inf"))


class _Masks:
    """The masks of one segmentation, seen from an image's grid."""

    def __init__(self, seg: Segmentation, image: Image, cache: ChunkCache) -> None:
        self._array = ChunkedArray(seg.stored, cache, seg.where, sparse=True)
        self._least = (seg.fraction_max or 1) / 2
        sizes = dict(zip(image.dims, image.shape, strict=True))
        shape = (sizes.get("z", 1), sizes["y"], sizes["x"])
        self._image = Lattice(image.affine, shape, image.slice_origins)
        self._own = Lattice(seg.affine, seg.shape[-3:], seg.slice_origins)
        self._same = "z" in image.dims and seg.on_grid_of(image)

    def _binary(self, stored: NDArray[Any]) -> NDArray[np.bool_]:
        return np.asarray(stored if stored.dtype == bool else stored >= self._least)

    def has(self, position: int, voxel: tuple[int, int, int]) -> bool:
        at, inside = self._own.nearest(self._image.to_lps(np.array(voxel)))
        where = (position, *(int(k) for k in (voxel if self._same else at)))
        if not (self._same or bool(inside)) or not self._array.has(where):
            return False
        return bool(self._binary(self._array.read(where)))

    def plane(self, position: int, axis: int, index: int) -> NDArray[np.bool_] | None:
        if self._same:
            part: list[int | slice] = [slice(None)] * 3
            part[axis] = index
            where = (position, *part)
            return self._binary(self._array.read(where)) if self._array.has(where) else None
        return self._looked_up(position, axis, index)

    def _looked_up(self, position: int, axis: int, index: int) -> NDArray[np.bool_] | None:
        at, inside = self._own.nearest(self._image.plane_lps(axis, index))
        if not inside.any():
            return None
        hit = at[inside]
        low, high = hit.min(axis=0), hit.max(axis=0) + 1
        box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
        if not self._array.has((position, *box)):
            return None
        values = self._binary(self._array.read((position, *box)))
        out = np.zeros(inside.shape, bool)
        out[inside] = values[tuple((hit - low).T)]
        return out

    def middle(self, position: int) -> tuple[int, int, int] | None:
        """A voxel in the largest slice of the segment, the one nearest to its centroid.

        Of a mask of many chunks only the layer of chunks with the most of them is read.
        """
        parts = self._array.stored_parts(position)
        if len(parts) > _MANY_CHUNKS:
            layers = Counter(part[0].start for part in parts)
            thick = max(layers, key=lambda start: layers[start])
            layer = [part for part in parts if part[0].start == thick]
            found = self._middle_of(position, layer)
            if found is not None:
                return found
        return self._middle_of(position, parts)

    def _middle_of(
        self, position: int, parts: list[tuple[slice, ...]]
    ) -> tuple[int, int, int] | None:
        sizes = np.zeros(self._own.shape[0], np.int64)
        for part in parts:
            sizes[part[0]] += self._binary(self._array.read((position, *part))).sum(axis=(1, 2))
        if not sizes.any():
            return None
        z = int(sizes.argmax())
        inside = np.argwhere(
            self._binary(self._array.read((position, z, slice(None), slice(None))))
        )
        y, x = inside[np.linalg.norm(inside - inside.mean(axis=0), axis=1).argmin()]
        at, _ = self._image.nearest(self._own.to_lps(np.array([z, y, x])))
        a, b, c = (int(v) for v in at)
        return a, b, c
