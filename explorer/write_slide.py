"""A slide draft into a patient's repository."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec

from explorer.errors import FileRefusedError
from explorer.layout import item_group
from explorer.slide_draft import SlideDraft


def write_slide(session: Any, draft: SlideDraft) -> None:
    """Write a slide's thumbnail ``(y, x, c)`` and what its levels are; the pyramid stays outside.

    Parameters
    ----------
    session : icechunk.Session
        Writable; nothing is visible before the commit.
    draft : SlideDraft

    Raises
    ------
    FileRefusedError
        The thumbnail is no RGB picture.
    """
    picture = draft.thumbnail()
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise FileRefusedError(
            f"The thumbnail has shape {picture.shape} and type {picture.dtype}",
            expected="(y, x, 3), uint8",
            where=draft.sources[0].uri if draft.sources else f"item {draft.item}",
        )
    root = zarr.open_group(session.store, mode="a")
    group = root.create_group(item_group("slide", draft.item), overwrite=True)
    array = group.create_array(
        "thumbnail",
        shape=picture.shape,
        chunks=(*(max(1, min(512, n)) for n in picture.shape[:2]), 3),
        dtype=np.uint8,
        compressors=[BloscCodec(cname="zstd", clevel=3, shuffle="shuffle"), Crc32cCodec()],
        fill_value=0,
        dimension_names=("y", "x", "c"),
    )
    array[...] = picture
    levels: Any = [asdict(level) for level in draft.levels]
    group.attrs.update({"type": "slide", "reader": draft.reader, "levels": levels})
