"""Chest ImaGenome: the scene graph of one chest X-ray, by anatomy, and how it compares.

A document is ``{"image_id", "patient_id", "study_id", "StudyOrder", "objects": [{"object_id",
"bbox_name", "x1", "y1", "x2", "y2", "original_x1", ...}], "attributes": [{"bbox_name", "phrases":
[...], "attributes": [["anatomicalfinding|yes|lung opacity"]], "comparison_cues":
[["comparison|yes|improved"]], ...}], "relationships": [{"subject_id", "object_id",
"relationship_names", ...}]}``; of an attribute the lists run side by side, one entry a phrase (Wu
et al., NeurIPS 2021 Datasets and Benchmarks). ``x1`` to ``y2`` are pixels of 224 x 224,
``original_x1`` to ``original_y2`` of the picture.

A graph that was read holds an anatomy node an object, 'grounded_in' its box; a sentence a phrase,
'located_at' the anatomy; an observation an attribute, 'part_of' the sentence and 'located_at' the
anatomy; and 'compared_with' an earlier state for each cue, or the other picture's object for each
relationship, with ``change`` 'improved', 'worsened' or 'no change'.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from explorer.item_id import item_id
from graphs.anatomy import anatomy
from graphs.edge import Edge
from graphs.errors import FormatError
from graphs.formats.document import Place, dump, parse, pieces
from graphs.node import Node
from graphs.producer import Producer
from graphs.scene import SceneGraph

NAME = "chest_imagenome"
CHANGES = ("improved", "worsened", "no change")

SMALL = ("x1", "y1", "x2", "y2")
WHOLE = tuple(f"original_{name}" for name in SMALL)
_LISTS = ("attributes", "comparison_cues")
_SAID = {"yes": "present", "no": "absent"}


def recognises(found: Any) -> bool:
    """Whether a parsed document looks like this format."""
    first = found[0] if isinstance(found, list) and found else found
    return isinstance(first, dict) and {"objects", "attributes", "relationships"} <= set(first)


def read(source: Any, producer: Producer | None = None) -> list[SceneGraph]:
    """Read the graph of one picture, or a list of them.

    Parameters
    ----------
    source : str, bytes, dict or list
    producer : Producer or None
        Who made the annotations, where it is known.

    Returns
    -------
    list of SceneGraph

    Raises
    ------
    FormatError
    """
    top = Place(parse(source))
    by = producer or Producer(NAME, "import")
    if isinstance(top.found, list):
        texts = [text for _, text in pieces(source)]
        return [
            _picture(one, by, text, alone=False)
            for one, text in zip(top.each(), texts, strict=True)
        ]
    top.as_(dict)
    text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
    return [_picture(top, by, text if isinstance(text, str) else dump(text), alone=True)]


def _picture(top: Place, by: Producer, text: str, *, alone: bool) -> SceneGraph:
    graph = SceneGraph(by, document=text)
    reading = _Reading(graph, item_id(NAME, top.value("image_id", str)))
    for k, one in enumerate(top.each("objects")):
        reading.object(k, one)
    rows = [reading.row(k, one) for k, one in enumerate(top.each("attributes"))]
    for k, one in enumerate(top.each("relationships")):
        reading.relationship(k, one)
    other = top.others("objects", "attributes", "relationships")
    graph.detail = {NAME: {"alone": alone, "other": other, "rows": rows}}
    return graph


class _Reading:
    """One picture while it is read.

    Parameters
    ----------
    graph : SceneGraph
    prefix : str
        Of the ids in this graph.
    """

    def __init__(self, graph: SceneGraph, prefix: str) -> None:
        self.graph = graph
        self.prefix = prefix
        self.by_name: dict[str, Node] = {}
        self.by_object: dict[str, Node] = {}
        self.sentences: dict[str, Node] = {}

    def anatomy(self, name: str, about: dict[str, Any] | None = None) -> Node:
        """The node of a name, made where there is none yet."""
        if about is None and name in self.by_name:
            return self.by_name[name]
        known = anatomy().find(name)
        detail: dict[str, Any] = {NAME: about or {}}
        if known:
            detail["structure"] = known.name
        number = sum(node.kind == "anatomy" for node in self.graph.nodes.values())
        code = known.code if known else None
        node = Node(f"{self.prefix}.a{number}", "anatomy", name, code, detail=detail)
        self.by_name.setdefault(name, node)
        return self.graph.add(node)

    def object(self, k: int, one: Place) -> None:
        """An object: an anatomy and its box."""
        name = one.value("bbox_name", str)
        boxes = {}
        for kind, corners in (("small", SMALL), ("whole", WHOLE)):
            if any(one.has(corner) for corner in corners):
                boxes[kind] = [one.value(corner, float) for corner in corners]
        about = {"ix": k, "other": one.others("bbox_name", *SMALL, *WHOLE)}
        node = self.anatomy(name, about)
        if one.maybe("object_id", str):
            self.by_object.setdefault(one.value("object_id", str), node)
        if boxes:
            whole = "whole" in boxes
            detail = {"box": boxes["whole" if whole else "small"], "unit": "px", NAME: boxes}
            if not whole:
                detail["picture"] = [224, 224]
            region = Node(f"{self.prefix}.b{k}", "region", "box", detail=detail)
            self.graph.connect("grounded_in", node, self.graph.add(region))

    def row(self, i: int, one: Place) -> dict[str, Any]:
        """An entry of ``attributes``: what is said of one anatomy, phrase by phrase."""
        node = self.anatomy(one.value("bbox_name", str))
        phrases = [phrase.as_(str) for phrase in one.each("phrases")]
        beside = {
            name: list(Place(value, one.step(name)).each())
            for name, value in one.as_(dict).items()
            if name in _LISTS or (isinstance(value, list) and len(value) == len(phrases) > 0)
        }
        beside.pop("phrases", None)
        for name in _LISTS:
            if one.has(name) and len(beside[name]) != len(phrases):
                raise one.at(name).fail(f"a list of {len(phrases)}, one entry a phrase")
        for j, phrase in enumerate(phrases):
            sentence = self.sentences.get(phrase)
            if sentence is None:
                name = f"{self.prefix}.s{len(self.sentences)}"
                sentence = self.sentences[phrase] = self.graph.add(Node(name, "sentence", phrase))
            more = {name: values[j].found for name, values in beside.items() if name not in _LISTS}
            detail = {NAME: {"row": i, "ix": j, "more": more}}
            self.graph.connect("located_at", sentence, node, detail=detail)
            if "attributes" in beside:
                for k, said in enumerate(beside["attributes"][j].each()):
                    self._attribute((i, j, k), said, sentence, node)
            if "comparison_cues" in beside:
                for k, said in enumerate(beside["comparison_cues"][j].each()):
                    self._cue((i, j, k), said, node)
        other = one.others("bbox_name", "phrases", *beside)
        return {"of": node.id, "lists": [name for name in _LISTS if one.has(name)], "other": other}

    def _attribute(self, at: tuple[int, int, int], said: Place, sentence: Node, node: Node) -> None:
        kind, yes, name = _parts(said)
        about = {"row": at[0], "phrase": at[1], "ix": at[2], "kind": kind}
        made = Node("{}.o{}-{}-{}".format(self.prefix, *at), "observation", name,
                    assertion=_SAID[yes], detail={NAME: about})  # fmt: skip
        self.graph.connect("part_of", self.graph.add(made), sentence)
        self.graph.connect("located_at", made, node)

    def _cue(self, at: tuple[int, int, int], said: Place, node: Node) -> None:
        kind, yes, name = _parts(said)
        prior = self.graph.nodes.get(f"{node.id}.prior") or self.graph.add(
            Node(f"{node.id}.prior", "anatomy", node.name, node.code, detail={"time": "prior"})
        )
        about = {"row": at[0], "phrase": at[1], "ix": at[2], "kind": kind, "yes": yes, "cue": name}
        change = {"change": name} if name in CHANGES and yes == "yes" else {}
        self.graph.connect("compared_with", node, prior, detail={NAME: about, **change})

    def relationship(self, k: int, one: Place) -> None:
        """A comparison of this picture's object with one of an earlier picture."""
        ends = []
        for end in ("subject_id", "object_id"):
            name = one.value(end, str)
            if name not in self.by_object:
                number = len(self.by_object)
                detail = {"time": "prior", NAME: {"object_id": name}}
                called = one.maybe("bbox_name", str) or name
                elsewhere = Node(f"{self.prefix}.e{number}", "anatomy", called, detail=detail)
                self.by_object[name] = self.graph.add(elsewhere)
            ends.append(self.by_object[name])
        names = [part.as_(str) for part in one.each("relationship_names")]
        changes = [name.rsplit("|", 1)[-1] for name in names]
        change = [name for name in changes if name in CHANGES]
        other = one.others("subject_id", "object_id", "relationship_names")
        ids = {end: one.value(end, str) for end in ("subject_id", "object_id")}
        about: dict[str, Any] = {"relationship": k, "names": names, **ids, "other": other}
        told = {"change": change[0]} if change else {}
        self.graph.connect("compared_with", ends[0], ends[1], detail={NAME: about, **told})


