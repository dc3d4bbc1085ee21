"""Save edited masks as a new version of the patient, with who and when."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from explorer.compose import came_as
from explorer.draft import Code, SegmentationDraft, SegmentDraft
from explorer.errors import StoreError
from explorer.item_id import item_id
from explorer.patient import Patient
from explorer.records import now
from explorer.run_draft import RunDraft
from explorer.segmentation import Segmentation
from explorer.space import same_grid
from explorer.transaction import Transaction
from widgets.napari.mask_edit import Change, MaskEdit
from widgets.napari.moved_on import MovedOnError

How = Literal["on top", "beside"]

_WAIT_S = 30.0
_BY_HAND = "MANUAL"


def save_edit(edit: MaskEdit, who: str, note: str = "", *, how: How | None = None) -> Segmentation:
    """Save an edit.

    Only the voxels that were changed are written over what is there: segments that nobody
    touched, fractions, codes and colours stay as they are. A changed segment's algorithm type
    becomes MANUAL where all of it was drawn by hand, else SEMIAUTOMATIC (DICOM PS3.3 C.8.20.2).
    Earlier versions of the patient keep the masks as they were.

    Parameters
    ----------
    edit : MaskEdit
    who : str
        The person; kept with the masks and in the patient's history.
    note : str
        Why.
    how : {'on top', 'beside'}, optional
        What to do where the patient has moved on since the masks were opened: lay the changed
        voxels on top of the newest version's masks, or save the edited masks beside them, as a
        segmentation of their own.

    Returns
    -------
    Segmentation
        As saved, of the newest version.

    Raises
    ------
    MovedOnError
        The patient has moved on, and `how` does not say what then; or the masks that the edit
        would be laid on are gone or are other ones. Nothing was written.
    StoreError
        `who` is empty, or nothing was changed.
    """
    changes = edit.changes()
    if not who.strip():
        raise StoreError("Nobody has edited the masks", expected="a name", do="say who you are")
    if not changes:
        raise StoreError("Nothing was changed", where=edit.segmentation.where)
    opened = edit.segmentation
    store, key = opened.patient.store, opened.patient.key
    with store.transaction(f"{who.strip()} edited {opened.name or opened.id}") as t:
        t.hold(key, _WAIT_S)
        newest = store[key]
        if how is None:
            _refuse_moved(opened, newest)
        base = opened if how == "beside" else _there(opened, newest)
        draft = _draft(base, changes)
        said = _said(opened, who, note, changes)
        if how == "beside":
            made = item_id("seg", opened.id, who, str(said["when"]))
            draft = replace(draft, item=made, name=f"{draft.name}, edited by {who.strip()}")
            draft.meta["made_from"] = str(opened.address)
        draft.meta["edits"] = [*draft.meta.get("edits", []), said]
        owner = next(
            (came_as(row, key) for row in newest.rows("items") if row["item"] == draft.item), key
        )
        t.put(owner, draft)
        put_edit_run(t, owner, draft.item, said)
    return store[key].segmentations[draft.item]


def put_edit_run(t: Transaction, key: str, item: str, said: dict[str, Any]) -> None:
    """Keep who did what, and when, as a run of its own."""
    run = RunDraft(
        "edit",
        "person",
        str(said["who"]),
        input=f"segmentations/{item}",
        settings={"when": said["when"]},
        detail=said,
    )
    t.put_run(key, run)


def draft_of(segmentation: Segmentation) -> SegmentationDraft:
    """Draft a segmentation as it is, to be put again.

    Parameters
    ----------
    segmentation : Segmentation

    Returns
    -------
    SegmentationDraft
        Without sources: the rows of the files that it came from stay.
    """
    z, y, x = segmentation.shape
    colors = {row["name"]: row["color"] for row in segmentation.segments}
    segments = [
        SegmentDraft(
            row["number"],
            row["name"],
            segmentation.codes[row["name"]],
            Code("", "", row["category"]) if row["category"] else None,
            row["algorithm_type"],
            row["algorithm_name"],
            tuple(colors[row["name"]]) if colors[row["name"]] else None,
        )
        for row in segmentation.segments
    ]
    return SegmentationDraft(
        item=segmentation.id,
        modality=segmentation.modality,
        name=segmentation.name,
        segments=segments,
        shape=(z, y, x),
        affine=segmentation.affine,
        load=lambda index: np.asarray(segmentation.stored[index]),
        sources=[],
        slice_origins=segmentation.slice_origins,
        frame_of_reference=segmentation.frame_of_reference,
        fraction_max=segmentation.fraction_max,
        image=segmentation.image,
        image_reason=segmentation.image_reason,
        acquired=segmentation.acquired,
        problems=list(segmentation.problems),
        meta=dict(segmentation.meta),
        synthetic=segmentation.synthetic,
    )


def edited_with() -> str:
    """The programs that masks are edited with, and their versions."""
    found = []
    for name in ("oncograph", "napari"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def _refuse_moved(opened: Segmentation, newest: Patient) -> None:
    if newest.version == opened.patient.version:
        return
    there = newest.segmentations.get(opened.id)
    same = there is not None and _told(there) == _told(opened)
    touched = "these masks are as they were" if same else "these masks are others now"
    message = newest.history()["message"].iloc[0]
    raise MovedOnError(
        f"The patient has moved on, from version {opened.patient.version} to {newest.version} "
        f"(the last one: {message}); {touched}",
        where=opened.where,
        do="save on top of the newest version, or beside it: neither loses anything",
    )


def _told(segmentation: Segmentation) -> tuple[Any, ...]:
    """What tells one version of masks from another without reading them."""
    voxels = [(row["name"], row["voxels"]) for row in segmentation.segments]
    return segmentation.meta, voxels, segmentation.shape


def _there(opened: Segmentation, newest: Patient) -> Segmentation:
    """The newest version's masks, where those of the edit can be laid on them."""
    there = newest.segmentations.get(opened.id)
    if (
        there is None
        or not same_grid(there.affine, opened.affine, there.shape, opened.shape)
        or set(opened.labels) - set(there.labels)
    ):
        raise MovedOnError(
            "The newest version does not have these masks, or has them on another grid",
            where=opened.where,
            do="save beside: the edited masks become a segmentation of their own",
        )
    return there


