from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.draft import Grid
from explorer.records_draft import RecordsDraft
from explorer.resolve_targets import resolve_targets

SQUARE = [(1, 0), (3, 0), (3, 2), (1, 2)]


def targets(
    store: explorer.Store, drafts: Any, images: Sequence[Any], sops: dict[str, tuple[str, int]],
    *refers: dict[str, Any],
) -> list[Any]:  # fmt: skip
    """Targets of observations with these references, on these images (all synthetic)."""
    rows = [{"name": "x", "detail": json.dumps({"refers": [ref]})} for ref in refers]
    report = drafts.source("report.dcm", b"synthetic")
    with store.transaction("synthetic data") as t:
        key = t.patient("P", synthetic=True)
        grids: dict[str, Grid] = {}
        files = []
        for draft in images:
            t.put(key, draft)
            if draft.grid is not None:
                grids[draft.item] = draft.grid
        for uid, (item, position) in sops.items():
            draft = next(one for one in images if one.item == item)
            row = drafts.file_row(draft, "referenced")
            files.append({**row, "uri": uid, "sop_uid": uid, "position": position})
        t.put_files(key, files)
        t.put_records(key, RecordsDraft("sr-1", "made up", [report], observations=rows))
        resolve_targets(t, key, grids)
        return [row["target"] for row in t.rows(key, "observations")]


def region(sop: str, *frames: int, graphic: str = "POLYLINE", points: Any = SQUARE) -> Any:
    return {"kind": "region", "sop": sop, "frames": list(frames), "graphic": graphic,
            "points": points}  # fmt: skip


def test_slices_frames_times_and_pictures(store: explorer.Store, drafts: Any) -> None:
    volume = drafts.image(np.zeros((2, 3, 4), np.int16), "ct-1", file="a.raw")
    enhanced = drafts.image(
        np.zeros((2, 3, 4), np.int16), "mr-1", file="b.raw", meta={"frame_numbers": [2, 1]}
    )
    series = drafts.image(np.zeros((3, 2, 3, 4), np.int16), "mr-2", file="c.raw")
    cine = drafts.image(np.zeros((5, 3, 4), np.uint8), "us-1", file="d.raw", dims=("t", "y", "x"))
    picture = drafts.image(np.zeros((3, 4), np.uint8), "cr-1", file="e.raw")
    images = [volume, enhanced, series, cine, picture]
    sops = {
        "1.1": ("ct-1", 1), "2.1": ("mr-1", 0), "3.4": ("mr-2", 4), "4.1": ("us-1", 0),
        "5.1": ("cr-1", 0),
    }  # fmt: skip
    found = targets(
        store, drafts, images, sops,
        region("1.1"),
        region("1.1", graphic="POINT", points=[(2.5, 1.5)]),
        region("2.1", 2),
        region("2.1"),
        region("3.4"),
        region("4.1", 5),
        region("4.1", 9),
        region("5.1"),
        region("5.1", points=[(100, 100), (101, 101)]),
        region("9.9"),
        {"kind": "image", "sop": "1.1", "frames": []},
        {"kind": "images", "sops": ["1.1", "2.1", "9.9"]},
    )  # fmt: skip
    assert found == [
        "images/ct-1#box=1:2,0:2,1:3",
        "images/ct-1#voxel=1,1,2",
        "images/mr-1#box=0:1,0:2,1:3",  # its first slice is the file's second frame
        "images/mr-1",  # a file of two frames, and which one is not said
        "images/mr-2#voxel=2,0,0,1",  # the fifth of 3 x 2 slices
        "images/us-1#box=4:5,0:2,1:3",
        "images/us-1",
        "images/cr-1#box=0:2,1:3",
        "images/cr-1",
        None,
        "images/ct-1#box=1:2,0:3,0:4",
        "images/ct-1",
    ]


def test_space_needs_one_image_in_its_frame(store: explorer.Store, drafts: Any) -> None:
    first = drafts.image(item="ct-1", file="a.raw", frame_of_reference="7.7")
    second = drafts.image(item="ct-2", file="b.raw", frame_of_reference="7.7")
    other = drafts.image(item="mr-1", file="c.raw", frame_of_reference="8.8")
    point = {"kind": "space", "graphic": "POINT", "points": [(1, 2, 0)]}
    found = targets(
        store, drafts, [first, second, other], {"1.1": ("ct-1", 0)},
        {**point, "frame_of_reference": "7.7"},
        {**point, "frame_of_reference": "8.8"},
        {**point, "frame_of_reference": None},
    )  # fmt: skip
    assert found == [None, "images/mr-1#point=1.0,2.0,0.0", None]


def test_a_segment_by_number(store: explorer.Store, drafts: Any) -> None:
    seg = drafts.segmentation(
        {"a & b": np.ones((2, 3, 4), bool), "c": np.zeros((2, 3, 4), bool)}, "seg-1"
    )
    image = drafts.image()
    with store.transaction("synthetic data") as t:
        key = t.patient("P", synthetic=True)
        t.put(key, image)
        t.put(key, seg)
        t.put_files(key, [{**drafts.file_row(seg, "ingested"), "sop_uid": "1.1"}])
        rows = [
            {"name": "x", "detail": json.dumps({"refers": [
                {"kind": "segment", "sop": "1.1", "segments": numbers}]})}
            for numbers in ([1], [1, 2], [9], [])
        ]  # fmt: skip
        source = drafts.source("report.dcm", b"synthetic")
        t.put_records(key, RecordsDraft("sr-1", "made up", [source], observations=rows))
        resolve_targets(t, key, {})
        found = [(row["target"], json.loads(row["detail"])) for row in t.rows(key, "observations")]
    assert [target for target, _ in found] == [
        "segmentations/seg-1#label=a%20%26%20b",
        "segmentations/seg-1#label=a%20%26%20b",
        None,
        "segmentations/seg-1",
    ]
    assert found[1][1]["targets"][1] == "segmentations/seg-1#label=c"
    assert found[2][1]["target_state"].startswith("unknown: 1.1 is not")
    address = explorer.Address.parse(f"onco:{key}/{found[0][0]}")
    assert address.resolve(store).value.shape == (2, 3, 4)


@pytest.mark.parametrize("detail", [None, "{}", '{"other": 1}'])
def test_what_refers_to_nothing_stays(
    store: explorer.Store, drafts: Any, detail: str | None
) -> None:
    row = {"name": "x", "detail": detail, "target": "images/given"}
    with store.transaction("synthetic data") as t:
        key = t.patient("P")
        source = drafts.source("report.dcm", b"synthetic")
        t.put_records(key, RecordsDraft("sr-1", "made up", [source], observations=[row]))
        resolve_targets(t, key, {})
        assert t.rows(key, "observations")[0]["target"] == "images/given"
