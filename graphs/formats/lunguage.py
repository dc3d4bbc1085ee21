"""LUNGUAGE: entities of a report by sentence, each with attributes and relations.

A document is ``{report: {"sentences": [text], "entities": [{"name", "sent_idx", "ent_idx",
"relations": [{"relation", "value", "obj_ent_idx"}]}]}}``; a relation without ``obj_ent_idx`` is an
attribute (Moon et al., arXiv 2505.21190). Written from that description, not from the data.

A graph that was read is one report: an entity is an observation ('part_of' its sentence where the
document has the sentences), an attribute stays with its entity, a relation is an edge.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from explorer.item_id import item_id
from graphs.errors import FormatError
from graphs.formats.document import Place, dump, parse, pieces
from graphs.formats.grounded import in_order
from graphs.node import Node
from graphs.producer import Producer
from graphs.scene import SceneGraph

NAME = "lunguage"
_STATES = {"dxstatus": {"positive": "present", "negative": "absent"},
           "dxcertainty": {"tentative": "uncertain"}}  # fmt: skip


def recognises(found: Any) -> bool:
    """Whether a parsed document looks like this format."""
    first = next(iter(found.values()), None) if isinstance(found, dict) else None
    entities = first.get("entities") if isinstance(first, dict) else None
    return isinstance(entities, list) and all(
        isinstance(one, dict) and "ent_idx" in one for one in entities
    )


def read(source: Any, producer: Producer | None = None) -> list[SceneGraph]:
    """Read a document.

    Returns
    -------
    list of SceneGraph
        One a report.

    Raises
    ------
    FormatError
    """
    top = Place(parse(source))
    by = producer or Producer(NAME, "import")
    texts = dict(pieces(source)) if isinstance(top.found, dict) else {}
    return [_report(one, name, by, texts[name]) for name, one in top.items()]


def _report(one: Place, name: str, by: Producer, text: str) -> SceneGraph:
    graph = SceneGraph(by, document=text)
    prefix = item_id(NAME, name)
    if one.has("sentences"):
        for k, said in enumerate(one.each("sentences")):
            where = {NAME: {"ix": k}}
            graph.add(Node(f"{prefix}.s{k}", "sentence", said.as_(str), detail=where))
    entities = list(one.each("entities"))
    for k, entity in enumerate(entities):
        number = entity.value("ent_idx", int)
        other = entity.others("name", "ent_idx", "sent_idx", "relations")
        about: dict[str, Any] = {"ix": k, "ent_idx": number, "relations": [], "other": other}
        about["sent_idx"] = entity.value("sent_idx", int)
        about["listed"] = entity.has("relations")
        if f"{prefix}.e{number}" in graph.nodes:
            raise FormatError(f"The entity {number} twice", where=entity.path)
        node = Node(f"{prefix}.e{number}", "observation", entity.value("name", str),
                    assertion=_assertion(entity), detail={NAME: about})  # fmt: skip
        graph.add(node)
        sentence = f"{prefix}.s{about['sent_idx']}"
        if sentence in graph.nodes:
            graph.connect("part_of", node, sentence)
    for entity in entities:
        node = graph.nodes[f"{prefix}.e{entity.value('ent_idx', int)}"]
        for k, relation in enumerate(_relations(entity)):
            kind, head = relation.value("relation", str), relation.maybe("obj_ent_idx", int)
            if head is None:
                node.detail[NAME]["relations"].append([k, relation.found])
                continue
            if f"{prefix}.e{head}" not in graph.nodes:
                raise FormatError(f"No entity {head}", where=relation.path)
            detail: dict[str, Any] = {
                NAME: {"ix": k, "other": relation.others("relation", "obj_ent_idx")}
            }
            graph.connect(kind, node, f"{prefix}.e{head}", detail=detail)
    other = one.others("sentences", "entities")
    graph.detail = {NAME: {"id": name, "sentences": one.has("sentences"), "other": other}}
    return graph


def _relations(entity: Place) -> Iterable[Place]:
    return entity.each("relations") if entity.has("relations") else ()


def _assertion(entity: Place) -> str | None:
    said = None
    for relation in _relations(entity):
        kind = relation.value("relation", str).casefold()
        value = relation.found.get("value")
        if isinstance(value, str):
            said = _STATES.get(kind, {}).get(value.casefold(), said)
    return said


def write(graphs: SceneGraph | Iterable[SceneGraph]) -> str:
    """Write graphs that were read.

    Raises
    ------
    FormatError
        A graph is of another format.
    """
    found: dict[str, Any] = {}
    for graph in [graphs] if isinstance(graphs, SceneGraph) else graphs:
        about = graph.detail.get(NAME)
        if about is None:
            raise FormatError("A graph that is not of LUNGUAGE", expected="one by read")
        made = dict(about["other"])
        if about["sentences"]:
            made["sentences"] = [node.name for node in in_order(graph, "sentence")]
        nodes = [node for node in in_order(graph, "observation") if NAME in node.detail]
        made["entities"] = [_write(graph, node) for node in nodes]
        found[about["id"]] = made
    return dump(found)


def _write(graph: SceneGraph, node: Node) -> dict[str, Any]:
    about = node.detail[NAME]
    made = {"name": node.name, "sent_idx": about["sent_idx"], "ent_idx": about["ent_idx"],
            **about["other"]}  # fmt: skip
    relations = [(k, dict(one)) for k, one in about["relations"]]
    for edge, head in graph.out(node):
        if NAME in edge.detail:
            one = {"relation": edge.kind, "obj_ent_idx": head.detail[NAME]["ent_idx"]}
            relations.append((edge.detail[NAME]["ix"], {**one, **edge.detail[NAME]["other"]}))
    if about["listed"]:
        made["relations"] = [one for _, one in sorted(relations, key=lambda pair: pair[0])]
    return made
