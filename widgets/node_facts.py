"""What is known of a node, as rows of text."""

from __future__ import annotations

from typing import Any

from explorer.printable import printable

_LONGEST = 600  # letters of one value
_MOST = 40
_SAID_ALREADY = frozenset({"patient", "came_as"})


def node_facts(node: str, about: dict[str, Any]) -> list[list[str]]:
    """Name and value of each attribute of a node, its address last.

    Parameters
    ----------
    node : str
        Address.
    about : dict
        As `graphs.assemble` gives it; hostile.

    Returns
    -------
    list of [str, str]
        Printable, and cut where it is long; to be shown as text.
    """
    rows = [
        [name.replace("_", " "), _text(value)]
        for name, value in about.items()
        if value is not None and value != [] and name not in _SAID_ALREADY
    ]
    return [*rows[:_MOST], ["address", node]]


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return _text([f"{name}: {_text(one)}" for name, one in value.items() if one is not None])
    if isinstance(value, list | tuple):
        shown = ", ".join(_text(one) for one in value[:_MOST])
        return f"{shown}, and {len(value) - _MOST} more" if len(value) > _MOST else shown
    said = printable(str(value))
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