def _parts(said: Place) -> tuple[str, str, str]:
    """'anatomicalfinding|yes|lung opacity' in its three parts."""
    parts = said.as_(str).split("|", 2)
    if len(parts) != 3 or parts[1] not in _SAID:
        raise said.fail("kind|yes|name, or kind|no|name")
    return parts[0], parts[1], parts[2]


def write(graphs: SceneGraph | Iterable[SceneGraph]) -> str:
    """Write graphs that were read, or made by `imagenome_of`.

    Raises
    ------
    FormatError
        A graph has no picture.
    """
    listed = [graphs] if isinstance(graphs, SceneGraph) else list(graphs)
    found = [_write(graph) for graph in listed]
    return dump(found[0] if len(found) == 1 and listed[0].detail[NAME]["alone"] else found)


def _write(graph: SceneGraph) -> dict[str, Any]:
    about = graph.detail.get(NAME)
    if about is None:
        raise FormatError("A graph without a picture", expected="one by read or imagenome_of")
    objects = [node for node in graph.of_kind("anatomy") if "ix" in node.detail.get(NAME, {})]
    objects.sort(key=lambda node: node.detail[NAME]["ix"])
    compared = [edge for edge in graph.edges if edge.kind == "compared_with"]
    relations = [edge for edge in compared if "relationship" in _of(edge.detail)]
    relations.sort(key=lambda edge: edge.detail[NAME]["relationship"])
    return {
        **about["other"],
        "objects": [_write_object(graph, node) for node in objects],
        "attributes": [_write_row(graph, i, row) for i, row in enumerate(about["rows"])],
        "relationships": [_write_relation(edge) for edge in relations],
    }


