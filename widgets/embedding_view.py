"""EmbeddingView: many points in a plane, coloured by a fact, to be chosen with a lasso."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as w
import numpy as np
import pandas as pd
import traitlets as t
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from explorer.address import Address
from explorer.errors import NotFoundError
from explorer.store import Store
from widgets.embedding_colors import embedding_colors
from widgets.embedding_figure import embedding_figure
from widgets.embedding_panel import EmbeddingPanel
from widgets.embedding_points import EmbeddingPoints
from widgets.palette import SELECTED
from widgets.selection import Selection

_LISTED = 100
_RINGS = 50  # so many selected points are framed
_HEIGHT = 520


class EmbeddingView(w.VBox):  # type: ignore[misc]
    """Look at patients, or rows of a table, as points; jupyter-scatter draws them.

    Parameters
    ----------
    data : Store or DataFrame
    x, y : str
        Of a store, numeric facets; of a table, columns.
    vectors : str
        Of a store, instead of `x` and `y`: vectors of this name, laid out in a plane.
    method : {'pca', 'tsne'}
        How; the view says which, and the seed.
    seed : int
    patient : str
        Of a table, the column of the patients' keys.
    color : str
        Facet or column to begin with.
    selection : Selection, optional
        Shared with other views; its own by default. A single point picks its patient, and points
        of what others select are framed.
    on_chosen : callable, optional
        Called with the keys of the chosen patients by the button 'To the cohort', such as
        ``lambda keys: cohort.among(keys, "lasso in the map")``.

    Attributes
    ----------
    selection : Selection
    points : EmbeddingPoints
    chosen : tuple of str
        Keys of the patients whose points are chosen; observe it.
    picked_points : ndarray of int
        Rows of the chosen points.
    scatter : jscatter.Scatter
        What draws.

    Raises
    ------
    NotFoundError
        There are no such numbers or vectors.
    """

    chosen: Any = t.Tuple()

    def __init__(
        self,
        data: Store | pd.DataFrame,
        x: str = "",
        y: str = "",
        *,
        vectors: str = "",
        method: str = "pca",
        seed: int = 0,
        patient: str = "patient",
        color: str = "",
        selection: Selection | None = None,
        on_chosen: Callable[[list[str]], Any] | None = None,
    ) -> None:
        import jscatter  # heavy, and only here

        self.points = (
            EmbeddingPoints.of_frame(data, x, y, patient)
            if isinstance(data, pd.DataFrame)
            else EmbeddingPoints.of_store(data, x, y, vectors, method, seed)
        )
        self.selection = Selection() if selection is None else selection
        self.on_chosen = on_chosen
        self.picked_points: NDArray[np.int64] = np.zeros(0, np.int64)
        self.color = color
        self._ours = False
        self._lit: set[str] = set()
        self._frame = pd.DataFrame({"x": self.points.x, "y": self.points.y})
        self._frame["point"] = self.points.labels
        self.scatter = jscatter.Scatter(
            data=self._frame, x="x", y="y", height=_HEIGHT, width="auto", legend=False,
            axes_labels=list(self.points.names), lasso_initiator=False,
        )  # fmt: skip
        self.scatter.widget.toolbar_buttons = []  # the panel's own have labels and both themes
        self.panel = EmbeddingPanel(self._act)
        self._paint(color)
        self._show_chosen()
        self.scatter.widget.observe(self._on_points, "selection")
        self.selection.observe(self._on_lit, "lit")
        super().__init__([self.scatter.widget, self.panel])
        self._on_lit(None)

    def color_by(self, name: str) -> None:
        """Colour the points by a facet's title or a column; by nothing where it is empty.

        Raises
        ------
        NotFoundError
            There is none of this name.
        """
        self._paint(name)

    def choose(self, points: ArrayLike) -> None:
        """Choose points by their rows, as a lasso does.

        Parameters
        ----------
        points : array-like of int, or of bool (point,)
        """
        asked = np.asarray(points)
        rows = np.flatnonzero(asked) if asked.dtype == bool else asked.astype(np.int64)
        self._ours = True
        try:
            self.scatter.selection(rows)
        finally:
            self._ours = False
        self._take(rows)

    def figure(self, **options: Any) -> Figure:
        """The points as they are coloured, the chosen ones framed; see `embedding_figure`."""
        return embedding_figure(
            self.points, self._colors, self.picked_points, self.color, **options
        )

    def _paint(self, name: str) -> None:
        if name and name not in self.points.columns:
            some = list(self.points.columns)[:20]
            raise NotFoundError(f"No column {name!r}", expected=f"one of {some}")
        self.color = name
        column = self.points.columns[name] if name else None
        self._colors = embedding_colors(column, len(self._frame))
        legend, code = self._colors.legend, self._colors.code
        # by number: a label may be any text
        named = [f"{k}" for k in range(len(legend))]
        self._frame["kind"] = pd.Categorical.from_codes(code.tolist(), pd.Index(named))
        self._frame["value"] = (
            "" if column is None else column.astype(object).where(column.notna(), "unknown")
        )
        colors = {named[k]: color for k, (_, color) in enumerate(legend)}
        self.scatter.data(self._frame)
        self.scatter.color(by="kind", map=colors)
        self.scatter.legend(False)  # the panel has it: with words, counts and what is unknown
        shown = ["point"] if column is None else ["point", "value"]
        self.scatter.tooltip(True, properties=shown, preview=None)
        counts = np.bincount(code, minlength=len(legend))
        names = [[name, name] for name in self.points.columns]
        self.panel.shown = {
            "how": self.points.how, "columns": names, "color": name, "axes": self.points.names,
            "legend": [[label, color, int(counts[k])] for k, (label, color) in enumerate(legend)],
            "mode": self.scatter.widget.mouse_mode, "all": len(self._frame),
            "cohort": self.on_chosen is not None,
        }  # fmt: skip

    def _on_points(self, change: Any) -> None:
        if self._ours:
            return
        self._take(np.asarray(change["new"], np.int64))

    def _take(self, rows: NDArray[np.int64]) -> None:
        self.picked_points = rows
        self.chosen = tuple(self.points.patients(rows))
        self._show_chosen()
        if len(rows) == 1 and self.points.keys[rows[0]]:
            self._pick(self.points.keys[rows[0]])

    def _pick(self, key: str) -> None:
        self.selection.pick(Address(key, "patients", key), by=type(self).__name__)

    def _on_lit(self, _: Any) -> None:
        """Frame the points of what is selected."""
        import jscatter

        keys = {Address.parse(one).key for one in self.selection.lit}
        rows = [k for k, key in enumerate(self.points.keys) if key in keys][:_RINGS] if keys else []
        side = [
            0.012 * float(np.ptp(one)) if len(one) else 0.0
            for one in (self.points.x, self.points.y)
        ]
        self.scatter.annotations(
            [
                jscatter.Rect(
                    x_start=self.points.x[k] - side[0], x_end=self.points.x[k] + side[0],
                    y_start=self.points.y[k] - side[1], y_end=self.points.y[k] + side[1],
                    line_color=SELECTED, line_width=3,
                )
                for k in rows
            ]
        )  # fmt: skip
        self._lit = keys
        self._show_chosen()

    def _show_chosen(self) -> None:
        some = self.picked_points[:_LISTED].tolist()
        self.panel.chosen = {
            "points": len(self.picked_points), "patients": len(self.chosen),
            "rows": [
                [k, self.points.labels[k], (key := self.points.keys[k]) in self._lit, bool(key)]
                for k in some
            ],
        }  # fmt: skip

    def _act(self, message: dict[str, Any]) -> None:
        """What was done in the panel."""
        what = message.get("do")
        if what == "color":
            self._paint(str(message["name"]))
        elif what == "mode":
            self.scatter.mouse("lasso" if message["lasso"] else "panZoom")
            self.panel.shown = {**self.panel.shown, "mode": self.scatter.widget.mouse_mode}
        elif what == "kind":
            self.choose(self._colors.code.to_numpy() == int(message["kind"]))
        elif what == "box":
            low_x, high_x, low_y, high_y = (
                (-np.inf if k % 2 == 0 else np.inf) if one is None else float(one)
                for k, one in enumerate(message["box"])
            )
            x, y = self.points.x, self.points.y
            self.choose((x >= low_x) & (x <= high_x) & (y >= low_y) & (y <= high_y))
        elif what == "home":
            self.scatter.widget.reset_view()
        elif what == "none":
            self.choose(np.zeros(0, np.int64))
        elif what == "pick":
            self._pick(self.points.keys[int(message["point"])])
        elif what == "cohort" and self.on_chosen is not None:
            self.on_chosen(list(self.chosen))
        elif what == "theme" and message.get("ground"):
            self.scatter.background(str(message["ground"]))
            self.scatter.axes(True, labels=list(self.points.names))
            self.scatter.legend(False)  # a new background brings jscatter's own back
