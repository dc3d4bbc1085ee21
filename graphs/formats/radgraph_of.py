"""Our findings in RadGraph's form, so that both can be compared."""

from __future__ import annotations

import re
from typing import Any

from graphs.formats.radgraph import NAME, RELATIONS
from graphs.node import Node
from graphs.scene import SceneGraph

# RadGraph's texts are tokens with spaces between them: words, numbers and single marks
_TOKEN = re.compile(r"\d+(?:\.\d+)?|\w+|[^\w\s]")
_STATES = ("present", "absent", "uncertain")


def radgraph_of(graph: SceneGraph, text: str, *, name: str = "0") -> SceneGraph:
    """Make entities of tokens out of a graph of findings.

    Parameters
    ----------
    graph : SceneGraph
        By `graphs.scene_of`.
    text : str
        The report.
    name : str
        The report's id in the document.

    Returns
    -------
    SceneGraph
        As `graphs.formats.radgraph.read` gives it: observations in their own words, an anatomy
        for each place that is named, and the relations that RadGraph knows. What is not assessed,
        earlier states and measurements are left out; modifiers are not entities of ours, so the
        graph says less than RadGraph would.
    """
    spans = [match.span() for match in _TOKEN.finditer(text)]
    words = [text[start:end] for start, end in spans]
    made = SceneGraph(graph.producer, graph.input)
    made.detail = {
        NAME: {"id": name, "text": " ".join(words), "labeler": None, "labels": "long", "other": {}}
    }
    offsets = [0]
    for word in words:
        offsets.append(offsets[-1] + len(word) + 1)
    ids: dict[Any, str] = {}

    def entity(key: Any, chars: list[int], kind: str, assertion: str) -> str | None:
        """The entity at a place of the report; None where no token is there."""
        inside = [k for k, (a, b) in enumerate(spans) if a < chars[1] and b > chars[0]]
        if key in ids or not inside:
            return ids.get(key)
        first, last = inside[0], inside[-1]
        tokens = " ".join(words[first : last + 1])
        number = str(len(ids) + 1)
        about = {"id": number, "start_ix": first, "end_ix": last, "tokens": tokens}
        place = [offsets[first], offsets[last + 1] - 1]
        node = Node(f"{NAME}.{name}.{number}", kind, tokens, assertion=assertion,  # type: ignore[arg-type]
                    detail={"chars": place, NAME: about})  # fmt: skip
        ids[key] = made.add(node).id
        return ids[key]

    for node in graph.of_kind("observation"):
        if node.assertion in _STATES and node.detail.get("chars"):
            entity(node.id, node.detail["chars"], "observation", str(node.assertion))
    for edge in graph.edges:
        if edge.kind not in RELATIONS or edge.tail not in ids:
            continue
        chars = edge.detail.get("chars")
        if chars and graph.nodes[edge.head].kind == "anatomy":
            head = entity(tuple(chars), chars, "anatomy", "present")
        else:
            head = ids.get(edge.head)
        if head is not None and head != ids[edge.tail]:
            made.connect(edge.kind, ids[edge.tail], head)
    return made
