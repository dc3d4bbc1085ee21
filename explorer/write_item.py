"""An item's arrays into a patient's repository, whatever kind it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import zarr

from explorer.draft import ImageDraft, SegmentationDraft
from explorer.layout import ARRAY_KINDS, item_group
from explorer.slide_draft import SlideDraft
from explorer.waveform_draft import WaveformDraft
from explorer.write_image import write_image
from explorer.write_segmentation import write_segmentation
from explorer.write_slide import write_slide
from explorer.write_waveform import write_waveform

ArrayDraft = ImageDraft | SegmentationDraft | WaveformDraft | SlideDraft


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes
    ----------
    storage : {'referenced', 'copied'}
    dtype : numpy.dtype
        Of the values as they are given to the reader.
    voxels : list of int
        Of each segment.
    """

    storage: Literal["referenced", "copied"]
    dtype: np.dtype[Any]
    voxels: list[int] = field(default_factory=list)


def write_item(session: Any, draft: ArrayDraft, *, copy: bool) -> Written:
    """Write an item; half an item never stays in the session.

    Parameters
    ----------
    session : icechunk.Session
    draft : ImageDraft, SegmentationDraft, WaveformDraft or SlideDraft
    copy : bool
        Copy the pixels even where a reference would do.

    Returns
    -------
    Written
    """
    try:
        if isinstance(draft, ImageDraft):
            return Written(*write_image(session, draft, copy=copy))
        if isinstance(draft, SegmentationDraft):
            return Written("copied", np.dtype(bool), write_segmentation(session, draft))
        if isinstance(draft, WaveformDraft):
            write_waveform(session, draft)
            return Written("copied", np.dtype(np.float32))
        write_slide(session, draft)
        return Written("referenced", np.dtype(np.uint8))
    except BaseException:
        # half an item must not ride along with the next commit
        delete_item(session, draft.item)
        raise


def delete_item(session: Any, item: str) -> None:
    """Take an item's arrays out, where there are any."""
    root = zarr.open_group(session.store, mode="a")
    for kind in ARRAY_KINDS:
        if item_group(kind, item) in root:
            del root[item_group(kind, item)]
