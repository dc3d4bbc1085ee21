"""SliceState: what a SliceView shares with the browser, and what may stand in it."""

from __future__ import annotations

from typing import Any

import traitlets as t

from widgets.box_layer import box_layer
from widgets.lattice import Lattice
from widgets.slice_server import SliceServer
from widgets.whole_widget import WholeWidget


class SliceState(WholeWidget):
    """The traits of a `SliceView`, described there, and the checks of what is set."""

    _lattice: Lattice
    _server: SliceServer
    _placed: bool

    crosshair = t.List(t.Int(), [0, 0, 0], minlen=3, maxlen=3).tag(sync=True)
    point_lps: Any = t.Tuple(default_value=())
    time = t.Int(0).tag(sync=True)
    window = t.Float(1.0).tag(sync=True)
    level = t.Float(0.5).tag(sync=True)
    invert = t.Bool(False).tag(sync=True)
    smooth = t.Bool(True).tag(sync=True)
    visible = t.List(t.Unicode()).tag(sync=True)
    show_segments = t.Bool(True).tag(sync=True)
    fill = t.Bool(True).tag(sync=True)
    opacity = t.Float(0.35, min=0.0, max=1.0).tag(sync=True)
    arrangement = t.Enum(["large", "grid"], "large").tag(sync=True)
    main = t.Enum(["axial", "coronal", "sagittal"], "axial").tag(sync=True)
    clicked = t.Dict().tag(sync=True)
    height = t.Int(560, min=120).tag(sync=True)
    retry_after = t.Float(3.0, min=0.05).tag(sync=True)
    boxes: Any = t.List().tag(sync=True)
    emphasis = t.List(t.Unicode()).tag(sync=True)
    playing = t.Bool(False).tag(sync=True)
    frames_per_second = t.Float(10.0, min=0.1, max=60.0).tag(sync=True)
    loop = t.Bool(True).tag(sync=True)
    theme = t.Enum(["auto", "light", "dark"], "auto").tag(sync=True)
    _lit: Any = t.Dict().tag(sync=True)
    _image = t.Dict().tag(sync=True)
    _segments: Any = t.List().tag(sync=True)
    _revision = t.Int(0).tag(sync=True)

    @property
    def segment_keys(self) -> list[str]:
        """Keys of all segments: their names, with the item's id where two have the same."""
        return [segment.key for segment in self._server.overlay.segments]

    @property
    def _shape(self) -> tuple[int, int, int]:
        return self._lattice.shape if hasattr(self, "_lattice") else (1, 1, 1)

    @t.validate("point_lps")
    def _valid_point(self, proposal: Any) -> tuple[float, ...]:
        point = tuple(float(v) for v in proposal["value"])
        if len(point) not in ((3,) if getattr(self, "_placed", False) else (0,)):
            raise t.TraitError(
                f"point_lps = {point}: expected (x, y, z) in mm LPS, of an image that has a "
                "place in the patient"
            )
        return point

    @t.validate("crosshair")
    def _valid_crosshair(self, proposal: Any) -> list[int]:
        index = list(proposal["value"])
        shape = self._lattice.shape if hasattr(self, "_lattice") else (1, 1, 1)
        if any(not 0 <= k < n for k, n in zip(index, shape, strict=True)):
            raise t.TraitError(f"crosshair = {index} lies outside of the image's (z, y, x) {shape}")
        return index

    @t.validate("time")
    def _valid_time(self, proposal: Any) -> int:
        time = int(proposal["value"])
        times = self._server.source.times if hasattr(self, "_server") else 1
        if not 0 <= time < times:
            raise t.TraitError(f"time = {time}: the image has time points 0 to {times - 1}")
        return time

    @t.validate("window")
    def _valid_window(self, proposal: Any) -> float:
        if not proposal["value"] > 0:
            raise t.TraitError(f"window = {proposal['value']}: a width is more than 0")
        return float(proposal["value"])

    @t.validate("visible")
    def _valid_visible(self, proposal: Any) -> list[str]:
        keys = self.segment_keys if hasattr(self, "_server") else []
        unknown = [key for key in proposal["value"] if key not in keys]
        if unknown:
            raise t.TraitError(f"visible has {unknown}: the segments are {keys}")
        return [key for key in keys if key in proposal["value"]]

    @t.validate("emphasis")
    def _valid_emphasis(self, proposal: Any) -> list[str]:
        found: list[str] = self._valid_visible(proposal)
        return found

    @t.validate("boxes")
    def _valid_boxes(self, proposal: Any) -> list[dict[str, Any]]:
        try:
            return box_layer(proposal["value"], self._shape)
        except ValueError as error:
            raise t.TraitError(f"boxes: {error}") from error
