"""What a report's measurements point at, among the items that the patient has."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from explorer.address import Address
from explorer.draft import Grid
from explorer.regions import box_in_image, box_in_plane

if TYPE_CHECKING:
    from explorer.transaction import Transaction

Row = dict[str, Any]
_MARK = '"refers"'


def resolve_targets(t: Transaction, key: str, grids: Mapping[str, Grid]) -> None:
    """Give the observations of a patient their targets, as far as these are among the items.

    An observation whose ``detail`` has ``refers`` points at DICOM objects by their UIDs. What
    they are here is looked up at every ingest anew: an image may come after the report on it.
    Where nothing is found, `target` is empty and ``detail`` says why.

    Parameters
    ----------
    t : Transaction
    key : str
        Of the patient.
    grids : mapping
        The patient's images with a z axis, by item.
    """
    rows = t.rows(key, "observations")
    if not any(_MARK in (row.get("detail") or "") for row in rows):
        return
    items = _Items(t.rows(key, "items"), t.rows(key, "segments"), t.rows(key, "files"), grids)
    settled = [_settled(row, items) for row in rows]
    if settled != rows:
        t.replace_rows(key, "observations", settled)


def _settled(row: Row, items: _Items) -> Row:
    if _MARK not in (row.get("detail") or ""):
        return row
    detail: Row = json.loads(row["detail"])
    refers: list[Row] = detail["refers"]
    found = list(dict.fromkeys(one for ref in refers for one in items.find(ref, refers)))
    for name in ("targets", "target_state"):
        detail.pop(name, None)
    if len(found) > 1:
        detail["targets"] = found
    if not found:
        detail["target_state"] = f"unknown: {items.why_not(refers)}"
    target = found[0] if found else None
    return {**row, "target": target, "detail": json.dumps(detail, ensure_ascii=False)}


class _Items:
    """The patient's items, by the UIDs that reports know them by."""

    def __init__(
        self,
        items: Sequence[Row],
        segments: Sequence[Row],
        files: Sequence[Row],
        grids: Mapping[str, Grid],
    ) -> None:
        self.rows = {row["item"]: row for row in items}
        self.grids = {item: grid for item, grid in grids.items() if item in self.rows}
        self.labels: dict[str, dict[int, str]] = defaultdict(dict)
        for row in segments:
            self.labels[row["item"]][row["number"]] = row["name"]
        self.of_sop: dict[str, tuple[str, int]] = {}
        for row in files:
            if row.get("sop_uid") and row.get("item") in self.rows:
                self.of_sop[row["sop_uid"]] = row["item"], row["position"] or 0

    def find(self, ref: Row, beside: Sequence[Row]) -> list[str]:
        """Addresses, without key and version, of one reference."""
        if ref["kind"] == "segment":
            return self._segments(ref)
        if ref["kind"] == "space":
            return self._space(ref, beside)
        if ref["kind"] == "images":
            found = {self.of_sop[uid][0] for uid in ref["sops"] if uid in self.of_sop}
            return [f"{_collection(self.rows[one])}/{one}" for one in sorted(found)]
        if ref["kind"] == "series":
            return [f"{_collection(self.rows[one])}/{one}" for one in self._of_series(ref)]
        return self._image(ref)

    def why_not(self, refers: Sequence[Row]) -> str:
        """What is missing."""
        named = [
            str(one.get("sop") or one.get("series") or next(iter(one.get("sops", ())), ""))
            for one in refers
        ]
        shown = next((uid for uid in named if uid), "")
        if shown:
            return f"{shown[:64]} is not among the patient's items"
        return "no image, or more than one, lies in the frame of reference that is named"

    def _segments(self, ref: Row) -> list[str]:
        item, _ = self.of_sop.get(ref["sop"], (None, 0))
        if item is None or self.rows[item]["kind"] != "segmentation":
            return []
        labels = self.labels[item]
        numbers = ref.get("segments") or (list(labels) if len(labels) == 1 else [])
        if not numbers:
            return [f"segmentations/{item}"]
        return [
            _address("segmentations", item, label=labels[number])
            for number in numbers
            if number in labels
        ]

    def _image(self, ref: Row) -> list[str]:
        item, position = self.of_sop.get(ref.get("sop") or "", (None, 0))
        if item is None or self.rows[item]["kind"] != "image":
            return []
        row = self.rows[item]
        sizes = dict(zip(row["dims"], row["shape"], strict=True))
        lead = [name for name in row["dims"] if name in ("t", "z")]
        at = self._place(row, sizes, position, ref.get("frames") or [])
        plane = (sizes["y"], sizes["x"])
        if ref["kind"] == "image":
            whole = {"box": ((at["z"], at["z"] + 1), *((0, n) for n in plane))}
            return [_address("images", item, **(whole if lead == ["z"] and at else {}))]
        if any(name not in at for name in lead):
            return [f"images/{item}"]
        box = box_in_plane(ref["graphic"], ref["points"], plane) if ref.get("points") else None
        if box is None:
            return [f"images/{item}"]
        if ref["graphic"] == "POINT" or lead == ["t", "z"]:
            # a box has three dims at most: of a volume in time its corner stands for it
            index = (*(at[name] for name in lead), *(start for start, _ in box))
            return [_address("images", item, voxel=index)]
        return [_address("images", item, box=(*((at[n], at[n] + 1) for n in lead), *box))]

    def _place(
        self, row: Row, sizes: Mapping[str, int], position: int, frames: Sequence[int]
    ) -> dict[str, int]:
        """Where a file's slice stands along t and z; empty where the reference does not say."""
        meta: Row = json.loads(row.get("meta") or "{}")
        slices, times = sizes.get("z", 1), sizes.get("t", 1)
        numbers: list[int] = meta.get("frame_numbers") or []
        if numbers or ("z" not in sizes and times > 1):  # one file, many frames
            if len(frames) != 1:
                return {}
            at = numbers.index(frames[0]) if frames[0] in numbers else frames[0] - 1
            if "z" in sizes and times > 1:
                return {}
            name = "z" if "z" in sizes else "t"
            return {name: at} if 0 <= at < sizes[name] else {}
        if not 0 <= position < slices * times:
            return {}
        found = {"t": position // slices, "z": position % slices}
        return {name: found[name] for name in ("t", "z") if name in sizes}

    def _of_series(self, ref: Row) -> list[str]:
        found = [
            name
            for name, row in self.rows.items()
            if row["series_uid"] == ref["series"] and row["kind"] == "image"
        ]
        return found if len(found) == 1 else []

    def _space(self, ref: Row, beside: Sequence[Row]) -> list[str]:
        frame = ref.get("frame_of_reference")
        inside = [one for one, grid in self.grids.items() if grid.frame_of_reference == frame]
        if not frame or not ref.get("points"):
            return []
        if len(inside) > 1:
            named = {self.of_sop[r["sop"]][0] for r in beside if r.get("sop") in self.of_sop}
            named |= {one for r in beside if r["kind"] == "series" for one in self._of_series(r)}
            inside = [one for one in inside if one in named]
        if len(inside) != 1:
            return []
        item, points = inside[0], ref["points"]
        if ref["graphic"] == "POINT":
            x, y, z = points[0]
            return [_address("images", item, point=(x, y, z))]
        box = box_in_image(ref["graphic"], points, self.grids[item])
        return [_address("images", item, **({"box": box} if box else {}))]


def _collection(row: Row) -> str:
    return f"{row['kind']}s"


def _address(kind: str, item: str, **fragment: Any) -> str:
    return str(Address("key", kind, item, None, fragment)).removeprefix("onco:key/")
