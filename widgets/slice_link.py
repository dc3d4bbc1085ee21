"""SliceLink: the image part of a page follows the selection."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets as t

from explorer.address import Address
from explorer.errors import OncographError
from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.space import index_to_lps, lps_to_index
from graphs.grounding.grounding import Grounding
from graphs.measure import bounding_box
from graphs.placed_mask import segment_parts
from widgets.link_index import places_of
from widgets.palette import SELECTED
from widgets.patient_links import PatientLinks
from widgets.patient_view import PatientView
from widgets.selection import Selection

NAME = "SliceView"
_SPOT = {"voxel", "point", "box"}
Box = list[list[int]]


class SliceLink(t.HasTraits):
    """Brings what is lit to the image that shows it.

    The `SliceView` itself picks the voxel that is clicked, moves its crosshair and thickens the
    outline of what is lit on its image. This chooses the image and the segmentations for that, and
    draws the boxes of the groundings that are lit: solid where a person has accepted one, dashed
    where a program proposes it.

    Parameters
    ----------
    view : PatientView
        With a `SliceView` that has this selection.
    selection : Selection
    links : PatientLinks

    Attributes
    ----------
    notice : str
        Why there is no place to show: a grounding's reason to abstain. Empty where there is one.
        Hostile text.
    """

    notice = t.Unicode("")

    def __init__(self, view: PatientView, selection: Selection, links: PatientLinks) -> None:
        super().__init__()
        self.view, self.selection, self.links = view, selection, links
        self._corners: dict[tuple[str, str], Any] = {}
        selection.observe(self._follow, "lit")

    def close(self) -> None:
        """Follow no more."""
        self.selection.unobserve(self._follow, "lit")

    def _follow(self, _: Any = None) -> None:
        self.notice = self._why_nowhere()
        lit = [Address.parse(one) for one in self.selection.lit]
        lit = [one for one in lit if one.key == self.view.patient.key]
        if self.selection.by != NAME:
            self._turn_to(lit)
        self._tick(lit)
        self.view.slices.boxes = self._boxes()

    def _why_nowhere(self) -> str:
        """The reasons of the groundings that abstain, where nothing that is picked has a place."""
        found: dict[str, None] = {}
        for one in self._groundings():
            if places_of(one):
                return ""
            if one.status == "abstained":
                said = self.links.index.findings.get(one.finding)
                about = f"{said.text}: " if said else ""
                found[f"{about}no place in the images. {_plain(one.reason)}".strip()] = None
        if self.selection.by == NAME:
            return ""
        return "\n".join(found)

    def _groundings(self) -> list[Grounding]:
        known = self.links.index.groundings
        found = (known.get(one.item) for one in self.selection.of_kind("groundings"))
        return [one for one in found if one is not None]

    def _turn_to(self, lit: list[Address]) -> None:
        """Show another image where this one has no counterpart of what is lit."""
        patient, shown = self.view.patient, self.view.image
        wanted: list[str] = []
        for one in lit:
            item: Any = None
            if one.kind == "segmentations":
                item = patient.segmentations.get(one.item)
            elif one.kind == "images" and one.fragment.keys() & _SPOT:
                item = patient.images.get(one.item)
            if item is None:
                continue
            if self._is_on(item, shown):
                return
            home = item.image if isinstance(item, Segmentation) else item.id
            if home in patient.images:
                wanted.append(str(home))
        if not wanted:  # no place in any of them: an image, or all of a study
            wanted = [one.item for one in lit if one.kind == "images"]
            if shown.id in wanted or not self._asked_for_images():
                return
        wanted = [one for one in wanted if one in {value for _, value in self.view.images.options}]
        if wanted:
            self.view.images.value = wanted[0]
            self._tick(lit)
            self._go(lit)

    def _asked_for_images(self) -> bool:
        """Whether images or a day were picked, not something that happens to lie in an image."""
        kinds = {Address.parse(one).kind for one in self.selection.picked}
        return bool(kinds & {"images", "studies", "events", "facts"})

    def _is_on(self, item: Image | Segmentation, shown: Image) -> bool:
        if isinstance(item, Segmentation):
            return item.image == shown.id or item.id in self.view.offered
        frame = shown.frame_of_reference
        return item.id == shown.id or (frame is not None and frame == item.frame_of_reference)

    def _tick(self, lit: list[Address]) -> None:
        """Lay the segmentation over the image that something lit is a segment of."""
        self.view.lay_over(*{one.item for one in lit if one.kind == "segmentations"})

    def _go(self, lit: list[Address]) -> None:
        """Move the crosshair to the first place that is lit on an image that was just turned to."""
        slices = self.view.slices
        for one in lit:
            if one.kind == "images" and one.item == self.view.image.id:
                at = _centre(one, self.view.image)
                if at is not None:
                    slices.crosshair = at
                    return
            label = one.fragment.get("label")
            if one.kind == "segmentations" and label is not None:
                for key in (f"{label} [{one.item}]", str(label)):
                    if key in slices.segment_keys:
                        slices.go_to(key)
                        return

    def _boxes(self) -> list[dict[str, Any]]:
        """The boxes of the groundings that are lit, and of outlines that are picked."""
        drawn: dict[str, dict[str, Any]] = {}
        index = self.links.index
        for one in self._groundings():
            said = index.findings.get(one.finding)
            for target in places_of(one):
                box = self._box(Address.parse(index.full(target)))
                if box is not None:
                    label = f"{said.text if said else ''} ({one.status})".strip()
                    dashed = one.status != "accepted"
                    drawn.setdefault(target, _drawn(box, label, dashed))
        for at in map(Address.parse, self.selection.picked):
            target = str(at).split("/", 1)[-1]
            if at.kind == "segmentations" and "label" in at.fragment and target not in drawn:
                box = self._box(at)
                if box is not None:
                    drawn[target] = _drawn(box, str(at.fragment["label"]), dashed=False)
        return list(drawn.values())

    def _box(self, address: Address) -> Box | None:
        """A place's box on the image that is shown, ``(z, y, x)`` voxel edges."""
        image = self.view.image
        box: Any = address.fragment.get("box")
        if address.kind == "images" and box is not None and address.item == image.id:
            pairs = [list(pair) for pair in box]
            return pairs if len(pairs) == 3 else [[0, 1], *pairs]
        label = address.fragment.get("label")
        seg = self.view.patient.segmentations.get(address.item)
        if not isinstance(seg, Segmentation) or label not in seg.labels:
            return None
        if not self._is_on(seg, image):
            return None
        place = (seg.id, str(label))
        if place not in self._corners:
            try:
                self._corners[place] = _corners(seg, str(label))
            except OncographError:
                self._corners[place] = None
        return _on_grid(self._corners[place], image)


