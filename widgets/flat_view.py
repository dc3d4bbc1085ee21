"""FlatView: what views of resampled pictures share: grey scale, colours, selection."""

from __future__ import annotations

from typing import Any

import traitlets as t

from widgets.luts import LUTS
from widgets.luts import lut as lut_of
from widgets.presets import Preset
from widgets.selection import Selection
from widgets.whole_widget import WholeWidget


class FlatView(WholeWidget):
    """The traits of `ObliqueView` and `ProjectionView` that say how values are shown."""

    window = t.Float(1.0).tag(sync=True)
    level = t.Float(0.5).tag(sync=True)
    invert = t.Bool(False).tag(sync=True)
    lut = t.Enum(list(LUTS), "grey").tag(sync=True)
    height = t.Int(520, min=160).tag(sync=True)
    playing = t.Bool(False).tag(sync=True)
    theme = t.Enum(["auto", "light", "dark"], "auto").tag(sync=True)
    _table: Any = t.List().tag(sync=True)
    _lit: Any = t.List().tag(sync=True)

    selection: Selection
    presets: list[Preset]

    def _join(self, selection: Selection | None) -> None:
        self._picking = False
        self.selection = Selection() if selection is None else selection
        self.selection.observe(self._selection_changed, "lit")
        self._joined = True
        self.on_msg(self._on_message)

    def _take(self, traits: dict[str, Any]) -> None:
        for name, value in traits.items():
            if not self.has_trait(name) or name.startswith("_"):
                raise TypeError(f"{type(self).__name__} has no trait {name!r}")
            setattr(self, name, value)

    def close(self) -> None:
        """Take the view off the page; the selection forgets it."""
        if getattr(self, "_joined", False):  # once: a widget is closed again when it is let go
            self._joined = False
            self.selection.unobserve(self._selection_changed, "lit")
        super().close()

    def _pick(self, *addresses: Any) -> None:
        self._picking = True
        try:
            self.selection.pick(*addresses, by=type(self).__name__)
        finally:
            self._picking = False

    def _selection_changed(self, _: Any) -> None:
        self._lit = list(self.selection.lit)

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        raise NotImplementedError

    @t.observe("lut")
    def _lut_changed(self, _: Any) -> None:
        self._table = [] if self.lut == "grey" else lut_of(self.lut).ravel().tolist()

    @t.validate("window")
    def _valid_window(self, proposal: Any) -> float:
        if not proposal["value"] > 0:
            raise t.TraitError(f"window = {proposal['value']}: a width is more than 0")
        return float(proposal["value"])
