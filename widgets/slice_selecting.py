"""What a SliceView says to a selection, and shows of it."""

from __future__ import annotations

from typing import Any

import traitlets as t

from explorer.image import Image
from widgets.lit_places import LitPlaces, lit_places
from widgets.palette import SELECTED
from widgets.selection import Selection
from widgets.slice_state import SliceState

NAME = "SliceView"


class SliceSelecting(SliceState):
    """A click picks the voxel's address; what is lit and lies on the image is shown."""

    image: Image
    selection: Selection

    def _join(self, selection: Selection | None) -> None:
        self._picking, self._joined = False, True
        self.selection = Selection() if selection is None else selection
        self.selection.observe(self._selection_changed, "lit")

    def close(self) -> None:
        """Take the view off the page; the selection forgets it."""
        if getattr(self, "_joined", False):  # it is called again when the object goes
            self.selection.unobserve(self._selection_changed, "lit")
            self._joined = False
        super().close()

    @t.observe("clicked")
    def _pick_clicked(self, change: Any) -> None:
        voxel = change["new"].get("voxel")
        if not voxel or not hasattr(self, "selection"):
            return
        by_name = {"t": self.time, **dict(zip("zyx", voxel, strict=True))}
        index = tuple(int(by_name[name]) for name in self.image.dims if name in by_name)
        self._picking = True  # the crosshair is there already
        try:
            self.selection.pick(self.image.address.at(voxel=index), by=NAME)
        finally:
            self._picking = False

    def _selection_changed(self, _: Any) -> None:
        self._light()
        if self._picking:
            return
        places = [
            [(low + high) // 2 for low, high in one["box"]]
            for address in self.selection.lit
            for one in self.boxes
            if one["address"] == address
        ] + self._places.voxels
        if places:
            self.crosshair = places[0]
        else:
            self._go_to_lit_segment()

    def _light(self) -> None:
        """Bring what is lit up to date with the selection and the image."""
        self._places: LitPlaces = lit_places(self.selection.lit, self.image, self._lattice)
        known = {one["address"] for one in self.boxes}
        self._lit = {
            "addresses": list(self.selection.lit),
            "segments": self._lit_segments(),
            "boxes": [
                {"address": address, "box": box, "label": "", "color": SELECTED, "dashed": False}
                for address, box in self._places.boxes.items()
                if address not in known
            ],
        }

    def _lit_segments(self) -> list[str]:
        wanted = self._places.segments
        return [
            one.key
            for one in self._server.overlay.segments
            if (one.item, one.name) in wanted or (one.item, None) in wanted
        ]

    def _go_to_lit_segment(self) -> None:
        keys = self._lit_segments()
        middle = self._server.overlay.middle(self.segment_keys.index(keys[0])) if keys else None
        if middle is not None:
            self.crosshair = list(middle)

    @t.observe("boxes")
    def _boxes_changed(self, _: Any) -> None:
        if hasattr(self, "selection") and hasattr(self, "_lattice"):
            self._light()
