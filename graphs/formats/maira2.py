"""MAIRA-2: grounded text with boxes in bins, on a square cut from the middle of the picture.

``<obj>phrase <box><x55><y45><x70><y56></box></obj>``: a bin b of 0 to 99 is the value (b + 0.5) /
100 of the square's side; the square is the largest in the middle of the picture (Bannur et al.,
arXiv 2406.04449; the model's processor resizes the shorter side to 518 pixels and crops).

A graph that was read holds a sentence a phrase, and its boxes as fractions of the square (``unit``
'crop'); `on_picture` gives the same as fractions of the picture, `to_pixels` and `from_pixels`
convert one box. What of a picture lies outside of the square the model cannot see or say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from explorer.item_id import item_id
from graphs.errors import FormatError
from graphs.formats.grounded import Box, add_sentence, in_order, position
from graphs.node import Node
from graphs.producer import Producer
from graphs.scene import SceneGraph

NAME = "maira2"
BINS = 100

_OBJECT = re.compile(r"<obj>(.*?)</obj>", re.S)
_BOXES = re.compile(r"(?:\s*<box>\s*<x\d+>\s*<y\d+>\s*<x\d+>\s*<y\d+>\s*</box>)+\s*\Z")
_NUMBERS = re.compile(r"<x(\d+)>\s*<y(\d+)>\s*<x(\d+)>\s*<y(\d+)>")
_BIN = re.compile(r"(?:0|[1-9]\d?)\Z", re.A)
_TAG = re.compile(r"</?(?:obj|box)>|<[xy]\d+>")
_MOST = 1 << 22


def recognises(found: Any) -> bool:
    """Whether a text looks like this format."""
    return isinstance(found, str) and "<obj>" in found


def read(source: str | bytes, producer: Producer | None = None) -> list[SceneGraph]:
    """Read a model's answer.

    Parameters
    ----------
    source : str or bytes
    producer : Producer or None

    Returns
    -------
    list of SceneGraph
        One.

    Raises
    ------
    FormatError
        A tag without its partner, a bin that there is none of, a box that ends before it begins;
        it says at which characters.
    """
    text = _decoded(source)
    graph = SceneGraph(producer or Producer(NAME, "import"), document=text)
    prefix = item_id(NAME, text)
    at = 0
    between: list[str] = []
    for found in _OBJECT.finditer(text):
        between.append(_plain(text, at, found.start()))
        at = found.end()
        _phrase(graph, prefix, len(between) - 1, found)
    between.append(_plain(text, at, len(text)))
    graph.detail = {NAME: {"between": between}}
    return [graph]


def _decoded(source: str | bytes) -> str:
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        if not isinstance(text, str) or len(text) > _MOST:
            raise FormatError("Not a text of a sensible length", expected="a model's answer")
        text.encode("utf-8")
    except UnicodeError as error:
        raise FormatError("Not UTF-8 text", expected="UTF-8", where="$") from error
    return text


def _plain(text: str, start: int, end: int) -> str:
    stray = _TAG.search(text, start, end)
    if stray:
        raise FormatError(
            f"The tag {stray[0]}", expected="<obj>phrase <box>...</box></obj>",
            where=f"characters {stray.start()} to {stray.end()}",
        )  # fmt: skip
    return text[start:end]


def _phrase(graph: SceneGraph, prefix: str, ix: int, found: re.Match[str]) -> None:
    inner = found[1]
    tail = _BOXES.search(inner)
    said = inner[: tail.start()] if tail else inner
    _plain(found.string, found.start(1), found.start(1) + len(said))
    boxes: list[Box] = []
    bins: list[list[int]] = []
    for one in _NUMBERS.finditer(tail[0] if tail else ""):
        # a bin is written one way only, so that the same text comes out
        numbers = [int(digits) if _BIN.match(digits) else BINS for digits in one.groups()]
        x0, y0, x1, y1 = numbers
        if max(numbers) >= BINS or x1 < x0 or y1 < y0:
            raise FormatError(f"The box {one[0]}", expected="bins 0 to 99, the lower first",
                              where=f"characters {found.start()} to {found.end()}")  # fmt: skip
        bins.append(numbers)
        boxes.append(tuple((number + 0.5) / BINS for number in numbers))  # type: ignore[arg-type]
    lead = said[: len(said) - len(said.lstrip())]
    trail = said[len(said.rstrip()) :] if said.strip() else ""
    node = add_sentence(graph, prefix, ix, said.strip(), boxes or None, NAME, lead=lead,
                        trail=trail, tail=_BETWEEN.split(tail[0]) if tail else [])  # fmt: skip
    for (_, region), numbers in zip(graph.out(node, "grounded_in"), bins, strict=True):
        region.detail.update(unit="crop")
        region.detail[NAME]["bins"] = numbers


# what stands between the numbers is kept, so that the same text comes out
_BETWEEN = re.compile(r"<[xy]\d+>")


def write(graphs: SceneGraph | Iterable[SceneGraph]) -> str:
    """Write one grounded report as the model writes it.

    Parameters
    ----------
    graphs : SceneGraph or iterable of one
        One that was read, or any with sentences and boxes that are fractions of the square.
    """
    (graph,) = [graphs] if isinstance(graphs, SceneGraph) else list(graphs)
    said = [_write(graph, node) for node in in_order(graph, "sentence")]
    between: list[str] = graph.detail.get(NAME, {}).get("between", [])
    if len(between) != len(said) + 1:
        between = ["", *[" "] * (len(said) - 1), ""]
    return between[0] + "".join(a + b for a, b in zip(said, between[1:], strict=True))


def _write(graph: SceneGraph, node: Node) -> str:
    about = node.detail.get(NAME, {})
    regions = [head for _, head in graph.out(node, "grounded_in") if "box" in head.detail]
    regions.sort(key=position)
    numbers: list[int] = []
    for region in regions:
        numbers += region.detail.get(NAME, {}).get("bins") or bins_of(tuple(region.detail["box"]))
    marks = [f"<{'xy'[k % 2]}{number}>" for k, number in enumerate(numbers)]
    kept = about.get("tail", [])
    if marks and len(kept) == len(marks) + 1:
        tail = kept[0] + "".join(a + b for a, b in zip(marks, kept[1:], strict=True))
    else:
        boxes = ["".join(marks[k : k + 4]) for k in range(0, len(marks), 4)]
        tail = "".join(f"<box>{one}</box>" for one in boxes)
    lead, trail = about.get("lead", ""), about.get("trail", " " if tail else "")
    return f"<obj>{lead}{node.name}{trail}{tail}</obj>"


def bins_of(box: Box) -> list[int]:
    """The bins of fractions of the square."""
    return [min(BINS - 1, max(0, int(value * BINS))) for value in box]


def square(width: float, height: float) -> tuple[float, float, float]:
    """Left, top and side of the square in pixels of the picture."""
    side = min(width, height)
    return (width - side) / 2, (height - side) / 2, side


def to_pixels(box: Box, width: float, height: float) -> Box:
    """A box of the square in pixels of the picture.

    Parameters
    ----------
    box : (x_min, y_min, x_max, y_max)
        Fractions of the square.
    width, height : float
        Of the picture, in pixels.
    """
    left, top, side = square(width, height)
    x0, y0, x1, y1 = box
    return left + x0 * side, top + y0 * side, left + x1 * side, top + y1 * side


def from_pixels(box: Box, width: float, height: float) -> tuple[Box | None, float]:
    """A box in pixels of the picture as fractions of the square.

    Returns
    -------
    box : (x_min, y_min, x_max, y_max) or None
        What of it lies in the square; None where nothing does.
    seen : float
        The share of its area that lies in the square, 0 to 1.
    """
    left, top, side = square(width, height)
    x0, y0, x1, y1 = box
    edges = ((x0 - left) / side, (y0 - top) / side, (x1 - left) / side, (y1 - top) / side)
    cut = [min(1.0, max(0.0, value)) for value in edges]
    area = (x1 - x0) * (y1 - y0)
    inside = (cut[2] - cut[0]) * (cut[3] - cut[1]) * side * side
    if cut[2] <= cut[0] or cut[3] <= cut[1] or area <= 0:
        return None, 0.0
    return (cut[0], cut[1], cut[2], cut[3]), min(1.0, inside / area)


def on_picture(graph: SceneGraph, width: float, height: float) -> SceneGraph:
    """The same with boxes as fractions of a picture of this size."""
    made = replace(graph, nodes=dict(graph.nodes))
    for node in graph.of_kind("region"):
        if node.detail.get("unit") == "crop":
            x0, y0, x1, y1 = to_pixels(tuple(node.detail["box"]), width, height)
            box = [x0 / width, y0 / height, x1 / width, y1 / height]
            detail = {**node.detail, "box": box, "unit": "fraction"}
            made.nodes[node.id] = replace(node, detail=detail)
    return made
