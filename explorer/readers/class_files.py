"""Folders with a NIfTI mask for each class, as TotalSegmentator writes them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import (
    FileStatus,
    Grid,
    Header,
    Reading,
    SegmentationDraft,
    Source,
)
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers.nifti_header import read_nifti
from explorer.readers.one_file import describe
from explorer.readers.pairing import Pairing, pair_mask
from explorer.readers.totalsegmentator_classes import class_modifier, class_names, class_segment
from explorer.readers.volume import Volume
from explorer.readers.volume_names import patient_hint

_SUFFIX = ".nii.gz"
_FOLDER = "segmentations"
_AGREE = 1e-3  # mm, between the affines of a folder's files


class ClassFilesReader:
    """Reads a folder of files such as ``liver.nii.gz`` as one segmentation, a segment a file.

    A folder is one where a file is named like a class of TotalSegmentator, and either the folder
    is called ``segmentations`` or a second file is named so.
    """

    name = "class_files"

    def peek(self, source: Source) -> Header | None:
        """Claim files that are named like a class, in such a folder.

        Raises
        ------
        FileRefusedError
            The header cannot be taken.
        """
        name = source.path.name
        if not name.endswith(_SUFFIX) or name[: -len(_SUFFIX)] not in class_names():
            return None
        folder = source.path.parent
        if folder.name != _FOLDER and _classes(folder, folder.stat().st_mtime_ns) < 2:
            return None
        read_nifti(source)
        folder_uri = source.uri[: -len(name)]
        whole = replace(
            source,
            path=folder / f"segmentation{_SUFFIX}",
            uri=f"{folder_uri}segmentation{_SUFFIX}",
            relative=source.relative[: -len(name)] + f"segmentation{_SUFFIX}",
        )
        hint = patient_hint(whole)
        return Header(
            source=source,
            reader=self.name,
            kind="segmentation",
            group=f"{self.name}:{folder_uri}",
            patient=hint,
            note=hint.note,
        )

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn a folder's files into one segmentation; one that cannot be read is refused."""
        ordered = sorted(headers, key=lambda one: one.source.path.name)
        statuses: dict[str, FileStatus] = {}
        taken: Taken = []
        for header in ordered:
            try:
                volume = _mask_volume(header.source)
            except FileRefusedError as error:
                statuses[header.source.uri] = _refused(header, error.message)
            except Exception as error:  # noqa: BLE001 - hostile bytes make parsers raise anything
                reason = f"The file is broken: {describe(error)}"
                statuses[header.source.uri] = _refused(header, reason)
            else:
                taken.append((header, volume))
        drafts = []
        taken, odd = _one_grid(taken)
        for header, found in odd:
            reason = _not_same(taken[0], found).message
            statuses[header.source.uri] = _refused(header, reason)
        if taken:
            draft = _draft(taken, grids)
            drafts.append(draft)
            told = "; ".join(draft.problems) or None
            for header, _ in taken:
                uri = header.source.uri
                statuses[uri] = FileStatus(uri, "ingested", told, draft.item)
        return Reading(list(drafts), [statuses[header.source.uri] for header in headers])


@lru_cache(maxsize=64)
def _classes(folder: Path, mtime_ns: int) -> int:
    """How many of a folder's files are named like a class.

    `mtime_ns` is the folder's: what was read of it is forgotten when it changes.
    """
    names = (one.name for one in folder.iterdir() if one.name.endswith(_SUFFIX))
    return sum(name[: -len(_SUFFIX)] in class_names() for name in names)


def _refused(header: Header, reason: str) -> FileStatus:
    return FileStatus(header.source.uri, "refused", reason)


def _mask_volume(source: Source) -> Volume:
    volume = read_nifti(source)
    if len(volume.shape) != 3:
        raise FileRefusedError(f"The mask has the shape {volume.shape}", expected="(z, y, x)")
    _as_mask(volume)
    return volume


def _as_mask(volume: Volume) -> NDArray[np.bool_]:
    stored = volume.load()
    found = stored != 0
    if stored.dtype.kind == "f" and not np.isfinite(stored).all():
        raise FileRefusedError("The mask has values that are no numbers", expected="0 and 1")
    value = stored[found][:1]
    if value.size and (stored[found] != value[0]).any():
        raise FileRefusedError(
            "The file is named like a class, and has several values",
            expected="0 and one other value",
            do="give it another name if it is an image or holds several labels",
        )
    return np.asarray(found)


Taken = list[tuple[Header, Volume]]


def _one_grid(taken: Taken) -> tuple[Taken, Taken]:
    """Files on the grid that most of them have, and the others."""
    grids: list[Taken] = []
    for one in taken:
        for grid in grids:
            volume = grid[0][1]
            near = np.abs(volume.affine - one[1].affine).max() < _AGREE
            if volume.shape == one[1].shape and near:
                grid.append(one)
                break
        else:
            grids.append([one])
    most = max(grids, key=len, default=[])
    return most, [one for grid in grids if grid is not most for one in grid]


def _not_same(first: tuple[Header, Volume], volume: Volume) -> FileRefusedError:
    return FileRefusedError(
        f"Its voxels {volume.shape} are not those of {first[0].source.path.name} beside it",
        expected=f"{first[1].shape} and the same place, as most files of the folder",
        do="keep masks of another grid in a folder of their own",
    )


class _Masks:
    """Reads one class's file at a time.

    Parameters
    ----------
    volumes : list of Volume
    pairing : Pairing
    """

    def __init__(self, volumes: list[Volume], pairing: Pairing) -> None:
        self._volumes, self._placement = volumes, pairing.placement

    def __call__(self, index: int) -> NDArray[Any]:
        mask = _as_mask(self._volumes[index])
        return mask if self._placement is None else self._placement.orient(mask)


def _draft(taken: Taken, grids: list[Grid]) -> SegmentationDraft:
    first, volume = taken[0]
    source = first.source
    folder = source.relative[: -len(source.path.name)]
    names = [header.source.path.name[: -len(_SUFFIX)] for header, _ in taken]
    pairing = pair_mask(source, volume.affine, volume.grid_shape, grids, first.detail.get("pair"))
    image = pairing.image
    if image is not None and np.prod(image.shape) != np.prod(volume.grid_shape):
        pairing = Pairing(image, None, f"{pairing.reason}; it covers a part of the image")
    on_image = image is not None and pairing.placement is not None
    sides = {name: side for name in names if (side := class_modifier(name))}
    return SegmentationDraft(
        item=item_id("mask", f"{folder}*{_SUFFIX}"),
        modality="MASK",
        name=source.path.parent.name,
        segments=[class_segment(n, name) for n, name in enumerate(names, start=1)],
        shape=image.shape if on_image and image else volume.grid_shape,
        affine=image.affine if on_image and image else volume.affine,
        frame_of_reference=image.frame_of_reference if on_image and image else None,
        load=_Masks([one for _, one in taken], pairing),
        sources=[header.source for header, _ in taken],
        image=image.item if image else None,
        image_reason=pairing.reason,
        problems=list(volume.problems),
        meta={**volume.meta, "layout": "TotalSegmentator, a file a class", "modifiers": sides},
    )