def _draft(base: Segmentation, changes: dict[str, Change]) -> SegmentationDraft:
    """The masks of `base`, with the changed voxels on top."""
    draft = draft_of(base)
    names = [segment.name for segment in draft.segments]
    highest = max((segment.number for segment in draft.segments), default=0)
    for position, row in enumerate(base.segments):
        if row["name"] in changes:
            draft.segments[position] = _edited(draft.segments[position], row["voxels"])
    for name in [one for one in changes if one not in names]:
        highest += 1
        tool = edited_with()
        draft.segments.append(
            SegmentDraft(highest, name, algorithm_type=_BY_HAND, algorithm_name=tool)
        )
        names.append(name)
    whole = base.fraction_max or 1

    def load(index: int) -> NDArray[Any]:
        if index < len(base.segments):
            mask = np.array(base.stored[index])
        else:
            mask = np.zeros(base.shape, base.stored.dtype)
        change = changes.get(names[index])
        if change is not None:
            mask.reshape(-1)[change.added] = whole
            mask.reshape(-1)[change.removed] = 0
        return mask

    return replace(draft, load=load)


def _edited(segment: SegmentDraft, voxels: int) -> SegmentDraft:
    if segment.algorithm_type == _BY_HAND or not voxels:
        return replace(segment, algorithm_type=_BY_HAND)
    before = segment.algorithm_name or "unknown"
    done = before if before.endswith("edited by hand") else f"{before}; edited by hand"
    return replace(segment, algorithm_type="SEMIAUTOMATIC", algorithm_name=done)


def _said(opened: Segmentation, who: str, note: str, changes: dict[str, Change]) -> dict[str, Any]:
    return {
        "who": who.strip(),
        "when": now(),
        "note": note,
        "with": edited_with(),
        "opened_at": opened.patient.version,
        "segments": {
            name: {"added": len(one.added), "removed": len(one.removed)}
            for name, one in changes.items()
        },
    }
