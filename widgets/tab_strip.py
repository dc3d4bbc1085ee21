"""TabStrip: tabs whose panels are made when they are first shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ipywidgets as w
import traitlets as t

from widgets.esm import css, esm
from widgets.whole_widget import WholeWidget


class TabStrip(WholeWidget):
    """Tabs for the keyboard and the mouse: arrows move, Home and End jump.

    Attributes
    ----------
    titles : list of str
    selected : int
    label : str
        What the tabs are of, for those who cannot see them.
    """

    _esm = esm("tab_strip.js")
    _css = css("theme.css", "tab_strip.css")

    titles = t.List(t.Unicode()).tag(sync=True)
    selected = t.Int(0).tag(sync=True)
    label = t.Unicode("Views").tag(sync=True)


class Tabs(w.VBox):  # type: ignore[misc]
    """Panels, one at a time; each is made when its tab is first opened.

    Parameters
    ----------
    panels : mapping
        Title to a function that makes the panel.

    Attributes
    ----------
    strip : TabStrip
    made : dict
        Title to panel, of those that were opened.
    """

    def __init__(self, panels: Mapping[str, Callable[[], w.Widget]]) -> None:
        self._panels = dict(panels)
        self.made: dict[str, w.Widget] = {}
        self.strip = TabStrip(titles=list(panels))
        self._room = w.VBox()
        self._room.add_class("onco-tab-room")
        super().__init__([self.strip, self._room])
        self.strip.observe(self._show, "selected")
        self._show()

    def show(self, title: str) -> w.Widget:
        """Open a tab; its panel."""
        self.strip.selected = list(self._panels).index(title)
        return self.made[title]

    def renew(self) -> None:
        """Bring the panels up to date; one that cannot is made again when it is next shown."""
        for title, panel in list(self.made.items()):
            if hasattr(panel, "refresh"):
                panel.refresh()
            else:
                del self.made[title]
                panel.close()
        self._room.children = list(self.made.values())
        self._show()

    def _show(self, _: object = None) -> None:
        titles = list(self._panels)
        if not titles:
            return
        title = titles[max(0, min(self.strip.selected, len(titles) - 1))]
        if title not in self.made:
            self.made[title] = self._panels[title]()
            self._room.children = [*self._room.children, self.made[title]]
        # hidden and not taken out: what was scrolled and zoomed there stays as it was
        for name, panel in self.made.items():
            panel.layout.display = None if name == title else "none"
