"""The rows of an item: one of ``items``, and one of ``segments`` for each segment."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from explorer.draft import ImageDraft, SegmentationDraft
from explorer.slide_draft import SlideDraft
from explorer.space import spacing
from explorer.waveform_draft import WaveformDraft
from explorer.write_item import ArrayDraft, Written

Row = dict[str, Any]


def item_row(draft: ArrayDraft, written: Written) -> Row:
    """Make the row of an item that has been written.

    Parameters
    ----------
    draft : ImageDraft, SegmentationDraft, WaveformDraft or SlideDraft
    written : Written

    Returns
    -------
    dict
        Columns of the table ``items``.
    """
    meta = {name: value for name, value in draft.meta.items() if name != "sop_uids"}
    row: Row = {
        "item": draft.item,
        "modality": draft.modality,
        "name": draft.name,
        "study_uid": meta.get("study_uid"),
        "series_uid": meta.get("series_uid"),
        "acquired": draft.acquired,
        "storage": written.storage,
        "state": "present",
        "body_part": meta.get("body_part"),
        "laterality": meta.get("laterality"),
        "problems": list(draft.problems),
        "synthetic": draft.synthetic,
        "meta": json.dumps(meta, default=_plain, ensure_ascii=False),
        "value_dtype": str(written.dtype),
    }
    if isinstance(draft, ImageDraft):
        return row | _placed(draft) | _image_row(draft)
    if isinstance(draft, SegmentationDraft):
        return row | _placed(draft) | _segmentation_row(draft)
    if isinstance(draft, WaveformDraft):
        return row | _waveform_row(draft)
    return row | _slide_row(draft)


def _placed(draft: ImageDraft | SegmentationDraft) -> Row:
    dims = draft.dims if isinstance(draft, ImageDraft) else ("z", "y", "x")
    return {
        "frame_of_reference": draft.frame_of_reference,
        "shape": [int(n) for n in draft.shape],
        "affine": [float(v) for v in np.asarray(draft.affine, float).ravel()],
        "spacing_mm": list(spacing(draft.affine)[-sum(name in dims for name in "zyx") :]),
    }


def _image_row(draft: ImageDraft) -> Row:
    return {
        "kind": "image",
        "dims": list(draft.dims),
        "dtype": draft.dtype.newbyteorder("=").name,
        "units": draft.units,
        "units_reason": draft.units_reason,
    }


def _segmentation_row(draft: SegmentationDraft) -> Row:
    return {
        "kind": "segmentation",
        "dims": ["z", "y", "x"],
        "dtype": "bool" if draft.fraction_max is None else "uint8",
        "image": draft.image,
        "image_reason": draft.image_reason,
        "labels": [segment.name for segment in draft.segments],
    }


def _waveform_row(draft: WaveformDraft) -> Row:
    units = list(dict.fromkeys(draft.units))
    return {
        "kind": "waveform",
        "dims": ["channel", "time"],
        "shape": [int(n) for n in draft.shape],
        "dtype": draft.dtype.newbyteorder("=").name,
        "units": units[0] if len(units) == 1 else "1",
        "units_reason": None if len(units) == 1 else "the channels have units of their own",
        "labels": list(draft.channels),
    }


def _slide_row(draft: SlideDraft) -> Row:
    finest = draft.levels[0]
    return {
        "kind": "slide",
        "dims": ["y", "x"],
        "shape": [int(n) for n in finest.shape],
        "dtype": "uint8",
        "units": "RGB",
        "spacing_mm": [v / 1000 for v in finest.mpp] if finest.mpp else None,
    }


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)


def segment_rows(draft: SegmentationDraft, voxels: list[int]) -> list[Row]:
    """Make the rows of a segmentation's segments; `voxels` has the size of each."""
    voxel_mm3 = abs(float(np.linalg.det(np.asarray(draft.affine, float)[:3, :3])))
    rows = []
    for position, (segment, count) in enumerate(zip(draft.segments, voxels, strict=True)):
        code = segment.code
        rows.append(
            {
                "item": draft.item,
                "position": position,
                "number": segment.number,
                "name": segment.name,
                "code_value": code.value if code else None,
                "code_scheme": code.scheme if code else None,
                "code_meaning": code.meaning if code else None,
                "category": segment.category.meaning if segment.category else None,
                "algorithm_type": segment.algorithm_type,
                "algorithm_name": segment.algorithm_name,
                "color": list(segment.color) if segment.color else None,
                "voxels": count,
                "volume_mm3": count * voxel_mm3,
            }
        )
    return rows
