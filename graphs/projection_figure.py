"""A static figure of a projection, with masks and boxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from graphs.projection import Projection

_COLORS = (
    "#e64b3c", "#468cf0", "#f5c83c", "#5abe6e", "#b46edc", "#fa963c", "#50c8d2", "#f082b4",
    "#a0c846", "#96785a", "#ffffff", "#7a7ae6",
)  # fmt: skip
_MOST_NAMED = 12
Box = tuple[float, float, float, float]
Color = str | tuple[float, float, float]


def projection_figure(
    projection: Projection,
    *,
    masks: xr.DataArray | None = None,
    boxes: Mapping[str, Box] | None = None,
    colors: Mapping[str, tuple[int, int, int]] | None = None,
    width: float = 7.0,
) -> Figure:
    """Draw a radiograph made from a CT.

    Parameters
    ----------
    projection : Projection
    masks : xarray.DataArray, (label, y, x), optional
        As `project_masks` gives them.
    boxes : mapping, optional
        Name to ``(y0, y1, x0, x1)`` in pixel edges, half-open.
    colors : mapping, optional
        Label to ``(r, g, b)``, 0 to 255: `Segmentation.colors`.
    width : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure
        Axes in mm; letters of the patient's sides. Bone is bright.
    """
    from explorer.picture import Picture

    values = projection.values
    height_mm, width_mm = (
        n * size for n, size in zip(projection.frame.shape, projection.frame.spacing, strict=True)
    )
    extent = (-width_mm / 2, width_mm / 2, height_mm / 2, -height_mm / 2)
    figure = Picture(size=(width, width * height_mm / width_mm + 1.3), layout="constrained")
    axes = figure.subplots()
    low, high = np.percentile(values, (1, 99.7))
    axes.imshow(values, cmap="gray", vmin=low, vmax=high, extent=extent, interpolation="nearest")
    chosen = {} if masks is None else {str(name): masks.sel(label=name).values
                                       for name in masks["label"].values}  # fmt: skip
    names = [*(boxes or {}), *chosen]
    paint: dict[str, Color] = {name: _COLORS[i % len(_COLORS)] for i, name in enumerate(names)}
    for name, (red, green, blue) in (colors or {}).items():
        if name in paint:
            paint[name] = red / 255, green / 255, blue / 255
    mm = projection.data
    for name, mask in chosen.items():
        if mask.any() and not mask.all():
            axes.contour(mm["x"], mm["y"], mask, [0.5], colors=[paint[name]], linewidths=1.2)
    _draw_boxes(axes, projection, boxes or {}, paint)
    axes.set(xlabel="mm", ylabel="mm", xlim=extent[:2], ylim=extent[2:])
    title = f"{projection.view}, {projection.frame.geometry} rays, made from a CT (synthetic)"
    axes.set_title(title, fontsize=10, parse_math=False)
    _write_letters(axes, projection.letters)
    _name(figure, paint)
    return figure


def _draw_boxes(
    axes: Axes, projection: Projection, boxes: Mapping[str, Box], paint: Mapping[str, Color]
) -> None:
    from matplotlib.patches import Rectangle

    dy, dx = projection.frame.spacing
    height, width = projection.frame.shape
    for name, (y0, y1, x0, x1) in boxes.items():
        corner = ((x0 - width / 2) * dx, (y0 - height / 2) * dy)
        axes.add_patch(
            Rectangle(corner, (x1 - x0) * dx, (y1 - y0) * dy, fill=False,
                      edgecolor=paint[name], linewidth=1.6, linestyle="--")
        )  # fmt: skip


def _write_letters(axes: Axes, letters: Mapping[str, str]) -> None:
    from matplotlib.patheffects import withStroke

    places = {
        "left": (0.02, 0.5, "left", "center"), "right": (0.98, 0.5, "right", "center"),
        "top": (0.5, 0.98, "center", "top"), "bottom": (0.5, 0.02, "center", "bottom"),
    }  # fmt: skip
    outline = [withStroke(linewidth=2.5, foreground="black")]  # on bright bone too
    for side, (x, y, across, along) in places.items():
        axes.text(
            x, y, letters[side], transform=axes.transAxes, color="#ffd27a", weight="bold",
            ha=across, va=along, fontsize=13, path_effects=outline,
        )  # fmt: skip


def _name(figure: Figure, paint: Mapping[str, Color]) -> None:
    from matplotlib.lines import Line2D

    shown = list(paint.items())[:_MOST_NAMED]
    if not shown:
        return
    handles = [Line2D([], [], color=color, label=name) for name, color in shown]
    if len(paint) > len(shown):
        handles.append(Line2D([], [], linestyle="", label=f"and {len(paint) - len(shown)} more"))
    legend = figure.legend(
        handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=8
    )
    for text in legend.get_texts():
        text.set_parse_math(False)  # a segment's name is text, whatever is in it