def _plain(reason: str) -> str:
    return reason[:1].upper() + reason[1:] + ("" if reason.endswith(".") or not reason else ".")


def _drawn(box: Box, label: str, dashed: bool) -> dict[str, Any]:
    # no address: the place is lit already, and would be drawn twice
    return {"box": box, "label": label, "color": SELECTED, "dashed": dashed}


def _corners(seg: Segmentation, label: str) -> Any:
    """Where the edges of an outline's box meet, in mm LPS; None of an empty one."""
    whole = tuple(slice(0, n) for n in seg.shape[-3:])
    ((_, mask),) = segment_parts(seg, [label], whole)
    box = bounding_box(mask)
    if box is None:
        return None
    edges = np.array(box) - 0.5
    at = np.array(np.meshgrid(*edges, indexing="ij")).reshape(3, -1).T
    return index_to_lps(seg.affine, at, seg.slice_origins)


def _on_grid(corners: Any, image: Image) -> Box | None:
    if corners is None:
        return None
    sizes = dict(zip(image.dims, image.shape, strict=True))
    shape = np.array([sizes.get("z", 1), sizes["y"], sizes["x"]])
    at = lps_to_index(image.affine, corners, image.slice_origins) + 0.5
    low = np.clip(np.floor(at.min(axis=0) + 1e-3), 0, shape).astype(int)
    high = np.clip(np.ceil(at.max(axis=0) - 1e-3), 0, shape).astype(int)
    if not (low < high).all():
        return None
    return [[int(a), int(b)] for a, b in zip(low, high, strict=True)]


def _centre(address: Address, image: Image) -> list[int] | None:
    fragment: dict[str, Any] = address.fragment
    sizes = dict(zip(image.dims, image.shape, strict=True))
    shape = (sizes.get("z", 1), sizes["y"], sizes["x"])
    if "voxel" in fragment:
        at = [*fragment["voxel"]][-3:]
    elif "box" in fragment:
        at = [(low + high) // 2 for low, high in fragment["box"]]
    elif "point" in fragment:
        found = lps_to_index(image.affine, fragment["point"], image.slice_origins)
        at = [int(k) for k in np.rint(found)]
    else:
        return None
    at = at if len(at) == len(shape) else [0, *at]
    return at if all(0 <= k < n for k, n in zip(at, shape, strict=True)) else None
