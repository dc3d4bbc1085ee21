"""Attach a graph that was imported to a patient's report or picture, by exact ids only."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from graphs.formats import maira2
from graphs.node import Node
from graphs.scene import SceneGraph

if TYPE_CHECKING:
    from explorer.image import Image
    from explorer.patient import Patient
    from explorer.report import Report

_NAMES = ("image_id", "dicom_id", "ImageID", "name", "file_name", "id", "example_id")


def attach(
    graph: SceneGraph, patient: Patient, *, report: str | None = None, image: str | None = None
) -> tuple[SceneGraph, str]:
    """Give a graph its input, and its nodes their targets, where they can be told.

    Parameters
    ----------
    graph : SceneGraph
        By one of the readers in `graphs.formats`.
    patient : Patient
    report, image : str or None
        Item ids, where a person knows them. Without, the ids of the document are compared with the
        patient's: of items, of series and instances, and names of files without their ending. Only
        one that is exactly the same counts, and only if a single item has it.

    Returns
    -------
    SceneGraph
        With `input` and targets, or as it was.
    reason : str
        How it was attached, or why it was not; and why some nodes have no target.

    Raises
    ------
    NotFoundError
        The patient has no such report or image.
    """
    if report is not None:
        return _to_report(graph, patient.reports[report], "said by a person")
    if image is not None:
        return _to_image(graph, patient.images[image], "said by a person")
    names = document_ids(graph)
    items = known_ids(patient)
    found = {item for name in names for item in items.get(name, ())}
    if len(found) != 1:
        what = f"{len(found)} items have" if found else "no item has"
        shown = ", ".join(sorted(names)[:4]) or "none"
        return graph, f"not attached: {what} an id of the document ({shown})"
    kind, item = found.pop()
    if kind == "reports":
        return _to_report(graph, patient.reports[item], "the same id")
    return _to_image(graph, patient.images[item], "the same id")


def document_ids(graph: SceneGraph) -> set[str]:
    """Ids of a report or picture that the document itself gives."""
    found: set[str] = set()
    for about in graph.detail.values():
        if isinstance(about, dict):
            for fields in (about, about.get("picture"), about.get("other")):
                if isinstance(fields, dict):
                    found |= {v for n, v in fields.items() if n in _NAMES and isinstance(v, str)}
    names = found | {_stem(name) for name in found}
    # '0', '1', ... count the records of a document, and are nobody's id
    return {name for name in names if name and not (name.isdigit() and len(name) < 5)}


def known_ids(patient: Patient) -> dict[str, set[tuple[str, str]]]:
    """Ids by which a patient's reports and images go, each with the items that have it."""
    found: dict[str, set[tuple[str, str]]] = {}

    def add(name: str | None, kind: str, item: str) -> None:
        if name:
            found.setdefault(name, set()).add((kind, item))

    for text in patient.reports.values():
        add(text.id, "reports", text.id)
        add(text.name, "reports", text.id)
    for row in patient.rows("items"):
        if row["kind"] == "image":
            add(row["item"], "images", row["item"])
            add(row["series_uid"], "images", row["item"])
    for row in patient.rows("files"):
        if row["item"] in patient.images:
            add(row["sop_uid"], "images", row["item"])
            add(_stem(str(row["uri"])), "images", row["item"])
    return found


def _stem(name: str) -> str:
    """A file's name without its folder and its ending."""
    last = PurePosixPath(name.replace("\\", "/")).name
    for ending in (".nii.gz", ".nii", ".dcm", ".png", ".jpg", ".jpeg", ".txt", ".json"):
        last = last.removesuffix(ending)
    return last


def _to_report(graph: SceneGraph, report: Report, how: str) -> tuple[SceneGraph, str]:
    texts = [about.get("text") for about in graph.detail.values() if isinstance(about, dict)]
    text = next((one for one in texts if isinstance(one, str)), None)
    made = replace(graph, input=f"reports/{report.id}", nodes=dict(graph.nodes))
    if text is None:
        return made, f"{how}; the document has no text, so its nodes have no places"
    places = same_characters(text, report.text)
    if places is None:
        return made, f"{how}; the report reads otherwise, so the nodes have no places in it"
    for node in graph.nodes.values():
        chars = node.detail.get("chars")
        if chars:
            start, end = places[chars[0]], places[chars[1] - 1] + 1
            detail = {**node.detail, "chars": [start, end], "chars_document": chars}
            target = f"{made.input}#chars={start}:{end}"
            made.nodes[node.id] = replace(node, target=target, detail=detail)
    return made, how


def same_characters(text: str, other: str) -> list[int] | None:
    """Where each character of a text stands in another that differs in white space alone.

    Returns
    -------
    list of int or None
        White space is given the place of what follows. None: they differ in more.
    """
    mine = [k for k, one in enumerate(text) if not one.isspace()]
    theirs = [k for k, one in enumerate(other) if not one.isspace()]
    if [text[k] for k in mine] != [other[k] for k in theirs]:
        return None
    found = [len(other)] * len(text)
    for k, place in zip(mine, theirs, strict=True):
        found[k] = place
    for k in range(len(text) - 2, -1, -1):
        if text[k].isspace():
            found[k] = found[k + 1]
    return found


def _to_image(graph: SceneGraph, image: Image, how: str) -> tuple[SceneGraph, str]:
    made = replace(graph, input=f"images/{image.id}", nodes=dict(graph.nodes))
    height, width = image.shape[-2:]
    planes = image.shape[-3] if "z" in image.dims else 1
    left = 0
    for node in graph.of_kind("region"):
        target = None if planes != 1 else _target(made.input, node, width, height)
        if target and "z" in image.dims:
            target = target.replace("#box=", "#box=0:1,")
        if target:
            made.nodes[node.id] = replace(node, target=target)
        left += target is None
    return made, f"{how}; {left} regions have no place in the image" if left else how


def _target(of: str, node: Node, width: int, height: int) -> str | None:
    """The pixels that a box touches; None where it is of a picture of another size."""
    box: Any = node.detail.get("box")
    if box is None:
        return None
    x0, y0, x1, y1 = box
    unit = node.detail.get("unit")
    if unit == "fraction":
        x0, y0, x1, y1 = x0 * width, y0 * height, x1 * width, y1 * height
    elif unit == "crop":
        x0, y0, x1, y1 = maira2.to_pixels((x0, y0, x1, y1), width, height)
    elif list(node.detail.get("picture", (width, height))) != [width, height]:
        return None
    if min(x0, y0) < 0 or x1 > width + 1e-6 or y1 > height + 1e-6:
        return None
    rows = math.floor(y0), min(height, math.ceil(y1))
    columns = math.floor(x0), min(width, math.ceil(x1))
    return "{}#box={}:{},{}:{}".format(of, *rows, *columns)
