"""The part of an embedding view that is read and typed: legend, counts, list, ranges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets as t

from widgets.esm import css, esm
from widgets.whole_widget import WholeWidget

# the view fills it once the panel is there; until then the browser has this
_NOTHING = {
    "columns": [], "color": "", "mode": "", "cohort": False, "all": 0, "how": "", "axes": ["", ""],
    "legend": [],
}  # fmt: skip


class EmbeddingPanel(WholeWidget):
    """Legend, ways to choose without a mouse, and who is chosen.

    Parameters
    ----------
    act : callable
        Gets each message of the browser.
    """

    _esm = esm("embedding.js")
    _css = css("theme.css", "embedding.css")

    shown = t.Dict(_NOTHING).tag(sync=True)
    chosen = t.Dict({"points": 0, "patients": 0, "rows": []}).tag(sync=True)

    def __init__(self, act: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self.on_msg(lambda _, message, __: act(dict(message)))
