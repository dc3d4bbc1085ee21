"""A static figure of two studies side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from explorer.picture import Picture
from widgets.figures import _draw, _grey

if TYPE_CHECKING:
    from widgets.compare_view import CompareView


def compare_figure(view: CompareView, width: float = 10.0) -> Figure:
    """Draw both sides' main planes through their crosshairs.

    Parameters
    ----------
    view : CompareView
    width : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure
        A scale bar and letters each; the titles say the dates, the foot how the two are linked.
    """
    sides: list[Any] = [view.left, view.right]
    panes = [next(pane for pane in one._server.panes if pane.name == one.main) for one in sides]
    ratio = max(pane.height for pane in panes) / sum(pane.width for pane in panes)
    figure = Picture(size=(width, width * min(max(ratio, 0.25), 1.5) + 0.9), facecolor="black")
    axes = figure.subplots(1, 2, squeeze=False, width_ratios=[pane.width for pane in panes])[0]
    for side, pane, axis, title in zip(
        sides, panes, axes, (view.bar.left, view.bar.right), strict=True
    ):
        index = side.crosshair[pane.axis]
        values = side._server.source.plane(pane.axis, index, side.time)
        _draw(
            axis, pane, _grey(pane, values, (side.window, side.level, side.invert), side.lut), index
        )
        axis.set_title(title, color="white", fontsize=8, parse_math=False)
        right, down = pane.position(tuple(side.crosshair))
        axis.axhline(down, color="#56c8ff", linewidth=0.6)
        axis.axvline(right, color="#56c8ff", linewidth=0.6)
    linked = {"place": "linked by place", "relative": "linked by relative position only",
              "off": "not linked"}  # fmt: skip
    figure.text(
        0.5, 0.02, f"{linked[view.bar.link]}; {view.bar.said}", color="white", ha="center",
        fontsize=7, parse_math=False,
    )  # fmt: skip
    figure.subplots_adjust(0.01, 0.07, 0.99, 0.92, 0.03)
    return figure
