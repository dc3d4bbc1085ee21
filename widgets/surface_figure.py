"""Surfaces of segments as a static figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from explorer.image import Image
from explorer.picture import Picture
from widgets.surface import Surface

Shown = tuple[str, tuple[int, int, int], Surface]

# name, elevation and azimuth of the camera in matplotlib's terms for axes x = L, y = P, z = H,
# and the axis that is looked along
_SIDES = (
    ("from the front", 0, -90, "y"), ("from the left", 0, 0, "x"), ("from above", 90, -90, "z"),
)  # fmt: skip
_MOST = 6000  # triangles of one segment; matplotlib sorts them all


def surface_figure(image: Image, shown: Sequence[Shown], *, width: float = 11.0) -> Figure:
    """Draw surfaces from three sides.

    Parameters
    ----------
    image : Image
        What they lie on; named in the title.
    shown : sequence of (name, (r, g, b), Surface)
        Names are hostile text.
    width : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure
        Axes in mm LPS.
    """
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    figure = Picture(size=(width, width * 0.42))
    for k, (title, elevation, azimuth, along) in enumerate(_SIDES):
        axes: Any = figure.add_subplot(1, 3, k + 1, projection="3d")
        for _, color, shape in shown:
            corners = shape.points[_thinned(shape)]
            faces = Poly3DCollection(corners, facecolors=[[v / 255 for v in color]], shade=True)
            axes.add_collection3d(faces)
        _frame(axes, shown)
        axes.set_proj_type("ortho")
        axes.view_init(elevation, azimuth)
        axes.set_title(f"{image.modality}, {title}", fontsize=9)
        axes.tick_params(labelsize=7)
        for name, direction in (("x", "left"), ("y", "back"), ("z", "head")):
            one = getattr(axes, f"{name}axis")
            if name == along:
                one.set_ticks([])
            else:
                one.set_major_locator(MaxNLocator(5))
                one.set_label_text(f"mm to the {direction}", fontsize=8)
    handles = [Patch(color=(r / 255, g / 255, b / 255), label=name) for name, (r, g, b), _ in shown]
    if handles:
        legend = figure.legend(handles=handles, loc="lower center", ncols=4, fontsize=8)
        for text in legend.get_texts():
            text.set_parse_math(False)  # a segment's name is text, whatever is in it
    figure.subplots_adjust(0.02, 0.14 if handles else 0.04, 0.96, 0.95, 0.12)
    return figure


def _thinned(shape: Surface) -> Any:
    every = max(1, -(-len(shape.triangles) // _MOST))
    return shape.triangles[::every]


def _frame(axes: Any, shown: Sequence[Shown]) -> None:
    """Equal millimetres along all axes."""
    if not shown:
        return
    points = np.concatenate([shape.points for _, _, shape in shown])
    middle, half = (points.min(0) + points.max(0)) / 2, np.ptp(points, axis=0).max() / 2 or 1.0
    for name, centre in zip("xyz", middle, strict=True):
        getattr(axes, f"set_{name}lim")(centre - half, centre + half)
    axes.set_box_aspect((1, 1, 1))
