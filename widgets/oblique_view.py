"""ObliqueView: a plane at any angle, or a projection, beside the patient's own planes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from explorer.image import Image
from explorer.segmentation import Segmentation
from widgets.chunk_cache import ChunkCache
from widgets.esm import css, esm
from widgets.flat_view import FlatView
from widgets.image_planes import ImagePlanes
from widgets.lit_places import lit_places
from widgets.oblique_server import MODES, ObliqueServer
from widgets.presets import presets
from widgets.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN = 32  # segments that are outlined at first


class ObliqueView(FlatView):
    """Look at a volume along any direction; axial, coronal and sagittal planes stay beside it.

    Everything is computed in the kernel from the stored voxels, linear between them, and a plane
    at a time is sent. While it turns, a coarser picture is shown and says so.

    Parameters
    ----------
    image : Image
        ``(z, y, x)`` or ``(t, z, y, x)``.
    segmentations : Segmentation or sequence of Segmentation, optional
        Outlined on planes; not on projections.
    selection : Selection, optional
        A click picks the point's address; a place that others pick is gone to.
    cache : ChunkCache, optional
    **traits
        Initial values of the traits below.

    Attributes
    ----------
    angles : list of float
        Azimuth, elevation and roll in degrees, as of `graphs.view_axes`: (0, 0, 0) is the view
        from the front, (0, -90, 0) an axial plane.
    point : list of float
        mm LPS: all planes go through it.
    mode : {'plane', 'max', 'min', 'mean'}
        A plane, or a projection of a slab about the point.
    thickness : float or None
        Of the slab in mm; None: the whole volume.
    time : int
    window, level, invert, lut
        Of the grey scale; `lut` is 'grey', 'inferno', 'magma', 'viridis' or 'cividis'.
    visible : list of str
        Keys of the segments that are outlined.
    playing : bool
        Turn around the patient's long axis, `turn` degrees a step.
    turn : float
    height : int
        CSS pixels.

    Raises
    ------
    GeometryError
        The image is no volume.
    """

    _esm = esm("oblique.js")
    _css = css("theme.css", "flat.css")

    angles = t.List(t.Float(), [0.0, 0.0, 0.0], minlen=3, maxlen=3).tag(sync=True)
    point = t.List(t.Float(), [0.0, 0.0, 0.0], minlen=3, maxlen=3).tag(sync=True)
    mode = t.Enum(list(MODES), "plane").tag(sync=True)
    thickness = t.Float(None, allow_none=True).tag(sync=True)
    time = t.Int(0).tag(sync=True)
    visible = t.List(t.Unicode()).tag(sync=True)
    turn = t.Float(6.0).tag(sync=True)
    _image = t.Dict().tag(sync=True)
    _segments: Any = t.List().tag(sync=True)

    def __init__(
        self,
        image: Image,
        segmentations: Segmentation | Sequence[Segmentation] = (),
        *,
        selection: Selection | None = None,
        cache: ChunkCache | None = None,
        **traits: Any,
    ) -> None:
        segs = [segmentations] if isinstance(segmentations, Segmentation) else list(segmentations)
        kept = ChunkCache() if cache is None else cache
        self.image = image
        self.server = ObliqueServer(image, segs, kept)
        self.presets = presets(image, ImagePlanes(image, kept).sample)
        super().__init__()
        first = self.presets[0]
        with self.hold_sync():
            self.window, self.level, self.invert = first.window, first.level, first.invert
            self.point = [float(v) for v in self.server.middle]
            self._segments = [
                {
                    "key": s.key, "meaning": s.meaning, "color": f"rgb{s.color}",
                    "address": str(_plain(image, "segmentations", s.item, s.name)),
                }
                for s in self.server.segments
            ]  # fmt: skip
            self.visible = [s.key for s in self.server.segments[:_SHOWN]]
            self._image = {
                "name": f"{image.modality} {image.name or image.id}",
                "units": "" if image.units == "1" else image.units,
                "times": self.server.sampler.times,
                "step": self.server.step,
                "presets": [one.to_json() for one in self.presets],
                "remark": "Synthetic data: made up, not measured." if image.synthetic else "",
            }
        self._join(selection)
        self._selection_changed(None)
        self._take(traits)

    @property
    def value(self) -> float:
        """The value at the point, in the image's units; NaN outside."""
        return float(self.server.sampler.at(self.point, self.time))

    def figure(self, width: float = 7.0) -> Figure:
        """What the large field shows now, as a static figure with marks and a scale bar."""
        from widgets.flat_figure import flat_figure

        request = {**self._request(), "coarse": False}
        made = self.server.picture(request)
        order = [k for k, s in enumerate(self.server.segments) if s.key in self.visible]
        lines = self.server.outlines(made.frame, order) if self.mode == "plane" else []
        a, e, r = self.angles
        what = "plane" if self.mode == "plane" else f"{self.mode} of {made.thickness_mm:.0f} mm"
        return flat_figure(
            made, (self.window, self.level, self.invert, self.lut),
            [(s.key, s.color, mask) for s, mask in lines],
            title=f"{what}, azimuth {a:g}°, elevation {e:g}°, roll {r:g}°", width=width,
        )  # fmt: skip

    def _request(self) -> dict[str, Any]:
        return {
            "pane": "oblique", "angles": list(self.angles), "point": list(self.point),
            "mode": self.mode, "thickness": self.thickness, "time": self.time,
        }  # fmt: skip

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        kind = content.get("kind")
        if kind == "plane":
            self.send(*self.server.reply(content))
        elif kind == "point":
            self.point = [round(float(v), 4) for v in self.server.touched(content)]
            if content.get("pick"):
                self._pick_point()
        elif kind == "pick" and content.get("address") in {s["address"] for s in self._segments}:
            self._pick(str(content["address"]))

    def _pick_point(self) -> None:
        _, inside = self.server.sampler.lattice.nearest(self.point)
        if bool(inside):  # beside the image there is nothing to point at
            x, y, z = self.point
            self._pick(self.image.address.at(point=(x, y, z)))

    def _selection_changed(self, change: Any) -> None:
        super()._selection_changed(change)
        if self._picking:
            return
        found = lit_places(self.selection.lit, self.image, self.server.sampler.lattice)
        if found.voxels:
            at = self.server.sampler.lattice.to_lps(np.asarray(found.voxels[0]))
            self.point = [float(v) for v in at]

    @t.validate("thickness")
    def _valid_thickness(self, proposal: Any) -> float | None:
        value = proposal["value"]
        if value is not None and not 0 < value < np.inf:
            raise t.TraitError(f"thickness = {value}: mm, more than 0, or None for all of it")
        return None if value is None else float(value)

    @t.validate("angles", "point")
    def _valid_three(self, proposal: Any) -> list[float]:
        if not np.isfinite(proposal["value"]).all():
            raise t.TraitError(f"{proposal['trait'].name} = {proposal['value']}: three numbers")
        return [float(v) for v in proposal["value"]]

    @t.validate("time")
    def _valid_time(self, proposal: Any) -> int:
        if not 0 <= proposal["value"] < self.server.sampler.times:
            last = self.server.sampler.times - 1
            raise t.TraitError(f"time = {proposal['value']}: time points are 0 to {last}")
        return int(proposal["value"])

    @t.validate("visible")
    def _valid_visible(self, proposal: Any) -> list[str]:
        keys = [s.key for s in self.server.segments]
        unknown = [key for key in proposal["value"] if key not in keys]
        if unknown:
            raise t.TraitError(f"visible has {unknown}: the segments are {keys}")
        return [key for key in keys if key in proposal["value"]]


def _plain(image: Image, kind: str, item: str, label: str) -> str:
    from explorer.address import Address

    return str(Address(image.patient.key, kind, item, None, {"label": label}))
