"""A static figure of a resampled plane or projection: marks, scale bar, legend, grey scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from explorer.picture import Picture
from widgets.figures import _round_length
from widgets.resampled_plane import ResampledPlane

_GOLD = "#ffd27a"


def flat_figure(
    made: ResampledPlane,
    look: tuple[float, float, bool, str],
    outlines: Sequence[tuple[str, Any, NDArray[np.bool_]]] = (),
    *,
    title: str = "",
    width: float = 7.0,
) -> Figure:
    """Draw a plane.

    Parameters
    ----------
    made : ResampledPlane
    look : tuple
        Window, level, inverted or not, and the colour table's name.
    outlines : sequence of (str, tuple of int, ndarray)
        Name, colour and mask of each segment.
    title : str
    width : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure
    """
    window, level, invert, lut = look
    step = made.frame.spacing[0]
    high, wide = (n * step for n in made.values.shape)
    size = (width, float(np.clip(width * high / wide, 0.3 * width, 2 * width)) + 0.7)
    figure = Picture(size=size, layout="constrained", facecolor="black")
    axes = figure.subplots()
    name = ("gray" if lut == "grey" else lut) + ("_r" if invert else "")
    shown = axes.imshow(
        np.ma.masked_invalid(made.values), name, vmin=level - window / 2, vmax=level + window / 2,
        extent=(0, wide, high, 0), interpolation="nearest",
    )  # fmt: skip
    axes.set_axis_off()
    axes.set_title(title, color="white", fontsize=9, parse_math=False)
    handles = []
    rows, cols = ((np.arange(n) + 0.5) * step for n in made.values.shape)
    for label, color, mask in outlines:
        rgb = tuple(part / 255 for part in color)
        if mask.any() and min(mask.shape) > 1:
            axes.contour(cols, rows, mask, [0.5], colors=[rgb], linewidths=1.2)
            handles.append(Patch(color=rgb, label=label))
    left, right, top, bottom = made.marks
    for text, x, y in (
        (left, 0.03, 0.5),
        (right, 0.97, 0.5),
        (top, 0.5, 0.97),
        (bottom, 0.5, 0.03),
    ):
        axes.text(x, y, text, color=_GOLD, ha="center", va="center", transform=axes.transAxes)
    length = _round_length(wide * 0.3)
    x, y = wide * 0.04, high * 0.95
    axes.plot([x, x + length], [y, y], color="white", linewidth=2, solid_capstyle="butt")
    axes.text(x, y - high * 0.015, f"{length:g} mm", color="white", fontsize=8, va="bottom")
    bar = figure.colorbar(shown, ax=axes, shrink=0.6, pad=0.01)
    bar.ax.tick_params(colors="white", labelsize=7)
    bar.set_label("" if made.units == "1" else made.units, color="white", fontsize=8)
    if handles:
        legend = figure.legend(
            handles=handles, loc="outside lower center", ncols=4, frameon=False,
            labelcolor="white", fontsize=8,
        )  # fmt: skip
        for words in legend.get_texts():
            words.set_parse_math(False)  # a segment's name is text, whatever is in it
    return figure
