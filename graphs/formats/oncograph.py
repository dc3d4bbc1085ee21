"""Scene graphs in our own JSON, one or a list of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from graphs.formats.document import parse
from graphs.producer import Producer
from graphs.scene import SceneGraph

NAME = "oncograph"


def recognises(found: Any) -> bool:
    """Whether a parsed document looks like this format."""
    first = found[0] if isinstance(found, list) and found else found
    return isinstance(first, dict) and first.get("format") == "oncograph-scene"


def read(source: Any, producer: Producer | None = None) -> list[SceneGraph]:
    """Read a document; `producer` takes the place of what it says.

    Raises
    ------
    FormatError
    """
    found = parse(source)
    made = []
    for one in found if isinstance(found, list) else [found]:
        graph = SceneGraph.from_json(json.dumps(one, ensure_ascii=False))
        graph.producer = producer or graph.producer
        made.append(graph)
    return made


def write(graphs: SceneGraph | Iterable[SceneGraph]) -> str:
    """Write one graph, or a list."""
    if isinstance(graphs, SceneGraph):
        return graphs.to_json(document=True)
    return f"[{','.join(graph.to_json(document=True) for graph in graphs)}]"
