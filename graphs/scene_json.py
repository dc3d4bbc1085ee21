"""Reads the JSON of a scene graph."""

from __future__ import annotations

from typing import Any

from graphs.edge import Edge
from graphs.errors import FormatError
from graphs.formats.document import Place, parse
from graphs.node import Node
from graphs.producer import Producer
from graphs.scene import SceneGraph


def scene_of_json(text: str, form: str, version: int) -> SceneGraph:
    """Read a graph.

    Raises
    ------
    FormatError
    """
    top = Place(parse(text))
    if top.value("format", str) != form or top.value("version", int) != version:
        raise FormatError("Not a scene graph's JSON", expected=f"{form} {version}", where="$")
    by = top.at("producer")
    producer = Producer(
        by.value("name", str),
        by.value("version", str),
        by.maybe("checkpoint", str),
        by.value("settings", dict),
    )
    made = SceneGraph(producer, top.value("input", str), document=top.maybe("document", str))
    made.detail = top.value("detail", dict)
    for one in top.each("nodes"):
        fields = _fields(one, ("code", "assertion", "target"))
        kind = one.value("kind", str)
        if kind not in _KINDS:
            raise one.at("kind").fail(", ".join(_KINDS))
        node = Node(one.value("id", str), kind, one.value("name", str), **fields)  # type: ignore[arg-type]
        if node.id in made.nodes:
            raise FormatError(f"Two nodes {node.id!r}", where=one.path)
        made.nodes[node.id] = node
    for one in top.each("edges"):
        ends = one.value("tail", str), one.value("head", str)
        if not set(ends) <= set(made.nodes):
            raise FormatError(f"An edge between {ends}", expected="ids of nodes", where=one.path)
        made.edges.append(Edge(one.value("kind", str), *ends, **_fields(one, ())))
    return made


_KINDS = ("anatomy", "observation", "lesion", "measurement", "region", "sentence")


def _fields(one: Place, texts: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {name: one.maybe(name, str) for name in (*texts, "unit")}
    return {
        **found,
        "number": one.maybe("number", float),
        "detail": one.maybe("detail", dict) or {},
    }
