"""embedding_figure: points in a plane, coloured by a fact, with a legend."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.picture import Picture
from explorer.printable import printable
from widgets.embedding_colors import EmbeddingColors
from widgets.embedding_points import EmbeddingPoints

_MARKS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
_CROWD = 5000


def embedding_figure(
    points: EmbeddingPoints,
    colors: EmbeddingColors,
    chosen: NDArray[np.int64],
    title: str = "",
    *,
    ink: str = "#222222",
    ground: str = "#ffffff",
) -> Picture:
    """Draw the points.

    Parameters
    ----------
    points : EmbeddingPoints
    colors : EmbeddingColors
    chosen : ndarray of int
        Rows that are ringed.
    title : str
        What the colours mean (shown as text).
    ink, ground : str
        Colours of text and background.

    Returns
    -------
    Picture
        Colour and mark by value; how the plane was made stands below it.
    """
    figure = Picture((7.6, 6.0), facecolor=ground, layout="constrained")
    axes = figure.add_subplot(facecolor=ground)
    code = colors.code.to_numpy()
    size = 4.0 if len(code) > _CROWD else 22.0
    for k, (label, color) in enumerate(colors.legend):
        mine = code == k
        text = f"{_text(label)} ({int(mine.sum())})"
        axes.scatter(
            points.x[mine], points.y[mine], s=size, c=color, marker=_MARKS[k % len(_MARKS)],
            linewidths=0, label=text, rasterized=True,
        )  # fmt: skip
    if len(chosen):
        axes.scatter(
            points.x[chosen], points.y[chosen], s=size * 2.5, facecolors="none", edgecolors=ink,
            linewidths=0.7, label=f"chosen ({len(chosen)})", rasterized=True,
        )  # fmt: skip
    axes.set_xlabel(_text(points.names[0]), color=ink)
    axes.set_ylabel(_text(points.names[1]), color=ink)
    axes.tick_params(colors=ink)
    for side in axes.spines.values():
        side.set_color(ink)
    if len(colors.legend) > 1 or len(chosen):
        axes.legend(
            title=_text(title), fontsize=8, title_fontsize=8.5, facecolor=ground, edgecolor="none",
            labelcolor=ink, loc="upper left", bbox_to_anchor=(1.0, 1.0),
        ).get_title().set_color(ink)  # fmt: skip
    figure.supxlabel(_text(points.how, 130), fontsize=7.5, color=ink, x=0.01, ha="left")
    return figure


def _text(label: str, most: int = 34) -> str:
    short = printable(label).replace("\n", " ")
    short = short if len(short) <= most else f"{short[: most - 1]}…"
    return (" " if short.startswith("_") else "") + short.replace("$", r"\$")
