"""ProjectionView: an X-ray of a CT from any side, and what lies along its rays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from explorer.errors import NotFoundError, OncographError
from explorer.image import Image
from explorer.patient import Patient
from graphs.declared_hu import declared_hu
from graphs.errors import ProjectionError
from graphs.projection import Projection
from graphs.rotate_xray import rotate_xray
from graphs.view_frame import ViewFrame
from graphs.view_position import view_position
from widgets.esm import css, esm
from widgets.flat_view import FlatView
from widgets.projection_server import ProjectionServer, squared
from widgets.selection import Selection

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN = 32  # segments that are outlined at first


class ProjectionView(FlatView):
    """See a patient's CT as an X-ray, turn it, and ask what a pixel shows.

    The picture at rest is `graphs.project`'s: exact line integrals. While it turns, a coarse
    preview is shown and says so. A radiograph without a CT is shown as it is, with the view that
    its header says, and what would be needed to turn it.

    Parameters
    ----------
    source : Patient or Image
        A CT in HU, a radiograph, or a patient: the first CT, else the first radiograph.
    selection : Selection, optional
        A click picks what lies along the ray; what is lit is highlighted.
    unit : {'HU'}, optional
        As of `graphs.project`: of a CT whose file does not say that it is in HU.
    **traits
        Initial values of the traits below.

    Attributes
    ----------
    azimuth : float
        Degrees, 0 to 360: 0 is the view from the front (PA), 90 the left side.
    elevation : float
        Degrees.
    full : bool
        At any angle pixels as small as the CT's voxels; else 2 mm where rays are oblique.
    visible : list of str
        Keys of the segments that are outlined.
    findings : bool
        Draw what the reports say, carried over.
    along : list of dict
        What lies on the ray that was clicked last: name, address, enter, leave and path in mm.
    window, level, invert, lut
        Of the grey scale; line integrals have no unit.
    playing : bool
        Turn, `turn` degrees a step.
    image : Image or None
    reason : str
        Why it cannot be turned; empty where it can.

    Raises
    ------
    NotFoundError
        The patient has no image that an X-ray could be made of or that is one.
    """

    _esm = esm("projection.js")
    _css = css("theme.css", "flat.css")

    azimuth = t.Float(0.0).tag(sync=True)
    elevation = t.Float(0.0).tag(sync=True)
    full = t.Bool(False).tag(sync=True)
    findings = t.Bool(True).tag(sync=True)
    visible = t.List(t.Unicode()).tag(sync=True)
    along: Any = t.List().tag(sync=True)
    turn = t.Float(10.0).tag(sync=True)
    _image = t.Dict().tag(sync=True)
    _segments: Any = t.List().tag(sync=True)

    def __init__(
        self,
        source: Patient | Image,
        selection: Selection | None = None,
        *,
        unit: str | None = None,
        **traits: Any,
    ) -> None:
        self.image = source if isinstance(source, Image) else _first(source, unit)
        self.patient = self.image.patient
        self._unit = unit
        self.reason = _reason(self.image, unit)
        self.server: ProjectionServer | None = None
        super().__init__()
        with self.hold_sync():
            if not self.reason:
                self._set_up()
            self._image = self._described()
        self._join(selection)
        self._selection_changed(None)
        self._take(traits)

    def _set_up(self) -> None:
        segs = [seg for seg in self.patient.segmentations.values() if seg.image == self.image.id]
        self.server = server = ProjectionServer(self.image, segs, self._unit)
        self._segments = [
            {"key": s.key, "meaning": s.meaning, "color": f"rgb{s.color}",
             "address": server.address(s)}
            for s in server.segments
        ]  # fmt: skip
        self.visible = [s.key for s in server.segments[:_SHOWN]]
        low, high = squared(*_pair(server.projection((0.0, 0.0))), [])[0]["range"]
        self.window, self.level = high - low, (high + low) / 2

    def _described(self) -> dict[str, Any]:
        image = self.image
        said = view_position(image.meta.get("view_position"), image.meta.get("orientation"))
        name = f"{image.modality} {image.name or image.id}"
        view = f"{said.name} ({said.by})" if said.name else f"unknown: {said.by}"
        return {
            "name": name,
            "turns": not self.reason,
            "reason": self.reason,
            "view": "" if "z" in image.dims else view,
            "against": said.contradicts,
            "drr": image.modality == "DRR",
            "remark": "made from a CT (synthetic)" if not self.reason else (
                "Synthetic data: made up, not measured." if image.synthetic else ""
            ),
        }  # fmt: skip

    @property
    def projection(self) -> Projection:
        """The radiograph that is shown.

        Raises
        ------
        ProjectionError
            There is none: the image is no CT.
        """
        if self.server is None:
            raise ProjectionError(self.reason, where=self.image.where)
        return self.server.projection((self.azimuth, self.elevation), self.full)

    def figure(self, width: float = 7.0) -> Figure:
        """What is shown, as a static figure in mm, with masks, boxes and a legend."""
        if self.server is None:
            from widgets.figures import slice_figure

            return slice_figure(self.image, width=width)
        made = self.projection
        order = [k for k, s in enumerate(self.server.segments) if s.key in self.visible]
        masks, boxes = None, {}
        if order:
            import xarray as xr

            keys = [self.server.segments[k].key for k in order]
            masks = xr.DataArray(
                self.server.masks(made)[order], {"label": keys}, ("label", "y", "x")
            )
        if self.findings:
            for one in self.server.places(made):
                boxes[one["text"]] = tuple(one["box"])
        colors = {s.key: s.color for s in self.server.segments}
        return made.figure(masks=masks, boxes=boxes, colors=colors, width=width)

    def structures_at(self, pixel: tuple[float, float]) -> list[dict[str, Any]]:
        """What lies on the ray of a pixel ``(y, x)`` of `projection`; sets `along` and picks it.

        Raises
        ------
        ProjectionError
            The pixel lies outside of the picture.
        """
        if self.server is None:
            raise ProjectionError(self.reason, where=self.image.where)
        made = self.projection
        self.along = self.server.along(made, pixel)
        y, x = pixel
        met = [row["address"] for row in self.along]
        if self.findings:
            met += [
                one["address"]
                for one in self.server.places(made)
                if one["box"][0] <= y + 0.5 < one["box"][1]
                and one["box"][2] <= x + 0.5 < one["box"][3]
            ]
        if met:
            self._pick(*dict.fromkeys(met))
        return list(self.along)

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        kind = content.get("kind")
        if kind == "plane":
            if self.server is not None:
                self.send(*self.server.reply(content))
            else:
                self.send(*self._radiograph(content))
        elif kind == "ray":
            try:
                y, x = (float(v) for v in content["at"])
                self.structures_at((y, x))
            except OncographError as error:
                self.send({"kind": "notice", "message": str(error)})
        elif kind == "pick":
            self._pick(str(content["address"]))

    def _radiograph(self, request: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """The X-ray itself."""
        echo = {"seq": request.get("seq")}
        try:
            index = tuple(slice(None) if name in "yx" else 0 for name in self.image.dims)
            values = np.asarray(self.image.read(index), np.float32)
        except OncographError as error:
            return {**echo, "kind": "error", "message": str(error)}, []
        y, x = (self.image.spacing_mm or (1.0, 1.0))[-2:]
        axes = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
        frame = ViewFrame(axes, np.zeros(3), (values.shape[0], values.shape[1]), (y, x))
        message, buffers = squared(values, frame, [])
        low, high = message["range"]
        if (self.window, self.level) == (1.0, 0.5):
            self.window, self.level = high - low, (high + low) / 2
            self.invert = self.image.meta.get("photometric") == "MONOCHROME1"
        # the header says which way a radiograph hangs; nothing is made up where it does not
        return {
            **echo,
            **message,
            "marks": ["", "", "", ""],
            "kind": "plane",
            "places": [],
        }, buffers

    @t.validate("azimuth", "elevation")
    def _valid_angle(self, proposal: Any) -> float:
        if not np.isfinite(proposal["value"]):
            raise t.TraitError(f"{proposal['trait'].name} = {proposal['value']}: degrees")
        return float(proposal["value"])

    @t.validate("visible")
    def _valid_visible(self, proposal: Any) -> list[str]:
        keys = [one["key"] for one in self._segments]
        unknown = [key for key in proposal["value"] if key not in keys]
        if unknown:
            raise t.TraitError(f"visible has {unknown}: the segments are {keys}")
        return [key for key in keys if key in proposal["value"]]


def _pair(made: Projection) -> tuple[Any, ViewFrame]:
    return made.values, made.frame


def _reason(image: Image, unit: str | None) -> str:
    if "z" in image.dims and image.dims != ("z", "y", "x"):
        return f"A picture with the dims {image.dims}: a volume (z, y, x) is needed"
    try:
        if "z" in image.dims:
            declared_hu(image, unit)
        else:
            rotate_xray(image, 0.0)
    except ProjectionError as error:
        return str(error)
    return ""


def _first(patient: Patient, unit: str | None) -> Image:
    images = list(patient.images.values())
    deep = [one for one in images if one.dims == ("z", "y", "x")]
    volumes = [one for one in deep if not _reason(one, unit)]
    volumes.sort(key=lambda one: (one.units != "HU", one.modality != "CT"))
    flat = [one for one in images if one.dims == ("y", "x")]
    if volumes or flat:
        return (volumes or flat)[0]
    raise NotFoundError(
        "There is nothing to make an X-ray of, and none",
        expected="a CT in HU, or a radiograph",
        where=f"patient {patient.label}",
        do='where a volume is in HU and its file does not say so, give unit="HU"' if deep else None,
    )
