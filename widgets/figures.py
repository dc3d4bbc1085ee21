"""Static figures, for papers, READMEs and exported notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from numpy.typing import NDArray

from explorer.image import Image
from explorer.picture import Picture
from explorer.segmentation import Segmentation
from widgets.box_layer import box_layer
from widgets.chunk_cache import ChunkCache
from widgets.drawn_layer import DrawnLayer
from widgets.luts import lut as lut_of
from widgets.pane import Pane
from widgets.presets import presets
from widgets.slice_server import SliceServer

_GOLD = "#ffd27a"


def slice_figure(
    image: Image,
    segmentation: Segmentation | Sequence[Segmentation] = (),
    *,
    at: tuple[int, int, int] | None = None,
    window: float | None = None,
    level: float | None = None,
    invert: bool | None = None,
    opacity: float = 0.35,
    width: float = 10.0,
    time: int = 0,
    lut: str = "grey",
    segments: Sequence[str] | None = None,
    boxes: Sequence[Mapping[str, Any]] = (),
    layers: Sequence[DrawnLayer] = (),
) -> Figure:
    """Draw the planes of an image through one voxel, with segments, marks and a scale bar.

    Parameters
    ----------
    image : Image
    segmentation : Segmentation or sequence of Segmentation, optional
    at : tuple of int, optional
        Voxel ``(z, y, x)``; the largest slice of the first segment, else the middle, by default.
    window, level : float, optional
        Of the grey scale, in the image's units; the modality's first preset by default.
    invert : bool, optional
        High values dark.
    opacity : float
        Of the segments, 0 to 1; where they overlap, their colours are mixed.
    width : float
        Inches.
    time : int
        Time point.
    lut : str
        Colour table of the image; see `luts`.
    segments : sequence of str, optional
        Keys of those to draw; all by default.
    boxes : sequence of mapping
        As of `box_layer`.
    layers : sequence of DrawnLayer
        Over the image, below the segments.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    GeometryError
        `at` lies outside of the image.
    """
    segs = [segmentation] if isinstance(segmentation, Segmentation) else list(segmentation)
    server = SliceServer(image, segs, ChunkCache())
    voxel = at or _middle(server, image)
    first = presets(image, server.source.sample)[0]
    grey = (
        first.window if window is None else window,
        first.level if level is None else level,
        first.invert if invert is None else invert,
    )
    panes = server.panes
    figure = Picture(size=(width, width * _ratio(panes)), facecolor="black")
    axes = figure.subplots(
        1, len(panes), squeeze=False, width_ratios=[pane.width for pane in panes]
    )[0]
    marked = box_layer(boxes, (1, *server.source.shape)[-3:])
    named: dict[str, tuple[float, float, float]] = {}
    for pane, axis in zip(panes, axes, strict=True):
        index = voxel[pane.axis]
        picture = _grey(pane, server.source.plane(pane.axis, index, time), grey, lut)
        for layer in layers:
            laid = pane.regular(pane.arrange(layer.plane(pane.axis, index)), _step(pane))
            layer.lay_over(picture, laid)
        for k, segment in enumerate(server.overlay.segments):
            if segments is not None and segment.key not in segments:
                continue
            mask = server.overlay.plane(k, pane.axis, index)
            if mask is not None:
                red, green, blue = (part / 255 for part in segment.color)
                color = np.array([red, green, blue])
                _lay_over(picture, _step(pane), pane, mask, color, opacity)
                named[segment.key] = (red, green, blue)
        _draw(axis, pane, picture, index)
        _outline(axis, pane, marked, index)
    told = _legend(figure, named, layers)
    figure.subplots_adjust(0.01, 0.08 if told else 0.01, 0.99, 0.93, 0.03)
    return figure


def _legend(figure: Figure, named: Mapping[str, Any], layers: Sequence[DrawnLayer]) -> bool:
    """Tell segments and layers; whether there are any."""
    handles: list[Any] = [Patch(color=color, label=name) for name, color in named.items()]
    handles += [_layer_handle(layer) for layer in layers]
    if handles:
        legend = figure.legend(
            handles=handles,
            loc="lower center",
            ncols=4,
            frameon=False,
            labelcolor="white",
            fontsize=8,
        )
        for text in legend.get_texts():
            text.set_parse_math(False)  # a segment's name is text, whatever is in it
    return bool(handles)


def _middle(server: SliceServer, image: Image) -> tuple[int, int, int]:
    for k in range(len(server.overlay.segments)):
        found = server.overlay.middle(k)
        if found is not None:
            return found
    z, y, x = (n // 2 for n in (1, *server.source.shape)[-3:])
    return z, y, x


def _ratio(panes: Sequence[Pane]) -> float:
    tallest = max(pane.height for pane in panes)
    return float(np.clip(tallest / sum(pane.width for pane in panes) * 1.2, 0.25, 1.5))


def _step(pane: Pane) -> float:
    return min(pane.row_step, pane.col_step)


def _grey(
    pane: Pane, plane: NDArray[Any], scale: tuple[float, float, bool], table: str = "grey"
) -> NDArray[np.float32]:
    window, level, invert = scale
    values = pane.regular(pane.arrange(plane), _step(pane))
    grey = np.clip((values - level) / window + 0.5, 0, 1)
    there = np.isfinite(values)
    shown = np.where(there, 1 - grey if invert else grey, 0.12)
    picture = np.repeat(shown[..., None], 3, axis=2).astype(np.float32)
    if table != "grey":
        picture[there] = lut_of(table)[np.rint(255 * shown[there]).astype(int)] / np.float32(255)
    return picture


def _lay_over(
    picture: NDArray[np.float32],
    step: float,
    pane: Pane,
    mask: NDArray[np.bool_],
    color: NDArray[np.float64],
    opacity: float,
) -> None:
    inside = np.nan_to_num(pane.regular(pane.arrange(mask), step)) > 0
    padded = np.pad(inside, 1)
    core = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    for where, weight in ((inside & core, opacity), (inside & ~core, 1.0)):
        picture[where] = picture[where] * (1 - weight) + color * weight


def _outline(axis: Any, pane: Pane, boxes: Sequence[Mapping[str, Any]], index: int) -> None:
    """Boxes that the plane crosses; their edges are the voxels'."""
    for one in boxes:
        box = one["box"]
        if not box[pane.axis][0] <= index < box[pane.axis][1]:
            continue
        x0, y0, x1, y1 = pane.rectangle(box)
        style = "--" if one["dashed"] else "-"
        shape = Rectangle(
            (x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor=one["color"], linewidth=1.4,
            linestyle=style,
        )  # fmt: skip
        axis.add_patch(shape)
        if one["label"]:
            said = axis.text(x0, y0, one["label"][:60], color="white", fontsize=7, va="bottom")
            said.set_parse_math(False)
            said.set_clip_on(True)


def _layer_handle(layer: DrawnLayer) -> Patch:
    window, level, _ = layer.scale
    said = f"{layer.title}: {level - window / 2:g} to {level + window / 2:g} {layer.units}".strip()
    return Patch(color=lut_of(layer.table)[200] / 255, label=f"{said} ({layer.table})")


def _draw(axis: Any, pane: Pane, picture: NDArray[np.float32], index: int) -> None:
    extent = (0, pane.width, pane.height, 0)
    axis.imshow(picture, extent=extent, interpolation="nearest")
    axis.set_axis_off()
    # a thin stack of slices leaves no room for letters and the scale bar, so the field is larger
    spare = max(0.0, 0.4 * pane.width - pane.height) / 2
    low = pane.height + spare
    axis.set_ylim(low, -spare)
    if pane.name != "plane":
        axis.set_title(
            f"{pane.name}, {'zyx'[pane.axis]} = {index}", color="white", fontsize=9, pad=3
        )
    left, right, top, bottom = pane.marks
    for text, x, y, ha, va in (
        (left, 0.02, 0.5, "left", "center"),
        (right, 0.98, 0.5, "right", "center"),
        (top, 0.5, 0.98, "center", "top"),
        (bottom, 0.5, 0.02, "center", "bottom"),
    ):
        axis.text(x, y, text, color=_GOLD, ha=ha, va=va, transform=axis.transAxes, fontsize=9)
    length = _round_length(pane.width * 0.3)
    x, y = pane.width * 0.04, low - (low + spare) * 0.05
    axis.plot([x, x + length], [y, y], color="white", linewidth=2, solid_capstyle="butt")
    axis.text(
        x, y - (low + spare) * 0.015, f"{length:g} mm", color="white", fontsize=8, va="bottom"
    )


def _round_length(most: float) -> float:
    power = 10.0 ** np.floor(np.log10(most))
    return float(next(k * power for k in (5, 2, 1) if k * power <= most))
