"""SliceView: an image and its segments in three linked planes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import traitlets as t

from explorer.errors import NotFoundError, OncographError
from explorer.image import Image
from explorer.segmentation import Segmentation
from widgets.chunk_cache import ChunkCache
from widgets.esm import css, esm
from widgets.facts import facts
from widgets.lattice import Lattice
from widgets.presets import Preset, presets
from widgets.selection import Selection
from widgets.slice_picturing import SlicePicturing
from widgets.slice_server import SliceServer

if TYPE_CHECKING:
    pass

# one memory of decoded chunks for all views of a kernel
_cache = ChunkCache()


class SliceView(SlicePicturing):
    """Look at an image: axial, coronal and sagittal, linked by a crosshair.

    Planes are read when they are looked at and sent one by one; the volume never travels whole.
    The display is the radiologist's: the patient's right on the left. Every trait below can be
    set from Python and follows what is done in the browser.

    Parameters
    ----------
    image : Image
        ``(z, y, x)``, ``(t, z, y, x)``, ``(y, x)``, or a cine ``(t, y, x)``, whose frames are
        the time points. Colours are shown as their brightness, and the facts say so.
    segmentations : Segmentation or sequence of Segmentation, optional
        Laid over it, on whatever grid they are.
    selection : Selection, optional
        Shared with other views; its own by default.
    cache : ChunkCache, optional
        Of decoded chunks; shared by all views by default (512 MB).
    facts : sequence of (str, str), optional
        Shown beside the planes, as text; what is known of the image by default.
    **traits
        Initial values of the traits below.

    Attributes
    ----------
    crosshair : list of int
        Voxel ``[z, y, x]`` of the image.
    point_lps : tuple of float
        The same place in mm LPS. Setting it moves the crosshair to the nearest voxel; ``()``
        where the image has no place in the patient.
    time : int
        Time point of a ``(t, z, y, x)`` image.
    window, level : float
        Width and centre of the grey scale, in the image's units; `invert` turns it around.
    smooth : bool
        Interpolate between pixels on the screen.
    visible : list of str
        Keys of the segments that are drawn; `segment_keys` has all of them. The first 128 of
        them are drawn at once.
    show_segments, fill : bool
        Segments on or off; filled or outlines only.
    opacity : float
        Of filled segments, 0 to 1.
    arrangement : {'large', 'grid'}
        One large plane, `main`, and two small ones; or four fields.
    clicked : dict
        ``{'voxel': [z, y, x], 'point': [x, y, z] or None, 'pane': name, 'n': count}`` of the
        last click; the count makes a second click on the same place a change.
    boxes : list of dict
        Drawn in every plane that they cross: ``{'box': [[z0, z1], [y0, y1], [x0, x1]], 'address',
        'label', 'color', 'dashed'}``, voxel edges of the image, half-open; see `box_layer`. One
        whose address is lit in the selection stands out.
    emphasis : list of str
        Keys of segments that stand out by a thick line.
    lut, fused_lut, heat_lut : str
        Colour tables: 'grey', 'viridis', 'cividis', 'magma', 'inferno'.
    fused : Image or None
        Laid over the image, linear between its voxels, resampled plane by plane; of the same
        frame of reference, or placed by `fuse`. Its own `fused_window`, `fused_level` (in its
        units), `fused_invert`, `fused_opacity`, and `fused_fade`: low values are transparent.
    heat : HeatLayer or None
        Set from an array ``(z, y, x)`` of 0 to 1 (`lay_heat` takes other grids), with
        `heat_opacity`, and transparent at 0.
    contours : list of dict
        ``{'points': (n, 3) mm LPS or 'voxels': (n, 3), 'closed', 'label', 'color'}``.
    measurements : list of dict
        Drawn in the view or by `measure`: ``id``, ``kind``, ``plane``, ``index``, ``time``,
        ``voxel`` (two fractional ``[z, y, x]``), ``lps`` (the same in mm, or empty), ``values``
        (see `plane_measure`), ``length`` ('mm', or 'px' where the spacing is not known),
        ``units``, ``kept``.
    playing, loop : bool
        Time points, or the slices of the plane in use, one after the other; over and over.
    frames_per_second : float
        At most 4 where the browser is asked for less motion.
    last_screenshot : bytes
        PNG of the page that came last.
    picked_segment : dict
        ``key``, ``name``, ``code``, ``volume_ml``, ``item``, ``address`` of the label that was
        clicked; empty where there is none.
    theme : {'auto', 'light', 'dark'}
        Of what is around the picture; JupyterLab's own by default.
    height : int
        Of the planes, CSS pixels.
    retry_after : float
        Seconds after which a reply that has not come is asked for again.

    Raises
    ------
    GeometryError
        The image is no volume and no single plane.
    """

    _esm = esm("slices.js")
    _css = css("theme.css", "slices.css")

    def __init__(
        self,
        image: Image,
        segmentations: Segmentation | Sequence[Segmentation] = (),
        *,
        selection: Selection | None = None,
        cache: ChunkCache | None = None,
        facts: Sequence[tuple[str, str]] | None = None,
        **traits: Any,
    ) -> None:
        self._cache = _cache if cache is None else cache
        self._moving = False
        self._shots, self._waiting = 0, {}
        super().__init__()
        self._join(selection)
        self.on_msg(self._on_message)
        self.show(image, segmentations, facts=facts)
        for name, value in traits.items():
            if not self.has_trait(name) or name.startswith("_"):
                raise TypeError(f"SliceView has no trait {name!r}")
            setattr(self, name, value)

    def show(
        self,
        image: Image,
        segmentations: Segmentation | Sequence[Segmentation] = (),
        *,
        facts: Sequence[tuple[str, str]] | None = None,
    ) -> None:
        """Show another image in the same view.

        The crosshair stays at its place in the patient where both images share a frame of
        reference; else it goes to the first segment, else to the middle. With the image that is
        shown already, only the segmentations change.

        Parameters
        ----------
        image, segmentations, facts
            As for the class.
        """
        found = [segmentations] if isinstance(segmentations, Segmentation) else segmentations
        before = getattr(self, "image", None)
        kept = before is image
        hidden = set(self.segment_keys) - set(self.visible) if kept else set()
        place = self.point_lps if before is not None and _same_frame(before, image) else ()
        server = SliceServer(image, found, self._cache)
        if kept:
            server.layers = self._server.layers
        volume = (1, *server.source.shape)[-3:]
        self.image = image
        self._segmentations = list(found)
        self._server = server
        self._lattice = Lattice(image.affine, volume, image.slice_origins)
        self._placed = "z" in image.dims or image.frame_of_reference is not None
        self.presets: list[Preset] = presets(image, server.source.sample)
        first = self.presets[0]
        with self.hold_sync(), self.hold_trait_notifications():
            self._image = self._described(facts)
            self._segments = [
                {"key": s.key, "meaning": s.meaning, "color": list(s.color)}
                for s in server.overlay.segments
            ]
            self.visible = [key for key in self.segment_keys if key not in hidden]
            self.emphasis = [key for key in self.emphasis if key in self.segment_keys]
            if not kept:
                self.boxes, self.measurements, self.picked_segment = [], [], {}
                self._take_off()
                self.window, self.level, self.invert = first.window, first.level, first.invert
                self.time = 0
                self.crosshair = self._first_place(place)
            self._revision += 1
        self._follow()
        self._light()

    def go_to(self, segment: str) -> None:
        """Move the crosshair into the largest slice of a segment.

        Parameters
        ----------
        segment : str
            One of `segment_keys`.

        Raises
        ------
        NotFoundError
            There is no such segment, or it is empty.
        """
        if segment not in self.segment_keys:
            raise NotFoundError(
                f"No segment {segment!r}",
                expected=f"one of {self.segment_keys}",
                where=self.image.where,
            )
        found = self._server.overlay.middle(self.segment_keys.index(segment))
        if found is None:
            raise NotFoundError(f"Segment {segment!r} is empty", where=self.image.where)
        self.crosshair = list(found)

    def use_preset(self, name: str) -> None:
        """Take one of `presets` by its name, such as 'Lung'.

        Raises
        ------
        NotFoundError
            There is none of that name for this image.
        """
        for preset in self.presets:
            if preset.name.casefold() == name.casefold():
                self.window, self.level, self.invert = preset.window, preset.level, preset.invert
                return
        raise NotFoundError(
            f"No preset {name!r}", expected=f"one of {[p.name for p in self.presets]}"
        )

    @property
    def value(self) -> float:
        """The image's value at the crosshair, in its units."""
        z, y, x = self.crosshair
        return float(self._server.source.plane(0, z, self.time)[y, x])

    def _first_place(self, place: tuple[float, ...]) -> list[int]:
        if place:
            index, inside = self._lattice.nearest(place)
            if inside:
                return [int(v) for v in index]
        for k in range(min(len(self._server.overlay.segments), 8)):
            try:
                middle = self._server.overlay.middle(k)
            except OncographError:
                break  # the browser asks for the plane next and shows the message
            if middle is not None:
                return list(middle)
        return [n // 2 for n in self._lattice.shape]

    def _described(self, given: Sequence[tuple[str, str]] | None) -> dict[str, Any]:
        image = self.image
        lines = facts(image) if given is None else given
        return {
            "units": "" if image.units == "1" else image.units,
            "times": self._server.source.times,
            "affine": image.affine.tolist(),
            "origins": None if image.slice_origins is None else image.slice_origins.tolist(),
            "placed": self._placed,
            "length": self._length,
            "panes": [pane.to_json() for pane in self._server.panes],
            "presets": [preset.to_json() for preset in self.presets],
            "facts": [[str(name), str(value)] for name, value in lines],
            "remark": "Synthetic data: made up, not measured." if image.synthetic else "",
        }

    def _follow(self) -> None:
        """Let `point_lps` say where the crosshair is."""
        self._moving = True
        try:
            point = self._lattice.to_lps(self.crosshair) if self._placed else ()
            self.point_lps = tuple(float(v) for v in point)
        finally:
            self._moving = False

    @t.observe("crosshair")
    def _crosshair_moved(self, _: Any) -> None:
        if hasattr(self, "_lattice") and not self._moving:
            self._follow()

    @t.observe("point_lps")
    def _point_moved(self, change: Any) -> None:
        if self._moving or not hasattr(self, "_lattice"):
            return
        index, _ = self._lattice.nearest(change["new"])
        # the point stays as it was set: rounding it would make linked views drift
        self._moving = True
        try:
            self.crosshair = [int(v) for v in index]
        finally:
            self._moving = False

    def _on_message(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        kind = content.get("kind")
        if kind == "plane":
            if content.get("revision") == self._revision:
                message, buffers = self._server.reply(content)
                self.send(message, buffers)
        elif kind in ("measure", "probe", "unmeasure", "keep"):
            self._on_measure_message(content)
        elif kind == "shot":
            self._on_shot(content, buffers)
        elif kind == "go" and content.get("segment") in self.segment_keys:
            try:
                self.go_to(str(content["segment"]))
            except OncographError as error:
                self.send({"kind": "notice", "message": str(error)})


def _same_frame(a: Image, b: Image) -> bool:
    frames = {a.frame_of_reference, b.frame_of_reference}
    return len(frames) == 1 and None not in frames
