"""NIfTI files that an index beside them speaks of: whose they are, and what they mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import (
    Draft,
    FileStatus,
    Grid,
    Header,
    PatientHint,
    Reading,
    SegmentationDraft,
    SegmentDraft,
    Source,
    Status,
)
from explorer.errors import FileRefusedError, FileSkippedError
from explorer.item_id import item_id
from explorer.readers.indexed_file import Found, Segment
from explorer.readers.nifti_header import read_nifti
from explorer.readers.one_file import describe
from explorer.readers.pairing import Pairing, pair_mask
from explorer.readers.seg_segments import unique_names
from explorer.readers.volume import Volume, image_draft
from explorer.readers.volume_index import find_indexed, is_index
from explorer.readers.volume_names import read_name

_AGREE = 1e-3  # mm, between the affines of a segmentation's files
_END = (".nii", ".nii.gz")


class IndexedReader:
    """Reads what nnU-Net's and the Decathlon's ``dataset.json``, TorchIO subjects, BIDS sidecars
    and the ``items.csv`` of an export speak of.
    """  # noqa: D205 - one sentence

    name = "indexed"

    def peek(self, source: Source) -> Header | None:
        """Claim volumes that an index speaks of.

        Raises
        ------
        FileSkippedError
            It is the index.
        FileRefusedError
            The header cannot be taken.
        """
        if is_index(source.path):
            raise FileSkippedError("it speaks of the files beside it")
        if not source.path.name.lower().endswith(_END):
            return None
        found = find_indexed(source)
        if found is None or not found.about.patient:
            return None
        read_nifti(source)
        about = found.about
        note = f"as the {about.layout} index says"
        group = f"{found.folder}:{about.group}" if about.group else source.uri
        return Header(
            source, self.name, "segmentation" if about.mask else "image", f"{self.name}:{group}",
            PatientHint(about.patient, note=note), detail={"indexed": found}, note=note,
        )  # fmt: skip

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn one image, or the files of one segmentation, into a draft."""
        reading = Reading([], [])
        taken: list[tuple[Header, Volume]] = []
        for header in sorted(headers, key=lambda one: one.source.relative):
            uri = header.source.uri
            try:
                volume = read_nifti(header.source)
                if not header.detail["indexed"].about.mask:
                    draft = _image(header, volume)
                    status: Status = "referenced" if draft.frames is not None else "ingested"
                    told = "; ".join(draft.problems) or None
                    reading.drafts.append(draft)
                    reading.statuses.append(FileStatus(uri, status, told, draft.item))
                    continue
                if taken and not _same(taken[0][1], volume):
                    raise FileRefusedError("Its grid is not that of the segmentation's other files")
                if len(volume.shape) != 3:
                    raise FileRefusedError(f"A mask has the shape {volume.shape}")
                taken.append((header, volume))
            except FileRefusedError as error:
                reading.statuses.append(FileStatus(uri, "refused", error.message))
            except Exception as error:  # noqa: BLE001 - hostile bytes make parsers raise anything
                reason = f"The file is broken: {describe(error)}"
                reading.statuses.append(FileStatus(uri, "refused", reason))
        if taken:
            made: Draft = _segmentation(taken, grids)
            reading.drafts.append(made)
            reading.statuses += [
                FileStatus(header.source.uri, "ingested", None, made.item) for header, _ in taken
            ]
        return reading


def _image(header: Header, volume: Volume) -> Any:
    found: Found = header.detail["indexed"]
    about, source = found.about, header.source
    draft = image_draft(volume, source, [source], "NIfTI")
    if about.modality:
        draft.modality = about.modality
        draft.item = item_id(about.modality, source.relative)
        draft.meta["modality_by"] = f"the {about.layout} index"
    if about.units:
        draft.units = about.units
        draft.units_reason = None if about.units != "1" else draft.units_reason
        draft.meta["units_by"] = f"the {about.layout} index"
    draft.name = about.name or draft.name
    draft.acquired = about.acquired or draft.acquired
    draft.synthetic = about.synthetic
    if about.modality not in (None, "MR", "PT", "CT") and volume.shape[0] == 1:
        draft.problems.append("a plane that NIfTI has as one slice")
    return draft


def _same(a: Volume, b: Volume) -> bool:
    return a.shape == b.shape and bool(np.abs(a.affine - b.affine).max() < _AGREE)


class _Masks:
    """Reads one segment at a time; of a map of labels the volume is held to the last of them."""

    def __init__(self, parts: list[tuple[Volume, Segment]], pairing: Pairing) -> None:
        self._parts, self._placement = parts, pairing.placement
        self._held: tuple[Volume, NDArray[Any]] | None = None

    def __call__(self, index: int) -> NDArray[Any]:
        volume, segment = self._parts[index]
        if self._held is None or self._held[0] is not volume:
            stored = volume.load()
            labels = stored if (volume.slope, volume.intercept) == (1.0, 0.0) else (
                stored * volume.slope + volume.intercept)  # fmt: skip
            self._held = (volume, labels)
        labels = self._held[1]
        if index == len(self._parts) - 1:
            self._held = None
        mask = np.isin(labels, segment.values) if segment.values else labels != 0
        return mask if self._placement is None else self._placement.orient(mask)


def _segmentation(taken: list[tuple[Header, Volume]], grids: list[Grid]) -> SegmentationDraft:
    first, volume = taken[0]
    found: Found = first.detail["indexed"]
    source = first.source
    parts = [
        (one, segment)
        for header, one in taken
        for segment in header.detail["indexed"].about.segments
    ]
    parts = parts or [(volume, Segment("label", 1))]
    said = first.detail.get("pair") or _uri(found, grids)
    pairing = pair_mask(source, volume.affine, volume.grid_shape, grids, said)
    image = pairing.image
    if image is not None and np.prod(image.shape) != np.prod(volume.grid_shape):
        pairing = Pairing(image, None, f"{pairing.reason}; it has a grid of its own")
    placed = image is not None and pairing.placement is not None
    names = unique_names(segment.name for _, segment in parts)
    reason = pairing.reason
    if said and not first.detail.get("pair"):
        reason = reason.replace("said with --pair", f"the {found.about.layout} index names it")
    return SegmentationDraft(
        item=item_id("mask", found.about.group or source.relative, source.relative),
        modality="MASK",
        name=found.about.name or read_name(source.path.name).stem,
        segments=[
            SegmentDraft(one.number, name, one.code, algorithm_type=one.algorithm_type)
            for (_, one), name in zip(parts, names, strict=True)
        ],
        shape=image.shape if placed and image else volume.grid_shape,
        affine=image.affine if placed and image else volume.affine,
        frame_of_reference=image.frame_of_reference if placed and image else None,
        load=_Masks(parts, pairing),
        sources=[header.source for header, _ in taken],
        image=image.item if image else None,
        image_reason=reason,
        acquired=found.about.acquired,
        problems=list(volume.problems),
        meta={**volume.meta, "layout": found.about.layout},
        synthetic=any(header.detail["indexed"].about.synthetic for header, _ in taken),
    )


def _uri(found: Found, grids: list[Grid]) -> str | None:
    """The URI of the image that the index names, where the patient has it."""
    if found.about.image is None:
        return None
    end = "/" + found.about.image.replace("\\", "/")
    uris = [grid.uri for grid in grids if grid.uri]
    hits = [uri for uri in uris if uri.replace("\\", "/").replace("!", "/").endswith(end)]
    return hits[0] if len(hits) == 1 else None
