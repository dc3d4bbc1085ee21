"""MS-CXR: phrases and boxes on chest X-rays, as CSV or as COCO JSON.

The CSV has a row a box: ``category_name, label_text, path, x, y, w, h, image_width, image_height,
dicom_id, split``, pixels from the upper left corner; the JSON has ``images``, ``annotations`` (with
``bbox`` and ``label_text``) and ``categories`` (Boecking et al., ECCV 2022; version 1.1.0).

A graph that was read is one picture: an observation a category, a sentence a phrase, 'part_of' and
'grounded_in' edges, and ``detail["ms_cxr"]`` with the picture's own fields.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from typing import Any

from explorer.item_id import item_id
from graphs.errors import FormatError
from graphs.formats.document import Place, dump, parse
from graphs.node import Node
from graphs.producer import Producer
from graphs.scene import SceneGraph

NAME = "ms_cxr"
COLUMNS = (
    "category_name", "label_text", "path", "x", "y", "w", "h", "image_width", "image_height",
    "dicom_id", "split",
)  # fmt: skip
_OF_BOX = ("category_name", "label_text", "x", "y", "w", "h")
_NEEDED = ("category_name", "label_text", "x", "y", "w", "h", "dicom_id")
_MOST = 1 << 26


def recognises(found: Any) -> bool:
    """Whether a parsed document, or the text of a table, looks like this format."""
    if isinstance(found, str):
        head = found.lstrip("\ufeff").split("\n", 1)[0].strip().replace('"', "").split(",")
        return set(_NEEDED) <= set(head)
    return isinstance(found, dict) and {"images", "annotations", "categories"} <= set(found)


def read(source: Any, producer: Producer | None = None) -> list[SceneGraph]:
    """Read the table or the JSON.

    Parameters
    ----------
    source : str, bytes or dict
    producer : Producer or None

    Returns
    -------
    list of SceneGraph
        One a picture, in the order of the document.

    Raises
    ------
    FormatError
        Of a table it says in which line.
    """
    by = producer or Producer(NAME, "import")
    text = _text(source) if isinstance(source, bytes) else source
    if isinstance(text, str) and not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return _table(text, by)
    return _coco(Place(parse(text)), by)


def _text(source: bytes) -> str:
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError("The table is not UTF-8", expected="UTF-8") from error


def _table(text: str, by: Producer) -> list[SceneGraph]:
    text = text.removeprefix("\ufeff")
    parse(dump(text[:_MOST]))  # refuses what cannot be stored
    lines = _lines(text)
    head = lines[0][1] if lines else []
    if not set(_NEEDED) <= set(head) or len(set(head)) != len(head):
        raise FormatError("The columns are others", expected=", ".join(COLUMNS), where="line 1")
    graphs: dict[str, SceneGraph] = {}
    for number, (raw, cells) in enumerate(lines[1:]):
        where = f"row {number + 1}"
        if len(cells) != len(head):
            raise FormatError(f"{len(cells)} cells", expected=f"{len(head)}", where=where)
        row = dict(zip(head, cells, strict=True))
        name = row["dicom_id"]
        picture = {key: value for key, value in row.items() if key not in _OF_BOX}
        about = {"form": "csv", "head": head, "picture": picture}
        graph = graphs.setdefault(name, SceneGraph(by, document=lines[0][0], detail={NAME: about}))
        graph.document = (graph.document or "") + raw
        box = [_cell(row, key, where) for key in ("x", "y", "w", "h")]
        first = graph.detail[NAME]["picture"]
        kept: dict[str, Any] = {"cells": {key: row[key] for key in ("x", "y", "w", "h")}}
        kept["differs"] = {k: v for k, v in picture.items() if first[k] != v}
        size = [_size(row.get(key)) for key in ("image_width", "image_height")]
        said = (row["category_name"], row["label_text"])
        _box(graph, name, number, said, box, kept, size, where)
    return list(graphs.values())


def _lines(text: str) -> list[tuple[str, list[str]]]:
    """The rows of a table, each with its own characters; blank lines are none."""
    raw = list(io.StringIO(text, newline=""))
    reader = csv.reader(raw, strict=True)
    found: list[tuple[str, list[str]]] = []
    at = 0
    try:
        for cells in reader:
            if cells:
                found.append(("".join(raw[at : reader.line_num]), cells))
            at = reader.line_num
    except csv.Error as error:
        raise FormatError(
            f"Not a table: {error}", expected="CSV", where=f"line {at + 1}"
        ) from error
    return found


def _cell(row: dict[str, str], key: str, where: str) -> float:
    try:
        value = float(row[key])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FormatError(f"{row[key]!r:.60} in {key}", expected="a number of pixels", where=where)
    return value


def _size(cell: str | None) -> float | None:
    try:
        value = float(cell or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def _box(
    graph: SceneGraph, picture: str, number: int, said: tuple[str, str], box: list[float],
    about: dict[str, Any], size: list[float | None], where: str,
) -> None:  # fmt: skip
    """A row: its category, its phrase, its box."""
    x, y, w, h = box
    if min(x, y, w, h) < 0 or max(box) > 2**31:
        raise FormatError(f"The box {box}", expected="x, y, w, h from 0", where=where)
    prefix = item_id(NAME, picture)
    category, phrase = said
    observation = graph.add(
        Node(f"{prefix}.{item_id('o', category)}", "observation", category, assertion="present")
    )
    sentence = graph.add(Node(f"{prefix}.{item_id('s', *said)}", "sentence", phrase))
    if not any(head is sentence for _, head in graph.out(observation, "part_of")):
        graph.connect("part_of", observation, sentence)
    detail: dict[str, Any] = {"box": [x, y, x + w, y + h], "unit": "px"}
    if all(size):
        detail["picture"] = size
    detail[NAME] = {"ix": number, "category": category, **about}
    region = graph.add(Node(f"{prefix}.b{number}", "region", "box", detail=detail))
    graph.connect("grounded_in", sentence, region)


def _coco(top: Place, by: Producer) -> list[SceneGraph]:
    shared = top.others("images", "annotations", "categories")
    names: dict[int, str] = {}
    categories = []
    for one in top.each("categories"):
        names[one.value("id", int)] = one.value("name", str)
        categories.append(one.as_(dict))
    graphs: dict[int, SceneGraph] = {}
    pictures: dict[int, Place] = {}
    for k, one in enumerate(top.each("images")):
        about = {"form": "coco", "ix": k, "picture": one.as_(dict)}
        number = one.value("id", int)
        if number in graphs:
            raise FormatError(f"The picture {number} twice", where=one.path)
        pictures[number] = one
        whole = {"shared": shared, "categories": categories}
        graphs[number] = SceneGraph(by, detail={NAME: {**about, **whole}})
    for k, one in enumerate(top.each("annotations")):
        picture, category = one.value("image_id", int), one.value("category_id", int)
        if picture not in graphs or category not in names:
            raise FormatError("A picture or a category that is not listed", where=one.path)
        box = [part.as_(float) for part in one.each("bbox")]
        if len(box) != 4:
            raise one.at("bbox").fail("[x, y, w, h]")
        about = {"bbox": one.found["bbox"], "category_id": category,
                 "other": one.others("image_id", "category_id", "bbox", "label_text")}  # fmt: skip
        size = [_number(pictures[picture], key) for key in ("width", "height")]
        said = (names[category], one.value("label_text", str))
        _box(graphs[picture], f"{picture}", k, said, box, about, size, one.path)
    for graph in graphs.values():
        graph.document = write(graph)
    return list(graphs.values())


def _number(place: Place, key: str) -> float | None:
    found = place.maybe(key, float)
    return found if found and found > 0 else None


def write(graphs: SceneGraph | Iterable[SceneGraph]) -> str:
    """Write graphs that were read, as the form that they came in; cells are not changed.

    Raises
    ------
    FormatError
        A graph is of another format, or they came in both forms.
    """
    listed = [graphs] if isinstance(graphs, SceneGraph) else list(graphs)
    if len({graph.detail.get(NAME, {}).get("form") for graph in listed}) != 1:
        raise FormatError("Graphs of several forms", expected="those of one document")
    if listed[0].detail.get(NAME) is None:
        raise FormatError("A graph that is not of MS-CXR", expected="one by read")
    if listed[0].detail[NAME]["form"] == "coco":
        return _write_coco(listed)
    rows: list[tuple[int, dict[str, str]]] = []
    for graph in listed:
        for sentence, region in _boxes(graph):
            about = region.detail[NAME]
            said = {"category_name": about["category"], "label_text": sentence.name}
            picture = {**graph.detail[NAME]["picture"], **about["differs"]}
            rows.append((about["ix"], {**picture, **said, **about["cells"]}))
    rows.sort(key=lambda row: row[0])
    head = listed[0].detail[NAME]["head"]
    return _csv([head, *([row[name] for name in head] for _, row in rows)])


def _boxes(graph: SceneGraph) -> Iterable[tuple[Node, Node]]:
    for edge in graph.edges:
        if edge.kind == "grounded_in" and NAME in graph.nodes[edge.head].detail:
            yield graph.nodes[edge.tail], graph.nodes[edge.head]


def _csv(rows: Iterable[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _write_coco(graphs: list[SceneGraph]) -> str:
    images, boxes = [], []
    for graph in graphs:
        about = graph.detail[NAME]
        images.append((about["ix"], about["picture"]))
        for sentence, region in _boxes(graph):
            one = region.detail[NAME]
            said = {"image_id": about["picture"]["id"], "category_id": one["category_id"],
                    "bbox": one["bbox"], "label_text": sentence.name, **one["other"]}  # fmt: skip
            boxes.append((one["ix"], said))
    first = graphs[0].detail[NAME]
    return dump(
        {
            **first["shared"],
            "images": [one for _, one in sorted(images, key=lambda pair: pair[0])],
            "annotations": [one for _, one in sorted(boxes, key=lambda pair: pair[0])],
            "categories": first["categories"],
        }
    )
