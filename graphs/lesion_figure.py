"""A static figure of a lesion: the slice, the outline, and its two diameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.image import Image
from explorer.space import axis_letters, lps_to_index, spacing
from graphs.errors import MeasureError
from graphs.lesion import Lesion

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from explorer.patient import Patient

_OUTLINE, _LONGEST, _ACROSS = "#f5c83c", "#e64b3c", "#468cf0"
_MARGIN = 1.5  # lesion widths shown to each side, at least
_LEAST_MM = 25.0


def lesion_figure(lesion: Lesion, patient: Patient, *, width: float = 5.0) -> Figure:
    """Draw the slice of a lesion's longest diameter.

    Parameters
    ----------
    lesion : Lesion
    patient : Patient
    width : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure
        Axes in mm along the slice; the letters say which way the patient lies.

    Raises
    ------
    MeasureError
        The image that it lies on is not known, or is no single volume.
    """
    from explorer.picture import Picture

    segmentation = patient.segmentations[lesion.segmentation]
    image = patient.images.get(lesion.image or "")
    if not isinstance(image, Image) or image.dims != ("z", "y", "x"):
        raise MeasureError(
            "There is no volume to draw the outline on", where=f"patient {patient.label}"
        )
    mask = segmentation.mask(lesion.label)
    ends = np.array([*lesion.measures.longest_at, *lesion.measures.perpendicular_at])
    index = lps_to_index(image.affine, ends, image.slice_origins)
    k = int(np.clip(round(float(index[:, 0].mean())), 0, image.shape[0] - 1))
    _, dy, dx = spacing(image.affine)
    values = np.asarray(image.read((k, slice(None), slice(None))), float)
    figure = Picture(size=(width, width), layout="constrained")
    axes = figure.subplots()
    _slice(axes, values, (dy, dx), index)
    outline = np.asarray(mask[k])
    if outline.any() and not outline.all():
        at = np.arange(values.shape[1]) * dx, np.arange(values.shape[0]) * dy
        axes.contour(*at, outline, [0.5], colors=[_OUTLINE], linewidths=1.2)
    m = lesion.measures
    pairs = ((index[:2], _LONGEST, m.longest_mm), (index[2:], _ACROSS, m.perpendicular_mm))
    for pair, color, length in pairs:
        axes.plot(pair[:, 2] * dx, pair[:, 1] * dy, color=color, label=f"{length:.1f} mm")
    axes.legend(loc="lower right", fontsize=8)
    _letters(axes, image)
    title = f"{lesion.name}, slice {k} of {image.modality}"
    axes.set_title(title, fontsize=10, parse_math=False)
    return figure


def _slice(
    axes: Axes, values: NDArray[np.float64], step: tuple[float, float], index: NDArray[np.float64]
) -> None:
    dy, dx = step
    rows, columns = values.shape
    extent = (-dx / 2, (columns - 0.5) * dx, (rows - 0.5) * dy, -dy / 2)
    middle = np.array([index[:, 1].mean() * dy, index[:, 2].mean() * dx])
    size = max(np.ptp(index[:, 1]) * dy, np.ptp(index[:, 2]) * dx)
    half = max(_LEAST_MM, size * (0.5 + _MARGIN))
    y, x = (np.arange(n) * s for n, s in ((rows, dy), (columns, dx)))
    near = values[np.ix_(abs(y - middle[0]) <= half, abs(x - middle[1]) <= half)]
    held = near[np.isfinite(near)]
    low, high = np.percentile(held, (1, 99)) if held.size else (0, 1)
    axes.imshow(values, cmap="gray", vmin=low, vmax=high, extent=extent, interpolation="nearest")
    axes.set(
        xlabel="mm", ylabel="mm", xlim=(middle[1] - half, middle[1] + half),
        ylim=(middle[0] + half, middle[0] - half),
    )  # fmt: skip


def _letters(axes: Axes, image: Image) -> None:
    """Turn the slice as readers look at it (right on the left, front on top); name the sides."""
    named = axis_letters(image.affine)
    if named["x"][0][0] in "LAF":
        axes.invert_xaxis()
    if named["y"][0][0] in "PLF":
        axes.invert_yaxis()
    x0, x1 = axes.get_xlim()
    left, right = named["x"] if x0 < x1 else named["x"][::-1]
    y0, y1 = axes.get_ylim()
    top, bottom = named["y"] if y0 > y1 else named["y"][::-1]
    said = (0.02, 0.5, left), (0.98, 0.5, right), (0.5, 0.97, top), (0.5, 0.03, bottom)
    for x, y, words in said:
        axes.text(
            x, y, words, transform=axes.transAxes, color="white", ha="center", va="center",
            fontsize=9, parse_math=False, bbox={"facecolor": "black", "lw": 0, "pad": 1},
        )  # fmt: skip
