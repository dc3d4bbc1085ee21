"""HTML for people to look at; every text of a source is escaped on its way in."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

_CELL = "padding:2px 10px 2px 0;text-align:left;vertical-align:top"


class Raw(str):
    """HTML that this package made itself; everything else is escaped."""

    __slots__ = ()


def cell(value: Any) -> str:
    """One value as HTML text.

    Parameters
    ----------
    value : object
        None is shown as a dash; `Raw` as it is; everything else escaped.
    """
    if isinstance(value, Raw):
        return value
    if value is None:
        return "&ndash;"
    if isinstance(value, tuple | list):
        value = " × ".join(str(part) for part in value)  # noqa: RUF001 - a multiplication sign
    if isinstance(value, float):
        value = f"{value:g}"
    return escape(str(value))


def table_html(head: Sequence[str], rows: Sequence[Sequence[Any]], caption: str = "") -> str:
    """A table.

    Parameters
    ----------
    head : sequence of str
    rows : sequence of sequences
    caption : str
    """
    top = "".join(f'<th scope="col" style="{_CELL}">{escape(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{cell(value)}</td>' for value in row) + "</tr>"
        for row in rows
    )
    title = (
        f'<caption style="caption-side:top;text-align:left;font-weight:600">'
        f"{escape(caption)}</caption>"
        if caption
        else ""
    )
    return (
        f'<table style="border-collapse:collapse">{title}<thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def thumbnail(plane: NDArray[Any], aspect: float, *, inverted: bool = False) -> Raw:
    """A small picture as an ``<img>`` with its bytes in it, grey or in colour.

    Parameters
    ----------
    plane : ndarray, (row, column) or (3, row, column)
        Values as they should be shown, first row on top; red, green and blue from 0 up.
    aspect : float
        Height of a pixel over its width.
    inverted : bool
        High values dark (PET, MONOCHROME1).
    """
    values = np.asarray(plane, np.float32)
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, (1, 99.5)) if finite.size else (0.0, 1.0)
    grey = np.clip((np.nan_to_num(values) - low) / max(float(high - low), 1e-6), 0, 1)
    if inverted:
        grey = 1 - grey
    if values.ndim == 3:  # the colours' own range, so that they stay what they are
        full = 255 if not finite.size or finite.max() <= 255 else 65535
        grey = np.clip(np.nan_to_num(values) / full, 0, 1).transpose(1, 2, 0)
    picture = Pillow.fromarray((grey * 255).astype(np.uint8))
    height, width = picture.height * aspect, float(picture.width)
    scale = 72 / max(height, width)
    picture = picture.resize((max(1, round(width * scale)), max(1, round(height * scale))))
    out = io.BytesIO()
    picture.save(out, "PNG")
    data = base64.b64encode(out.getvalue()).decode("ascii")
    return Raw(f'<img alt="" src="data:image/png;base64,{data}">')
