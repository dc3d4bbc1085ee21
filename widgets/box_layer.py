"""Boxes over an image: what a person or a grounder marked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from widgets.palette import SKY

Box = list[list[int]]

_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
_FIELDS = {"address", "box", "label", "color", "dashed"}


def box_layer(given: Sequence[Mapping[str, Any]], shape: tuple[int, ...]) -> list[dict[str, Any]]:
    """Boxes with every field set, as the browser needs them.

    Parameters
    ----------
    given : sequence of mapping
        ``box`` ``[[z0, z1], [y0, y1], [x0, x1]]``: voxel edges, half-open (two pairs for a single
        plane); ``address``, ``label`` (both '' by default; hostile text), ``color`` ('#rrggbb'),
        ``dashed``. What reaches out of the image is cut off.
    shape : tuple of int
        ``(z, y, x)`` of the image.

    Returns
    -------
    list of dict

    Raises
    ------
    ValueError
        A field is unknown, or a box is none, is empty, or lies outside of the image.
    """
    return [_checked(dict(one), shape) for one in given]


def _checked(one: dict[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
    unknown = set(one) - _FIELDS
    if unknown or "box" not in one:
        raise ValueError(f"a box with the fields {sorted(one)}: expected {sorted(_FIELDS)}")
    color = one.get("color") or SKY
    if not isinstance(color, str) or not _HEX.match(color):
        raise ValueError(f"a box's color {color!r}: expected '#rrggbb'")
    return {
        "address": str(one.get("address") or ""),
        "box": inside(one["box"], shape),
        "label": str(one.get("label") or ""),
        "color": color,
        "dashed": bool(one.get("dashed", False)),
    }


def inside(box: Any, shape: tuple[int, ...]) -> Box:
    """The part of a box that is in an image.

    Parameters
    ----------
    box : sequence of (int, int)
        Three pairs, or two of a single plane.
    shape : tuple of int
        ``(z, y, x)``.

    Raises
    ------
    ValueError
        It is no box, or none of it is in the image.
    """
    try:
        pairs = [[int(low), int(high)] for low, high in box]
    except (TypeError, ValueError) as error:
        raise ValueError(f"box {box!r}: expected [[z0, z1], [y0, y1], [x0, x1]]") from error
    if len(pairs) == 2 and shape[0] == 1:
        pairs = [[0, 1], *pairs]
    if len(pairs) != 3:
        raise ValueError(f"box {box!r}: expected [[z0, z1], [y0, y1], [x0, x1]]")
    cut = [[max(low, 0), min(high, n)] for (low, high), n in zip(pairs, shape, strict=True)]
    if any(low >= high for low, high in cut):
        raise ValueError(f"box {box!r} is empty, or lies outside of the image's (z, y, x) {shape}")
    return cut
