"""plane_picture: one plane of an image as a PNG with everything that makes it readable."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter, ImageFont

from widgets.pane import Pane
from widgets.presets import Preset

Rect = tuple[float, float, float, float]
_GOLD, _WHITE, _BLACK, _EMPTY = (255, 210, 122), (255, 255, 255), (0, 0, 0), 30


@dataclass(frozen=True)
class Outline:
    """Something that is drawn on a plane.

    Attributes
    ----------
    mask : ndarray, bool
        On the plane, in the array's order.
    color : str
        ``#rrggbb``.
    """

    mask: NDArray[np.bool_]
    color: str


@dataclass(frozen=True)
class Layout:
    """What of a plane is drawn, and how large.

    Attributes
    ----------
    view : tuple of float
        Left, top, width and height in mm of the picture.
    size : int
        Pixels of the longer side.
    box : tuple of float or None
        Left, top, right and bottom in mm of a frame to draw.
    color : str
        Of the frame.
    """

    view: Rect
    size: int = 480
    box: Rect | None = None
    color: str = "#ffb000"


def plane_picture(
    pane: Pane, values: NDArray[Any], grey: Preset, layout: Layout,
    outlines: Sequence[Outline] = (), caption: str = "",
) -> tuple[bytes, tuple[int, int]]:  # fmt: skip
    """Draw a plane: grey values, outlines, a frame, orientation, a scale bar and the window.

    Parameters
    ----------
    pane : Pane
    values : ndarray, (row, column)
        The plane in the array's order, in the image's units.
    grey : Preset
    layout : Layout
    outlines : sequence of Outline
    caption : str
        In the top left corner; nothing of a file.

    Returns
    -------
    png : bytes
    size : tuple of int
        Pixels ``(width, height)``.
    """
    step = min(pane.row_step, pane.col_step)
    left, top, width, height = layout.view
    scale = layout.size / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    window = tuple(round(v / step) for v in (left, top, left + width, top + height))
    plane = pane.regular(pane.arrange(values), step)
    shade = np.clip((np.nan_to_num(plane) - grey.level) / grey.window + 0.5, 0, 1)
    pixels = np.where(np.isnan(plane), _EMPTY, 255 * (1 - shade if grey.invert else shade))
    picture = _cut(pixels.round().astype(np.uint8), window, size).convert("RGB")
    for one in outlines:
        mask = np.nan_to_num(pane.regular(pane.arrange(one.mask), step)) > 0
        whole = _cut((mask * 255).astype(np.uint8), window, size).point(lambda v: 255 * (v > 127))
        inner = whole.filter(ImageFilter.MinFilter(5))
        edge = (np.asarray(whole) > 0) & (np.asarray(inner) == 0)
        picture.paste(one.color, mask=Pillow.fromarray((edge * 255).astype(np.uint8)))
    draw = ImageDraw.Draw(picture)
    if layout.box is not None:
        corners = [((v - (left if k % 2 == 0 else top)) * scale) for k, v in enumerate(layout.box)]
        draw.rectangle([c + d for c, d in zip(corners, (-3, -3, 3, 3), strict=True)],
                       outline=layout.color, width=2)  # fmt: skip
    _write(draw, size, pane, grey, caption)
    _bar(draw, size, scale)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue(), size


def _cut(pixels: NDArray[np.uint8], window: Sequence[int], size: tuple[int, int]) -> Pillow.Image:
    x0, y0, x1, y1 = window
    cut = Pillow.fromarray(pixels).crop((x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)))
    return cut.resize(size, Pillow.Resampling.BICUBIC)


def _text(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, anchor: str,
          color: tuple[int, int, int] = _WHITE, size: int = 17) -> None:  # fmt: skip
    font = ImageFont.load_default(size)
    draw.text(at, text, fill=color, font=font, anchor=anchor, stroke_width=1, stroke_fill=_BLACK)


def _write(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], pane: Pane, grey: Preset, caption: str
) -> None:
    width, height = size
    for text, x, y, anchor in zip(
        pane.marks, (7, width - 7, width / 2, width / 2),
        (height / 2, height / 2, 6, height - 6), ("lm", "rm", "mt", "mb"), strict=True,
    ):  # fmt: skip
        _text(draw, (x, y), text, anchor, _GOLD, 21)
    _text(draw, (8, 7), caption, "lt")
    _text(draw, (width - 8, height - 7), f"W/L {grey.window:g} / {grey.level:g}", "rb")


def _bar(draw: ImageDraw.ImageDraw, size: tuple[int, int], scale: float) -> None:
    most = size[0] * 0.28 / scale
    power = 10.0 ** np.floor(np.log10(most))
    length = float(next(k * power for k in (5, 2, 1) if k * power <= most))
    x, y = 10, size[1] - 12
    draw.rectangle([x - 1, y - 3, x + length * scale + 1, y + 1], fill=_BLACK)
    draw.rectangle([x, y - 2, x + length * scale, y], fill=_WHITE)
    _text(draw, (x, y - 6), f"{length:g} mm", "lb")