def _write_object(graph: SceneGraph, node: Node) -> dict[str, Any]:
    made = {"bbox_name": node.name, **node.detail[NAME]["other"]}
    for _, region in graph.out(node, "grounded_in"):
        boxes = region.detail.get(NAME, {})
        for kind, corners in (("small", SMALL), ("whole", WHOLE)):
            if kind in boxes:
                made.update(zip(corners, boxes[kind], strict=True))
    return made


def _write_row(graph: SceneGraph, i: int, row: dict[str, Any]) -> dict[str, Any]:
    said = [e for e in graph.edges if e.kind == "located_at" and _of(e.detail).get("row") == i]
    said.sort(key=lambda edge: _of(edge.detail)["ix"])
    made: dict[str, Any] = {
        "bbox_name": graph.nodes[row["of"]].name,
        **row["other"],
        "phrases": [graph.nodes[edge.tail].name for edge in said],
    }
    for edge in said:
        for name, value in _of(edge.detail)["more"].items():
            made.setdefault(name, []).append(value)
    if "attributes" in row["lists"]:
        found = [
            (_of(n.detail)["phrase"], _of(n.detail)["ix"], n) for n in graph.of_kind("observation")
            if _of(n.detail).get("row") == i
        ]  # fmt: skip
        made["attributes"] = _nested(len(said), found, _attribute_text)
    if "comparison_cues" in row["lists"]:
        cues = [
            (_of(e.detail)["phrase"], _of(e.detail)["ix"], e) for e in graph.edges
            if e.kind == "compared_with" and _of(e.detail).get("row") == i
        ]  # fmt: skip
        made["comparison_cues"] = _nested(len(said), cues, _cue_text)
    return made


def _nested(count: int, found: list[tuple[int, int, Any]], text: Any) -> list[list[str]]:
    made: list[list[str]] = [[] for _ in range(count)]
    for phrase, _, one in sorted(found, key=lambda entry: entry[:2]):
        made[phrase].append(text(one))
    return made


def _attribute_text(node: Node) -> str:
    yes = "no" if node.assertion == "absent" else "yes"
    return f"{_of(node.detail)['kind']}|{yes}|{node.name}"


def _cue_text(edge: Edge) -> str:
    about = _of(edge.detail)
    return f"{about['kind']}|{about['yes']}|{about['cue']}"


def _write_relation(edge: Edge) -> dict[str, Any]:
    about = _of(edge.detail)
    ids = {end: about[end] for end in ("subject_id", "object_id")}
    return {**ids, "relationship_names": about["names"], **about["other"]}


def _of(detail: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = detail.get(NAME, {})
    return found
