"""What NIfTI and NRRD files share: image or mask, one file or a header and its data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from explorer.draft import (
    Draft,
    FileStatus,
    Grid,
    Header,
    Reading,
    SegmentDraft,
    Source,
    Status,
)
from explorer.readers.label_masks import MOST_LABELS, find_labels, mask_draft
from explorer.readers.one_file import read_each
from explorer.readers.volume import Volume, image_draft
from explorer.readers.volume_names import called_mask, patient_hint

Described = Mapping[tuple[int, int], SegmentDraft]
ReadVolume = Callable[[Source, Source | None], tuple[Volume, Described]]


def volume_header(source: Source, reader: str, head: Path | None = None) -> Header:
    """Head a volume's file.

    Parameters
    ----------
    source : Source
    reader : str
    head : pathlib.Path, optional
        The header file beside a file that only holds voxels: both make one group.
    """
    named = source
    if head is not None:
        size = len(source.path.name)
        named = replace(
            source,
            path=head,
            uri=source.uri[:-size] + head.name,
            relative=source.relative[:-size] + head.name,
        )
    patient = patient_hint(named)
    return Header(
        source=source,
        reader=reader,
        kind="segmentation" if called_mask(named) else "image",
        group=f"{reader}:{named.uri}",
        patient=patient,
        detail={"voxels_of": head.name} if head else {},
        note=patient.note,
    )


def read_volumes(headers: list[Header], grids: list[Grid], kind: str, read: ReadVolume) -> Reading:
    """Read one group: a volume in a file, or in a header file and the file of its voxels.

    Parameters
    ----------
    headers : list of Header
    grids : list of Grid
        The patient's images.
    kind : str
        Name of the format, for people.
    read : callable
        Gives the volume of a header and, where there is one, of the file with its voxels.
    """
    heads = [one for one in headers if "voxels_of" not in one.detail]
    data = [one for one in headers if "voxels_of" in one.detail]
    beside = data[0].source if data else None
    reading = read_each(heads, lambda one: _read(one, beside, grids, kind, read))
    for one in data:
        status = reading.statuses[0] if reading.statuses else None
        fate: Status = status.status if status else "refused"
        reason = f"holds the voxels of {one.detail['voxels_of']}"
        if fate == "refused":
            reason += ", which was refused" if status else ", which is not among the sources"
        item = status.item if status else None
        reading.statuses.append(FileStatus(one.source.uri, fate, reason, item))
    return reading


def _read(
    header: Header, beside: Source | None, grids: list[Grid], kind: str, read: ReadVolume
) -> tuple[Draft, FileStatus]:
    source = header.source
    volume, described = read(source, beside)
    sources = [volume.data, source] if volume.data is not source else [source]
    draft: Draft
    if header.kind == "segmentation":
        labels = find_labels(volume, volume.load())
        if labels is not None:
            pair = header.detail.get("pair")
            draft = mask_draft(volume, labels, source, sources, grids, pair, dict(described))
            if len(volume.shape) == 4 and not described:
                draft.problems.append("its fourth axis is taken for layers of masks")
            return draft, _status(draft, "ingested")
        volume.problems.append(
            "called a mask, but its values are none (whole, not negative, at most "
            f"{MOST_LABELS} different ones): taken for an image"
        )
    draft = image_draft(volume, source, sources, kind)
    return draft, _status(draft, "referenced" if draft.frames is not None else "ingested")


def _status(draft: Draft, status: Status) -> FileStatus:
    # the header file is the one that was asked for: it is listed last
    return FileStatus(draft.sources[-1].uri, status, "; ".join(draft.problems) or None, draft.item)
