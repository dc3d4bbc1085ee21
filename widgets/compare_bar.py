"""CompareBar: what stands above two studies side by side."""

from __future__ import annotations

import traitlets as t

from widgets.esm import css, esm
from widgets.whole_widget import WholeWidget


class CompareBar(WholeWidget):
    """Titles, how the two are linked and whether that is known, swap, and how they are shown.

    Attributes
    ----------
    left, right : str
        Hostile text.
    said : str
    trusted : bool
    link : {'place', 'relative', 'off'}
    placed : bool
        Whether 'place' can be chosen.
    mode : {'side by side', 'checkerboard', 'flicker'}
        The last two need 'place'.
    outside : str
        Which image the place lies outside of.
    swaps : int
        Counts the pushes of the button.
    """

    _esm = esm("compare.js")
    _css = css("theme.css", "flat.css", "compare.css")

    left = t.Unicode("").tag(sync=True)
    right = t.Unicode("").tag(sync=True)
    said = t.Unicode("").tag(sync=True)
    trusted = t.Bool(False).tag(sync=True)
    placed = t.Bool(False).tag(sync=True)
    link = t.Enum(["place", "relative", "off"], "off").tag(sync=True)
    mode = t.Enum(["side by side", "checkerboard", "flicker"], "side by side").tag(sync=True)
    outside = t.Unicode("").tag(sync=True)
    swaps = t.Int(0).tag(sync=True)
    theme = t.Enum(["auto", "light", "dark"], "auto").tag(sync=True)
