"""RadGraph and RadGraph-XL: entities of a report by token, and relations between them.

A document is ``{report: {"text", "entities": {id: {"tokens", "label", "start_ix", "end_ix",
"relations": [[kind, id]]}}, "data_source", "data_split"}}``; indices count tokens, which stand
between white space, and are inclusive. Reports of the test set hold ``labeler_1`` and
``labeler_2`` instead, each with its own entities (Jain et al., NeurIPS 2021 Datasets and
Benchmarks; Delbrouck et al., Findings of ACL 2024).

A graph that was read holds a node an entity, in ``nodes`` by order of the document:

- ``kind`` 'anatomy', 'observation', or 'measurement' (RadGraph-XL); ``assertion`` 'present',
  'absent' or 'uncertain'; ``name`` the tokens; `label_of` gives the label;
- ``detail["chars"]`` its place in the text, ``detail["radgraph"]`` its ``id``, ``start_ix`` and
  ``end_ix``;

an edge a relation, and ``detail["radgraph"]`` with the report's ``id``, ``text``, and ``labels``
('short': OBS-DP; 'long': Observation::definitely present).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from explorer.item_id import item_id
from graphs.errors import FormatError
from graphs.formats.document import Place, dump, parse, pieces
from graphs.node import Node, NodeKind
from graphs.producer import Producer
from graphs.scene import SceneGraph

NAME = "radgraph"
RELATIONS = ("located_at", "modify", "suggestive_of")

_SHORT = {
    "OBS-DP": ("observation", "present"),
    "OBS-DA": ("observation", "absent"),
    "OBS-U": ("observation", "uncertain"),
    "ANAT-DP": ("anatomy", "present"),
}
_LONG = {"definitely present": "present", "definitely absent": "absent", "uncertain": "uncertain"}
_KINDS: dict[str, NodeKind] = {"Observation": "observation", "Anatomy": "anatomy"}
_TOKEN = re.compile(r"\S+")
_ENTITY = ("tokens", "label", "start_ix", "end_ix", "relations")


def recognises(found: Any) -> bool:
    """Whether a parsed document looks like this format."""
    if not isinstance(found, dict) or not found:
        return False
    first = next(iter(found.values()))
    return isinstance(first, dict) and ({"text", "entities"} <= set(first) or "labeler_1" in first)


def read(source: Any, producer: Producer | None = None) -> list[SceneGraph]:
    """Read a document.

    Parameters
    ----------
    source : str, bytes or dict
    producer : Producer or None
        Who made the annotations, where it is known.

    Returns
    -------
    list of SceneGraph
        One a report, or one a labeler of it; not attached to any patient.

    Raises
    ------
    FormatError
        Also where the tokens of an entity are not those of the text at its indices.
    """
    top = Place(parse(source))
    documents = dict(pieces(source)) if isinstance(top.found, dict) else {}
    made = []
    for name, report in top.items():
        labelers = [key for key in report.as_(dict) if key.startswith("labeler_")]
        for labeler in labelers or [None]:
            graph = SceneGraph(producer or Producer(NAME, "import"), document=documents.get(name))
            holder = report.at(labeler) if labeler else report
            _read_report(graph, name, report, holder, labeler)
            if labeler:
                graph.detail[NAME]["report"] = report.others("text", *labelers)
            made.append(graph)
    return made


def _read_report(
    graph: SceneGraph, name: str, report: Place, holder: Place, labeler: str | None
) -> None:
    text = report.value("text", str)
    spans = [match.span() for match in _TOKEN.finditer(text)]
    prefix = item_id(NAME, name, labeler or "")
    styles = set()
    entities = list(holder.at("entities").items())
    for key, one in entities:
        style, node = _entity(key, one, text, spans, prefix)
        styles.add(style)
        graph.add(node)
    if len(styles) > 1:
        raise FormatError("Labels of RadGraph and of RadGraph-XL", expected="one of them",
                          where=holder.path)  # fmt: skip
    for key, one in entities:
        for relation in one.each("relations"):
            pair = [part.as_(str) for part in relation.each()]
            if len(pair) != 2 or pair[0] not in RELATIONS:
                raise relation.fail(f"a pair of one of {RELATIONS} and an entity")
            if f"{prefix}.{pair[1]}" not in graph.nodes:
                raise FormatError(f"No entity {pair[1]!r}", expected="an id of this report",
                                  where=relation.path)  # fmt: skip
            graph.connect(pair[0], f"{prefix}.{key}", f"{prefix}.{pair[1]}")
    other = holder.others("entities") if labeler else holder.others("text", "entities")
    graph.detail = {NAME: {"id": name, "text": text, "labeler": labeler,
                           "labels": next(iter(styles), "short"), "other": other}}  # fmt: skip


def _entity(
    key: str, one: Place, text: str, spans: list[tuple[int, int]], prefix: str
) -> tuple[str, Node]:
    tokens = one.value("tokens", str)
    start, end = one.value("start_ix", int), one.value("end_ix", int)
    if not 0 <= start <= end < len(spans):
        raise FormatError(
            f"Tokens {start} to {end}", expected=f"within 0 to {len(spans) - 1}", where=one.path
        )
    chars = (spans[start][0], spans[end][1])
    said = text[chars[0] : chars[1]]
    if said.split() != tokens.split():
        raise FormatError(f"The tokens {tokens!r:.80}", expected=f"{said!r:.80}, by the indices",
                          where=one.path)  # fmt: skip
    style, kind, assertion, of = _label(one.at("label"))
    detail: dict[str, Any] = {
        "chars": list(chars),
        NAME: {"id": key, "start_ix": start, "end_ix": end, "tokens": tokens},
    }
    if of:
        detail[NAME]["of"] = of
    other = one.others(*_ENTITY)
    if other:
        detail[NAME]["other"] = other
    return style, Node(f"{prefix}.{key}", kind, tokens, assertion=assertion, detail=detail)


def _label(place: Place) -> tuple[str, NodeKind, str, str]:
    """How it is spelled, kind, assertion, and what a measurement is of."""
    label = place.as_(str)
    if label in _SHORT:
        kind, assertion = _SHORT[label]
        return "short", kind, assertion, ""  # type: ignore[return-value]
    parts = label.split("::")
    if parts[0] in _KINDS and parts[-1] in _LONG and len(parts) in (2, 3):
        if len(parts) == 2:
            return "long", _KINDS[parts[0]], _LONG[parts[1]], ""
        if parts[1] == "measurement":
            return "long", "measurement", _LONG[parts[2]], parts[0]
    raise place.fail(f"one of {', '.join(_SHORT)}, or 'Observation::definitely present', ...")


def label_of(node: Node, labels: str = "long") -> str:
    """The label of a node in RadGraph's spelling.

    Parameters
    ----------
    node : Node
    labels : {'long', 'short'}

    Raises
    ------
    FormatError
        The spelling has no such label (an absent anatomy in RadGraph).
    """
    assertion = node.assertion or "present"
    if labels == "short":
        for label, what in _SHORT.items():
            if what == (node.kind, assertion):
                return label
    long = next((text for text, short in _LONG.items() if short == assertion), None)
    if labels == "long" and long and node.kind in ("observation", "anatomy"):
        return f"{node.kind.capitalize()}::{long}"
    if labels == "long" and long and node.kind == "measurement":
        return f"{node.detail.get(NAME, {}).get('of', 'Observation')}::measurement::{long}"
    raise FormatError(
        f"No label for a node of kind {node.kind!r}, {assertion}",
        expected="an observation or an anatomy",
    )


def write(graphs: SceneGraph | Iterable[SceneGraph]) -> str:
    """Write graphs that have tokens: those that were read, and those of `radgraph_of`.

    Raises
    ------
    FormatError
        A graph has no text, or a node no tokens.
    """
    found: dict[str, Any] = {}
    for graph in [graphs] if isinstance(graphs, SceneGraph) else graphs:
        about = graph.detail.get(NAME)
        if about is None:
            raise FormatError("A graph without tokens", expected="one by read or radgraph_of")
        entities = _entities(graph, about["labels"])
        report = found.setdefault(about["id"], {"text": about["text"]})
        if about["labeler"]:
            report[about["labeler"]] = {"entities": entities, **about["other"]}
            report.update(about["report"])
        else:
            report.update({"entities": entities, **about["other"]})
    return dump(found)


def _entities(graph: SceneGraph, labels: str) -> dict[str, Any]:
    ids: dict[str, str] = {}
    made: dict[str, Any] = {}
    for node in graph.nodes.values():
        about = node.detail.get(NAME)
        if about is None:
            raise FormatError(f"The node {node.id!r} has no tokens", expected="start_ix, end_ix")
        ids[node.id] = about["id"]
        made[about["id"]] = {
            "tokens": about["tokens"],
            "label": label_of(node, labels),
            "start_ix": about["start_ix"],
            "end_ix": about["end_ix"],
            "relations": [],
            **about.get("other", {}),
        }
    for edge in graph.edges:
        if edge.kind in RELATIONS:
            made[ids[edge.tail]]["relations"].append([edge.kind, ids[edge.head]])
    return made
