"""RadFact: pairs of grounded reports, sentences with boxes or without.

A document is ``[{"example_id", "prediction": [{"text", "boxes"}], "target": [...]}]``; ``boxes`` is
null or a list of ``{"x_min", "y_min", "x_max", "y_max"}``, fractions of the picture, never empty
(Bannur et al., MAIRA-2, arXiv 2406.04449; `microsoft/RadFact`). A list of sentences alone is one
report.

A graph that was read is one report; `graphs.formats.grounded.sentences` gives its sentences with
their boxes, ``detail["radfact"]`` its ``example`` (position), ``part`` ('prediction', 'target' or
'report'); `pairs` gives predictions and targets side by side.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from explorer.item_id import item_id
from graphs.errors import FormatError
from graphs.formats.document import Place, dump, parse, pieces
from graphs.formats.grounded import Box, add_sentence, boxes_of, in_order
from graphs.producer import Producer
from graphs.scene import SceneGraph

NAME = "radfact"
PARTS = ("prediction", "target")
CORNERS = ("x_min", "y_min", "x_max", "y_max")


def recognises(found: Any) -> bool:
    """Whether a parsed document looks like this format."""
    first = found[0] if isinstance(found, list) and found else found
    if not isinstance(first, dict):
        return False
    return {"text", "boxes"} <= set(first) or any(
        isinstance(first.get(part), list) for part in PARTS
    )


def read(source: Any, producer: Producer | None = None) -> list[SceneGraph]:
    """Read a document.

    Parameters
    ----------
    source : str, bytes, list or dict
    producer : Producer or None
        Who made the reports, where it is known.

    Returns
    -------
    list of SceneGraph
        One a report: of each pair the prediction, then the target.

    Raises
    ------
    FormatError
    """
    top = Place(parse(source))
    by = producer or Producer(NAME, "import")
    if isinstance(top.found, dict):
        text = pieces([source])[0][1] if isinstance(source, dict) else _text(source)
        return _example(top, 0, by, text, alone=True)
    examples = list(top.each())
    if examples and all(one.as_(dict).keys() >= {"text", "boxes"} for one in examples):
        whole = source if isinstance(source, str | bytes) else pieces([source])[0][1]
        return [_report(top, 0, "report", by, _text(whole), {})]
    made: list[SceneGraph] = []
    for k, ((_, text), one) in enumerate(zip(pieces(source), examples, strict=True)):
        made += _example(one, k, by, text)
    return made


def _text(source: str | bytes) -> str:
    return source.decode("utf-8-sig") if isinstance(source, bytes) else source


def _example(
    one: Place, number: int, by: Producer, text: str, *, alone: bool = False
) -> list[SceneGraph]:
    parts = [part for part in PARTS if one.has(part)]
    if not parts:
        raise FormatError("No report", expected=" or ".join(PARTS), where=one.path)
    more = {"other": one.others(*PARTS), "alone": alone}
    return [_report(one.at(part), number, part, by, text, more) for part in parts]


def _report(
    place: Place, number: int, part: str, by: Producer, text: str, more: dict[str, Any]
) -> SceneGraph:
    graph = SceneGraph(by, document=text)
    graph.detail = {NAME: {"example": number, "part": part, **more}}
    # reports of one file that read alike are not one
    prefix = item_id(NAME, place.path, text)
    for k, one in enumerate(place.each()):
        boxes = None
        if one.at("boxes").found is not None:
            boxes = [read_box(box) for box in one.each("boxes")]
            if not boxes:
                raise FormatError("No boxes", expected="null, or boxes", where=one.step("boxes"))
        add_sentence(graph, prefix, k, one.value("text", str), boxes, NAME,
                     other=one.others("text", "boxes"))  # fmt: skip
    return graph


def read_box(place: Place) -> Box:
    """Read ``{"x_min", "y_min", "x_max", "y_max"}``.

    Raises
    ------
    FormatError
        It leaves the picture, or ends before it begins.
    """
    x0, y0, x1, y1 = (place.value(name, float) for name in CORNERS)
    if not (0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1) or len(place.as_(dict)) != 4:
        raise FormatError(
            f"The box {place.found!r:.100}", expected="0 <= min <= max <= 1", where=place.path
        )
    return x0, y0, x1, y1


def pairs(graphs: Iterable[SceneGraph]) -> list[tuple[SceneGraph | None, SceneGraph | None]]:
    """Predictions and targets side by side; None where a document has one of them only."""
    found: dict[int, dict[str, SceneGraph]] = {}
    for graph in graphs:
        about = graph.detail[NAME]
        found.setdefault(about["example"], {})[about["part"]] = graph
    return [(found[k].get(PARTS[0]), found[k].get(PARTS[1])) for k in sorted(found)]


def write(graphs: SceneGraph | Iterable[SceneGraph]) -> str:
    """Write grounded reports, those of other formats too (each as an example's target)."""
    examples: dict[int, dict[str, Any]] = {}
    alone = False
    for k, graph in enumerate([graphs] if isinstance(graphs, SceneGraph) else graphs):
        about = graph.detail.get(NAME, {"example": k, "part": "target"})
        sentences = phrases(graph)
        if about["part"] == "report":
            return dump(sentences)
        alone = alone or bool(about.get("alone"))
        example = examples.setdefault(about["example"], {})
        example.update({about["part"]: sentences, **about.get("other", {})})
    listed = [examples[k] for k in sorted(examples)]
    return dump(listed[0] if alone and len(listed) == 1 else listed)


def phrases(graph: SceneGraph) -> list[dict[str, Any]]:
    """The sentences of a grounded report as RadFact has them: ``{"text", "boxes"}``."""
    made = []
    for node in in_order(graph, "sentence"):
        boxes = boxes_of(graph, node)
        listed = [dict(zip(CORNERS, box, strict=True)) for box in boxes] if boxes else None
        made.append(
            {"text": node.name, "boxes": listed, **node.detail.get(NAME, {}).get("other", {})}
        )
    return made
