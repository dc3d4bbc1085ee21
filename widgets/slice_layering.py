"""What a SliceView lays over its image: a second image, a heat map, contours; colour tables."""

from __future__ import annotations

from typing import Any

import traitlets as t
from numpy.typing import ArrayLike

from explorer.image import Image
from widgets.chunk_cache import ChunkCache
from widgets.contour_layer import ContourLayer
from widgets.facts import title
from widgets.heat_layer import HeatLayer
from widgets.image_layer import ImageLayer
from widgets.layer import Layer
from widgets.luts import LUTS, lut
from widgets.presets import presets
from widgets.slice_selecting import SliceSelecting


class SliceLayering(SliceSelecting):
    """The traits of the layers, described at `SliceView`."""

    _cache: ChunkCache

    lut = t.Enum(LUTS, "grey").tag(sync=True)
    fused: Any = t.Any(None, allow_none=True)
    fused_window = t.Float(1.0).tag(sync=True)
    fused_level = t.Float(0.5).tag(sync=True)
    fused_invert = t.Bool(False).tag(sync=True)
    fused_opacity = t.Float(0.6, min=0.0, max=1.0).tag(sync=True)
    fused_lut = t.Enum(LUTS, "inferno").tag(sync=True)
    fused_fade = t.Bool(True).tag(sync=True)
    heat: Any = t.Any(None, allow_none=True)
    heat_opacity = t.Float(0.5, min=0.0, max=1.0).tag(sync=True)
    heat_lut = t.Enum(LUTS, "magma").tag(sync=True)
    contours: Any = t.List()
    _layers = t.Dict().tag(sync=True)
    _luts = t.Dict().tag(sync=True)

    def fuse(self, image: Image | None, matrix: ArrayLike | None = None, **traits: Any) -> None:
        """Lay a second image over the first, resampled plane by plane.

        Parameters
        ----------
        image : Image or None
            None takes it off.
        matrix : array_like, (4, 4), optional
            Takes a point ``(x, y, z, 1)`` in mm LPS of the shown image to the other one:
            `graphs.Registration.matrix`, the shown image being the fixed one. Without it both
            must share a frame of reference.
        **traits
            Such as ``fused_opacity=0.4``.

        Raises
        ------
        GeometryError
            There is nothing that says where the second image lies.
        """
        self._matrix = matrix
        try:
            if image is self.fused:
                self.fused = None
            self.fused = image
        finally:
            self._matrix = None
        for name, value in traits.items():
            if not name.startswith("fused_") or not self.has_trait(name):
                raise TypeError(f"SliceView has no trait {name!r} of a fused image")
            setattr(self, name, value)

    def lay_heat(self, values: ArrayLike | None, affine: ArrayLike | None = None) -> None:
        """Lay a heat map over the image.

        Parameters
        ----------
        values : array_like, (z, y, x) or (y, x), or None
            0 to 1, such as `graphs.grounding.HeatMap.values`; None takes it off.
        affine : array_like, (4, 4), optional
            Of `values`, to mm LPS; the image's own grid by default.

        Raises
        ------
        GeometryError
            The shape is not the image's and no affine is given, or a value is not in 0 to 1.
        """
        self.heat = None if values is None else HeatLayer(values, self._lattice, affine)

    @property
    def fused_value(self) -> float | None:
        """The second image's value at the crosshair, in its units; NaN outside of it."""
        layer = self._laid("fused")
        z, y, x = self.crosshair
        return layer.value((z, y, x), self.time) if isinstance(layer, ImageLayer) else None

    def _laid(self, kind: str) -> Layer | None:
        return self._server.layers.get(self._layers.get(kind, {}).get("key", ""))

    def _lay(self, kind: str, layer: Layer | None, **about: Any) -> None:
        """Put a layer on, or take it off; the browser asks for it by a key of its own."""
        for key in [one for one in self._server.layers if one.startswith(f"{kind}/")]:
            del self._server.layers[key]
        rest = {name: one for name, one in self._layers.items() if name != kind}
        if layer is not None:
            self._laid_count = getattr(self, "_laid_count", 0) + 1
            key = f"{kind}/{self._laid_count}"
            self._server.layers[key] = layer
            rest[kind] = {"key": key, **about}
        self._layers = rest

    def _take_off(self) -> None:
        """Of another image's layers none stays."""
        self.fused, self.heat, self.contours = None, None, []

    @t.validate("fused")
    def _valid_fused(self, proposal: Any) -> Any:
        image = proposal["value"]
        matrix = getattr(self, "_matrix", None)
        self._coming = (
            None
            if image is None
            else ImageLayer(image, self.image, self._lattice, self._cache, matrix)
        )
        return image

    @t.observe("fused")
    def _fused_changed(self, _: Any) -> None:
        layer = self._coming
        if layer is None:
            self._lay("fused", None)
            return
        offered = presets(layer.image, layer.sample)
        about = {
            "units": "" if layer.image.units == "1" else layer.image.units,
            "title": title(layer.image),
            "presets": [one.to_json() for one in offered],
            "moved": layer.matrix is not None,
        }
        with self.hold_sync():
            # colours run from dark to bright: a table is not turned round as PET on paper is
            self.fused_window, self.fused_level = offered[0].window, offered[0].level
            self.fused_invert = False
            self._lay("fused", layer, **about)

    @t.validate("heat")
    def _valid_heat(self, proposal: Any) -> HeatLayer | None:
        given = proposal["value"]
        if given is None or isinstance(given, HeatLayer):
            return given
        return HeatLayer(given, self._lattice)

    @t.observe("heat")
    def _heat_changed(self, _: Any) -> None:
        self._lay("heat", self.heat)

    @t.validate("contours")
    def _valid_contours(self, proposal: Any) -> list[Any]:
        found = list(proposal["value"])
        try:
            self._drawn = ContourLayer(found, self._lattice) if found else None
        except ValueError as error:
            raise t.TraitError(f"contours: {error}") from error
        return found

    @t.observe("contours")
    def _contours_changed(self, _: Any) -> None:
        styles = [] if self._drawn is None else self._drawn.styles
        self._lay("contours", self._drawn, styles=styles)

    @t.validate("fused_window")
    def _valid_fused_window(self, proposal: Any) -> float:
        if not proposal["value"] > 0:
            raise t.TraitError(f"fused_window = {proposal['value']}: a width is more than 0")
        return float(proposal["value"])

    @t.observe("lut", "fused_lut", "heat_lut", "_layers")
    def _send_luts(self, _: Any) -> None:
        wanted = {self.lut}
        wanted |= {self.fused_lut} if "fused" in self._layers else set()
        wanted |= {self.heat_lut} if "heat" in self._layers else set()
        missing = wanted - {"grey", *self._luts}
        if missing:
            self._luts = {**self._luts, **{name: lut(name).tobytes() for name in missing}}
