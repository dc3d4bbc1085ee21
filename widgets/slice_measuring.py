"""Measurements that are drawn in a SliceView, and the label that is pointed at."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import traitlets as t

from explorer.address import Address
from explorer.errors import NotFoundError, OncographError
from explorer.segmentation import Segmentation
from explorer.space import index_to_lps
from widgets.overlay import Segment
from widgets.plane_measure import KINDS, plane_measure
from widgets.slice_layering import SliceLayering

_log = logging.getLogger("oncograph.widgets")

# voxels by which two ends may differ and still be in one plane: they come back from millimetres
_FLAT = 1e-3

Measurement = dict[str, Any]


class SliceMeasuring(SliceLayering):
    """Measurements are made here, in the image's units, from two points of a plane."""

    measurements: Any = t.List().tag(sync=True)
    picked_segment = t.Dict().tag(sync=True)
    reader = t.Unicode("").tag(sync=True)
    _keeps = t.Bool(False).tag(sync=True)
    _asks = t.Bool(False).tag(sync=True)

    def measure(
        self,
        kind: str,
        ends: Any,
        plane: str | None = "axial",
        *,
        time: int | None = None,
        key: str | None = None,
    ) -> Measurement:
        """Measure between two points, as if they were drawn with the mouse.

        Parameters
        ----------
        kind : {'distance', 'ellipse', 'box'}
        ends : array_like, (2, 3)
            Fractional voxel indices ``(z, y, x)`` in one plane; of an ellipse or a box two
            opposite corners.
        plane : str or None
            'axial', 'coronal', 'sagittal'; 'plane' of a single one. None: the one that both ends
            lie in, or the first.
        time : int, optional
            The time point that is shown, by default.
        key : str, optional
            Of the measurement to replace.

        Returns
        -------
        dict
            As in `measurements`.

        Raises
        ------
        GeometryError
            There is no such plane or kind, or the points are not in one plane of the image.
        """
        made = self._measured(kind, ends, plane, self.time if time is None else time)
        others = [one for one in self.measurements if one["id"] != key]
        if key is None or len(others) == len(self.measurements):
            taken = {one["id"] for one in self.measurements}
            key = next(f"m{k}" for k in range(1, len(taken) + 2) if f"m{k}" not in taken)
        made["id"] = key
        known = {one["id"]: one for one in self.measurements}
        self.measurements = list({**known, key: made}.values())
        return made

    def on_keep(self, callback: Callable[[Measurement], Any] | None, *, ask: bool = False) -> None:
        """What to do when a person keeps a measurement: write it into a store, say.

        Parameters
        ----------
        callback : callable or None
            Gets the measurement. What it returns, as text, becomes the measurement's ``kept``
            ('kept' where it returns None); an `OncographError` is shown in the view.
        ask : bool
            Whether the view asks for a name, which is `reader` then.
        """
        self._keeper = callback
        self._keeps, self._asks = callback is not None, ask

    @property
    def _length(self) -> str:
        """What lengths are in: pixels where nothing says how large they are."""
        unknown = any("spacing" in one and "no" in one for one in self.image.problems)
        return "px" if unknown else "mm"

    def _measured(self, kind: str, ends: Any, plane: str | None, time: int) -> Measurement:
        points, panes = np.asarray(ends, float), self._server.panes
        if plane is None:  # what is no two points is refused below
            flat = np.ptp(points, axis=0) < _FLAT if points.shape == (2, 3) else [False] * 3
            pane = next((one for one in panes if flat[one.axis]), panes[0])
        else:
            named = {one.name: one for one in panes}
            if plane not in named:
                raise NotFoundError(f"No plane {plane!r}", expected=f"one of {list(named)}")
            pane = named[plane]
        index = round(float(points[..., pane.axis].mean())) if points.shape == (2, 3) else 0
        index = min(max(index, 0), pane.count - 1)
        source = self._server.source
        values = np.empty((0, 0)) if kind == "distance" else source.plane(pane.axis, index, time)
        found = plane_measure(kind, pane, self._lattice, values, points)
        lps = index_to_lps(self._lattice.affine, points, self._lattice.origins)
        return {
            "id": "",
            "kind": kind,
            "plane": pane.name,
            "index": index,
            "time": time,
            "voxel": points.tolist(),
            "lps": lps.tolist() if self._placed else [],
            "values": found,
            "length": self._length,
            "units": "" if self.image.units == "1" else self.image.units,
            "kept": "",
        }

    @t.validate("measurements")
    def _valid_measurements(self, proposal: Any) -> list[Measurement]:
        needed = {"id", "kind", "plane", "index", "time", "voxel", "lps", "values"}
        for one in proposal["value"]:
            if not isinstance(one, dict) or needed - set(one) or one["kind"] not in KINDS:
                raise t.TraitError("measurements: expected what `measure` gives")
        return [{"length": "mm", "units": "", "kept": "", **one} for one in proposal["value"]]

    @t.observe("clicked")
    def _name_clicked(self, change: Any) -> None:
        voxel = change["new"].get("voxel")
        if voxel and hasattr(self, "_server"):
            self.picked_segment = self._segment_at(voxel) if self.show_segments else {}

    def _segment_at(self, voxel: list[int]) -> dict[str, Any]:
        """The first visible segment at a voxel, or nothing."""
        z, y, x = (int(k) for k in voxel)
        overlay = self._server.overlay
        by_id = {one.id: one for one in self._segmentations}
        try:
            for k, one in enumerate(overlay.segments):
                if one.key in self.visible and overlay.has(k, (z, y, x)):
                    return _named(one, by_id[one.item])
        except OncographError as error:
            self.send({"kind": "notice", "message": str(error)})
        return {}

    def _on_measure_message(self, content: dict[str, Any]) -> None:
        kind = content.get("kind")
        try:
            if kind == "measure":
                self.measure(
                    content["shape"], content["ends"], content["plane"],
                    time=int(content["time"]), key=content.get("id"),
                )  # fmt: skip
            elif kind == "probe":
                made = self._measured(
                    content["shape"], content["ends"], content["plane"], int(content["time"])
                )
                self.send({"kind": "probe", "n": content.get("n"), "values": made["values"]})
            elif kind == "unmeasure":
                self.measurements = [m for m in self.measurements if m["id"] != content.get("id")]
            elif kind == "keep":
                if "by" in content:
                    self.reader = str(content["by"]).strip()
                self._keep(str(content.get("id")))
        except OncographError as error:
            self.send({"kind": "notice", "message": str(error)})
        except (KeyError, TypeError, ValueError) as error:
            _log.debug("a message that is none: %s", error)

    def _keep(self, key: str) -> None:
        keeper = getattr(self, "_keeper", None)
        for one in self.measurements:
            if one["id"] == key and keeper is not None and not one["kept"]:
                try:
                    said = keeper(dict(one))
                except OncographError:
                    raise
                except Exception as error:
                    _log.warning("a measurement could not be kept", exc_info=True)
                    raise OncographError(f"Not kept: {type(error).__name__}: {error}") from error
                kept = {**one, "kept": "kept" if said is None else str(said)}
                self.measurements = [kept if m["id"] == key else m for m in self.measurements]
                self.send({"kind": "notice", "message": "The measurement is kept."})


def _named(one: Segment, seg: Segmentation) -> dict[str, Any]:
    address = Address(seg.patient.key, "segmentations", seg.id, None, {"label": one.name})
    return {
        "key": one.key,
        "name": one.name,
        "code": one.meaning,
        "volume_ml": seg.volume_ml(one.name),
        "item": seg.id,
        "address": str(address),
    }
