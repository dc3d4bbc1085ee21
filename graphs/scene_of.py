"""The scene graph of a report's findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer.item_id import item_id
from graphs.anatomy import Anatomy, anatomy
from graphs.change_words import change_word
from graphs.edge import Edge
from graphs.finding import Finding
from graphs.grounding.grounding import Grounding
from graphs.measured_value import MeasuredValue
from graphs.node import Node
from graphs.producer import Producer
from graphs.scene import SceneGraph

if TYPE_CHECKING:
    from explorer.report import Report

# What a change means as Chest ImaGenome counts it (Wu et al., NeurIPS 2021 Datasets and
# Benchmarks): of what is not wanted, more is worse.
CHANGES = {
    "new": "worsened",
    "increased": "worsened",
    "stable": "no change",
    "decreased": "improved",
    "resolved": "improved",
}
_WANTED = frozenset({"lung volume", "lung volumes", "aeration", "inspiration", "expansion"})
_OTHER_WAY = {"worsened": "improved", "improved": "worsened"}


def scene_of(
    findings: Iterable[Finding],
    report: Report,
    producer: Producer,
    *,
    groundings: Iterable[Grounding] = (),
    ontology: Anatomy | None = None,
) -> SceneGraph:
    """Make a scene graph of the findings of one report.

    Parameters
    ----------
    findings : iterable of Finding
        Of this report; relations name others by id or by position.
    report : Report
    producer : Producer
        Who found them.
    groundings : iterable of Grounding
        Where some of them lie; abstentions and rejections are left out.
    ontology : Anatomy or None
        Ours where None.

    Returns
    -------
    SceneGraph
        Nodes: an observation a finding (its id), a sentence, the structures, the measurements, and
        regions. Edges: an observation is 'part_of' its sentence, 'located_at' structures,
        'measured_by' numbers, 'grounded_in' regions, and 'compared_with' its own earlier state
        where the report says how it changed: ``detail`` has ``change`` ('improved', 'worsened',
        'no change'), the ``word`` and its ``chars``. Structures are 'part_of' others that are
        there. Each node has a `target` in the report.
    """
    known = ontology or anatomy()
    found = [_named(one, report) for one in findings]
    graph = SceneGraph(producer, f"reports/{report.id}")
    for one in found:
        _finding(graph, one, report, known)
    _relations(graph, found)
    _hierarchy(graph, known)
    for grounding in groundings:
        _grounding(graph, grounding)
    return graph


def _named(finding: Finding, report: Report) -> Finding:
    if finding.id:
        return finding
    name = finding.named(report.patient.key, report.id)
    return replace(finding, id=name, item=report.id)


def _at(graph: SceneGraph, start: int, end: int) -> dict[str, Any]:
    """Where a node stands in the report."""
    return {"target": f"{graph.input}#chars={start}:{end}"}


def _finding(graph: SceneGraph, one: Finding, report: Report, known: Anatomy) -> None:
    text = report.text
    if one.id in graph.nodes:
        return  # the same mention, found twice
    detail = {
        "chars": [one.start, one.end],
        **{name: value for name, value in (("section", one.section), ("side", one.laterality),
           ("said", one.text), ("labels", list(one.labels))) if value},
    }  # fmt: skip
    observation = graph.add(
        Node(one.id, "observation", one.entity, one.code, one.assertion, detail=detail,
             **_at(graph, one.start, one.end))
    )  # fmt: skip
    if one.sentence_end > one.sentence_start:
        place = (one.sentence_start, one.sentence_end)
        name = item_id("s", graph.input, *map(str, place))
        sentence = Node(name, "sentence", text[place[0] : place[1]], detail={"chars": list(place)},
                        **_at(graph, *place))  # fmt: skip
        graph.connect("part_of", observation, graph.add(sentence))
    _anatomy(graph, one, known)
    earlier = _earlier(graph, one, text)
    for k, value in enumerate(one.measurements):
        of = earlier if value.prior and earlier else observation
        graph.connect("measured_by", of, graph.add(_measurement(graph, one, k, value)))


def _anatomy(graph: SceneGraph, one: Finding, known: Anatomy) -> None:
    spans: Sequence[Sequence[int]] = one.detail.get("places") or ()
    for k, name in enumerate(one.anatomy):
        structure = known.get(name)
        code = structure.code if structure else None
        if code is None and len(one.anatomy_codes) == len(one.anatomy):
            code = one.anatomy_codes[k]
        # one structure is one node, wherever a patient's reports and images speak of it
        node = graph.nodes.get(f"anatomy.{name}")
        chars = list(spans[k]) if len(spans) == len(one.anatomy) else None
        if node is None:
            place = chars or [one.sentence_start, one.sentence_end]
            detail = {"side": structure.side} if structure and structure.side else {}
            node = graph.add(Node(f"anatomy.{name}", "anatomy", name, code, detail=detail,
                                  **_at(graph, place[0], place[1])))  # fmt: skip
        graph.connect("located_at", one.id, node, detail={"chars": chars} if chars else None)


def _measurement(graph: SceneGraph, one: Finding, k: int, value: MeasuredValue) -> Node:
    detail = {"value": list(value.value), "chars": [value.start, value.end], "prior": value.prior}
    return Node(
        f"{one.id}.m{k}", "measurement", value.kind, number=max(value.value, default=None),
        unit=value.unit, detail=detail, **_at(graph, value.start, value.end),
    )  # fmt: skip


def _earlier(graph: SceneGraph, one: Finding, text: str) -> Node | None:
    """The finding's own earlier state, and how it compares."""
    prior = any(value.prior for value in one.measurements)
    if one.change is None and not prior:
        return None
    # a new finding was not there; of the others the report speaks as if they were
    state = "absent" if one.change == "new" else "present" if one.change else None
    earlier = graph.add(
        Node(f"{one.id}.prior", "observation", one.entity, one.code, state,
             detail={"time": "prior"}, **_at(graph, one.start, one.end))
    )  # fmt: skip
    if one.change is None:
        graph.connect("compared_with", one.id, earlier)
        return earlier
    change = CHANGES[one.change]
    if one.entity.casefold() in _WANTED:
        change = _OTHER_WAY.get(change, change)
    chars = one.detail.get("change") or change_word(
        one.change, text, one.sentence_start, one.sentence_end, near=one.start
    )
    said = {"word": text[chars[0] : chars[1]], "chars": list(chars)} if chars else {}
    detail = {"change": change, "as_said": one.change, **said}
    graph.connect("compared_with", one.id, earlier, detail=detail)
    return earlier


def _relations(graph: SceneGraph, found: Sequence[Finding]) -> None:
    ids = {one.id for one in found}
    for one in found:
        for relation in one.relations:
            other = relation.other
            if other not in ids and other.isascii() and other.isdigit():
                position = int(other) if len(other) < 9 else len(found)
                other = found[position].id if position < len(found) else other
            if other in ids and other != one.id:
                graph.extend([Edge(relation.kind, one.id, other)])


def _hierarchy(graph: SceneGraph, known: Anatomy) -> None:
    there = {node.name: node for node in graph.of_kind("anatomy")}
    for name, node in there.items():
        if name in known:
            above = next((one for one in known.parents(name) if one in there), None)
            if above:
                graph.connect("part_of", node, there[above])


def _grounding(graph: SceneGraph, grounding: Grounding) -> None:
    kept = grounding.status in ("proposed", "accepted") and grounding.target
    if not kept or grounding.finding not in graph.nodes:
        return
    detail = {"method": grounding.method, "region": grounding.region, "status": grounding.status}
    region = Node(grounding.id, "region", grounding.geometry or "region", target=grounding.target,
                  detail=detail)  # fmt: skip
    graph.connect("grounded_in", grounding.finding, graph.add(region), number=grounding.score)
