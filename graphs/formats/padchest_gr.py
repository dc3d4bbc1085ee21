"""PadChest-GR: grounded sentences of chest X-rays, in Spanish and English.

A document is ``[{"StudyID", "ImageID", "findings": [{"sentence_en", "sentence_es", "abnormal",
"boxes", "extra_boxes", "labels", "locations", "progression"}]}]``; boxes are ``[x1, y1, x2, y2]``,
fractions of the picture; keys that are missing (of normal findings mostly) stay missing (Castro et
al., NEJM AI 2025).

A graph that was read is one picture: a sentence a finding, an observation a label ('part_of' its
sentence), an anatomy a location, regions, and 'compared_with' where there is a progression.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from explorer.item_id import item_id
from graphs.anatomy import anatomy
from graphs.errors import FormatError
from graphs.formats.document import Place, dump, parse, pieces
from graphs.formats.grounded import Box, add_box, add_sentence, in_order
from graphs.node import Node
from graphs.producer import Producer
from graphs.scene import SceneGraph

NAME = "padchest_gr"
_LISTS = ("boxes", "extra_boxes")
_NAMES = ("labels", "locations")
_CHANGES = (("improv", "improved"), ("worse", "worsened"), ("stable", "no change"))


def recognises(found: Any) -> bool:
    """Whether a parsed document looks like this format."""
    first = found[0] if isinstance(found, list) and found else found
    named = isinstance(first, dict) and bool({"ImageID", "StudyID"} & set(first))
    return named and "findings" in first


def read(source: Any, producer: Producer | None = None) -> list[SceneGraph]:
    """Read a document, or one study of it.

    Returns
    -------
    list of SceneGraph
        One a study.

    Raises
    ------
    FormatError
    """
    top = Place(parse(source))
    by = producer or Producer(NAME, "import")
    if isinstance(top.found, list):
        texts = [text for _, text in pieces(source)]
        return [_study(one, by, texts[k], k) for k, one in enumerate(top.each())]
    top.as_(dict)
    text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
    return [_study(top, by, text if isinstance(text, str) else dump(text), None)]


def _study(top: Place, by: Producer, text: str, number: int | None) -> SceneGraph:
    graph = SceneGraph(by, document=text)
    ids = (top.maybe("StudyID", str) or "", top.maybe("ImageID", str) or "", str(number))
    prefix = item_id(NAME, *ids)
    for k, one in enumerate(top.each("findings")):
        _finding(graph, prefix, k, one)
    graph.detail = {NAME: {"number": number, "other": top.others("findings")}}
    return graph


def _finding(graph: SceneGraph, prefix: str, k: int, one: Place) -> None:
    said = one.maybe("sentence_en", str) or one.maybe("sentence_es", str) or ""
    abnormal = one.maybe("abnormal", bool)
    lists = {name: one.found.get(name) for name in (*_LISTS, *_NAMES) if one.has(name)}
    kept = {name: (None if value is None else "listed") for name, value in lists.items()}
    boxes = {name: [_box(box) for box in one.each(name)] for name in _LISTS if kept.get(name)}
    names = {n: [x.as_(str) for x in one.each(n)] for n in _NAMES if kept.get(n)}
    other = one.others(*_LISTS, *_NAMES)
    node = add_sentence(graph, prefix, k, said, None, NAME, lists=kept, other=other)
    count = 0
    for name, found in boxes.items():
        for box in found:
            add_box(graph, node, f"{node.id}.b{count}", count, box, NAME, list=name)
            count += 1
    labels = []
    for j, label in enumerate(names.get("labels", ())):
        state = "absent" if abnormal is False and label.casefold() != "normal" else "present"
        labels.append(graph.add(Node(f"{node.id}.o{j}", "observation", label, assertion=state,
                                     detail={NAME: {"ix": j}})))  # fmt: skip
        graph.connect("part_of", labels[-1], node)
    for j, place in enumerate(names.get("locations", ())):
        known = anatomy().find(place)
        detail: dict[str, Any] = {"structure": known.name} if known else {}
        there = graph.add(Node(f"{node.id}.a{j}", "anatomy", place, known.code if known else None,
                               detail={**detail, NAME: {"ix": j}}))  # fmt: skip
        graph.connect("located_at", node, there)
        for label_node in labels:
            graph.connect("located_at", label_node, there)
    progression = one.maybe("progression", str) or ""
    change = next((name for sign, name in _CHANGES if sign in progression.casefold()), None)
    for of in (labels or [node]) if change else ():
        prior = Node(f"{of.id}.prior", of.kind, of.name, detail={"time": "prior"})
        graph.connect("compared_with", of, graph.add(prior),
                      detail={"change": change, "as_said": progression})  # fmt: skip


def _box(place: Place) -> Box:
    found = [one.as_(float) for one in place.each()]
    if len(found) != 4:
        raise place.fail("[x1, y1, x2, y2]")
    x0, y0, x1, y1 = found
    if not (0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1):
        raise FormatError(f"The box {found}", expected="0 <= min <= max <= 1", where=place.path)
    return x0, y0, x1, y1


def write(graphs: SceneGraph | Iterable[SceneGraph]) -> str:
    """Write graphs that were read.

    Raises
    ------
    FormatError
        A graph is of another format.
    """
    found: list[dict[str, Any]] = []
    alone = False
    for graph in [graphs] if isinstance(graphs, SceneGraph) else graphs:
        about = graph.detail.get(NAME)
        if about is None:
            raise FormatError("A graph that is not of PadChest-GR", expected="one by read")
        alone = alone or about["number"] is None
        said = [node for node in in_order(graph, "sentence") if NAME in node.detail]
        findings = [_write(graph, node) for node in said]
        found.append({**about["other"], "findings": findings})
    return dump(found[0] if alone and len(found) == 1 else found)


def _write(graph: SceneGraph, node: Node) -> dict[str, Any]:
    about = node.detail[NAME]
    made: dict[str, Any] = dict(about["other"])
    for name, how in about["lists"].items():
        made[name] = None if how is None else []
    regions = [head for _, head in graph.out(node, "grounded_in")]
    for region in sorted(regions, key=lambda one: one.detail[NAME]["ix"]):
        made[region.detail[NAME]["list"]].append(region.detail["box"])
    labels = [graph.nodes[e.tail] for e in graph.edges if e.kind == "part_of" and e.head == node.id]
    places = [head for _, head in graph.out(node, "located_at")]
    for name, nodes in (("labels", labels), ("locations", places)):
        if nodes:
            nodes.sort(key=lambda one: one.detail[NAME]["ix"])
            made[name] = [one.name for one in nodes]
    return made
