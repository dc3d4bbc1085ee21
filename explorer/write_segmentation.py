"""A segmentation draft into a patient's repository."""

from __future__ import annotations

from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec

from explorer.draft import SegmentationDraft
from explorer.errors import FileRefusedError
from explorer.layout import CHUNK, item_group
from explorer.write_coordinates import write_coordinates


def write_segmentation(session: Any, draft: SegmentationDraft) -> list[int]:
    """Write a segmentation's masks, one a segment; they may overlap.

    The array is ``(segment, z, y, x)``: bool, or uint8 where it is fractional. Blosc's bit
    shuffle packs eight voxels into a byte before zstd sees them, and empty chunks are not stored.

    Parameters
    ----------
    session : icechunk.Session
        Writable; nothing is visible before the commit.
    draft : SegmentationDraft

    Returns
    -------
    list of int
        Voxels of each segment (of at least half in a fractional one).

    Raises
    ------
    FileRefusedError
        A mask is not of the shape that was promised.
    """
    root = zarr.open_group(session.store, mode="a")
    group = root.create_group(item_group("segmentation", draft.item), overwrite=True)
    fractional = draft.fraction_max is not None
    array = group.create_array(
        "masks",
        shape=(len(draft.segments), *draft.shape),
        chunks=(1, *(min(c, n) for c, n in zip(CHUNK, draft.shape, strict=True))),
        dtype=np.uint8 if fractional else bool,
        compressors=[BloscCodec(cname="zstd", clevel=3, shuffle="bitshuffle"), Crc32cCodec()],
        fill_value=0,
        dimension_names=("segment", "z", "y", "x"),
    )
    voxels = []
    for index, segment in enumerate(draft.segments):
        mask = draft.load(index)
        if mask.shape != tuple(draft.shape):
            raise FileRefusedError(
                f"Segment {segment.name!r} has shape {mask.shape}",
                expected=str(tuple(draft.shape)),
                where=draft.sources[0].uri if draft.sources else f"item {draft.item}",
            )
        array[index] = mask
        half = (draft.fraction_max or 1) / 2
        voxels.append(int(np.count_nonzero(mask >= half if fractional else mask)))
    dims = ("z", "y", "x")
    write_coordinates(group, dims, draft.shape, draft.affine, draft.slice_origins)
    group.attrs.update(
        {
            "type": "segmentation",
            "segments": [segment.name for segment in draft.segments],
            "affine": np.asarray(draft.affine, float).tolist(),
            "frame_of_reference": draft.frame_of_reference,
            "fraction_max": draft.fraction_max,
        }
    )
    return voxels
