"""Masks as one array of labels, read when somebody looks at them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import dask.array as da
import numpy as np
from numpy.typing import NDArray

from explorer.segmentation import Segmentation
from widgets.stored_chunks import stored_chunks


def lazy_labels(segmentation: Segmentation, positions: Sequence[int]) -> da.Array:
    """Segments that do not overlap as labels, each one its position and one.

    Parameters
    ----------
    segmentation : Segmentation
    positions : sequence of int
        Of the segments; where two of them overlap, the later one is seen.

    Returns
    -------
    dask.array.Array, (z, y, x)
        uint8, or uint16 of a segmentation with more segments than that holds. A block is a
        stored chunk; chunks that no segment has are not asked for.
    """
    labels = _Labels(segmentation, positions)
    chunks = segmentation.stored.chunks[1:]
    lazy: da.Array = da.from_array(  # type: ignore[no-untyped-call]
        labels, chunks=chunks, asarray=False, meta=np.empty(0, labels.dtype)
    )
    return lazy


def overlapping(segmentation: Segmentation) -> bool:
    """Whether any voxel is in two segments; only chunks that two segments share are read."""
    stored = segmentation.stored
    if stored.shape[0] < 2:
        return False
    shared: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for segment, *at in stored_chunks(stored):
        shared[tuple(at)].append(segment)
    for place, segments in shared.items():
        region = tuple(
            slice(k * size, (k + 1) * size)
            for k, size in zip(place, stored.chunks[1:], strict=True)
        )
        if len(segments) > 1 and _meet(read_mask(segmentation, (one, *region)) for one in segments):
            return True
    return False


def read_mask(segmentation: Segmentation, index: tuple[Any, ...]) -> NDArray[np.bool_]:
    """Part of the masks ``(segment, z, y, x)`` as bool; a fraction of one half is in."""
    stored = np.asarray(segmentation.stored[index])
    whole = segmentation.fraction_max
    return stored.astype(bool) if whole is None else np.asarray(stored >= whole / 2)


def _meet(masks: Iterable[NDArray[np.bool_]]) -> bool:
    seen: NDArray[np.bool_] | None = None
    for mask in masks:
        if seen is not None and (seen & mask).any():
            return True
        seen = mask if seen is None else seen | mask
    return False


class _Labels:
    """What dask slices."""

    ndim = 3

    def __init__(self, segmentation: Segmentation, positions: Sequence[int]) -> None:
        self._segmentation = segmentation
        self._chunks = segmentation.stored.chunks[1:]
        self.shape = segmentation.stored.shape[1:]
        self.dtype = np.dtype(np.uint8 if segmentation.stored.shape[0] < 256 else np.uint16)
        self._held: dict[tuple[int, ...], list[int]] = defaultdict(list)
        wanted = set(positions)
        for segment, *place in sorted(stored_chunks(segmentation.stored)):
            if segment in wanted:
                self._held[tuple(place)].append(segment)

    def __getitem__(self, index: Any) -> NDArray[Any]:
        parts = [slice(k, k + 1) if isinstance(k, int | np.integer) else k for k in index]
        spans = [part.indices(n)[:2] for part, n in zip(parts, self.shape, strict=True)]
        out = np.zeros([max(0, stop - start) for start, stop in spans], self.dtype)
        first = [start // size for (start, _), size in self._by(spans)]
        count = [-(-stop // size) - start // size for (start, stop), size in self._by(spans)]
        segments = {
            one
            for place in np.ndindex(*(max(0, n) for n in count))
            for one in self._held.get(tuple(a + b for a, b in zip(first, place, strict=True)), ())
        }
        region = tuple(slice(start, stop) for start, stop in spans)
        for one in sorted(segments):
            out[read_mask(self._segmentation, (one, *region))] = one + 1
        # dask hands on the steps of a slice, and the places of an axis that is dropped
        steps = [0 if isinstance(k, int | np.integer) else slice(None, None, k.step) for k in index]
        return out[tuple(steps)]

    def _by(self, spans: list[tuple[int, int]]) -> list[tuple[tuple[int, int], int]]:
        return list(zip(spans, self._chunks, strict=True))
