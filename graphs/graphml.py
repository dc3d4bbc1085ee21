"""GraphML of any graph: attributes as text, and only characters that XML can hold."""

from __future__ import annotations

import json
import re
from typing import Any

# XML 1.0, section 2.2: all that is not a Char
_NO_CHAR = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def graphml(graph: Any) -> str:
    """Write a networkx graph as GraphML.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        Attributes of any JSON-able kind; None is left out.

    Returns
    -------
    str
        Every attribute is text: numbers by `repr`, lists and dicts as JSON.
    """
    import networkx as nx

    made = type(graph)(**_texts(graph.graph))
    for name, fields in graph.nodes(data=True):
        made.add_node(_clean(str(name)), **_texts(fields))
    for tail, head, fields in graph.edges(data=True):
        made.add_edge(_clean(str(tail)), _clean(str(head)), **_texts(fields))
    return "\n".join(nx.generate_graphml(made))


def _texts(fields: dict[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in fields.items() if value not in (None, {}, [], ())}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, bool | int | float):
        return repr(value)
    return _clean(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))


def _clean(text: str) -> str:
    return _NO_CHAR.sub("\ufffd", text)
