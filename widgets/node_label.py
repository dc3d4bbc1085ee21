"""The few words that stand beside a node of a patient graph."""

from __future__ import annotations

from typing import Any

from explorer.printable import printable

_LETTERS = 120


def node_label(about: dict[str, Any]) -> str:
    """Name a node, with its value and how it is meant.

    Parameters
    ----------
    about : dict
        A node's attributes, as `graphs.assemble` gives them; hostile.

    Returns
    -------
    str
        One line, at most 120 letters; to be shown as text.
    """
    kind, name = about.get("kind"), str(about.get("name") or "")
    if kind == "patient":
        return f"patient {name[:8]}"
    if kind == "study":
        name = f"study {about['date']}" if about.get("date") else "study"
    if kind == "finding" and about.get("assertion") not in (None, "present"):
        name = f"{name} ({about['assertion']})"
    value = _value(about)
    if value is not None:
        name = f"{name}: {value}"
        if about.get("unit") not in (None, "", "1"):
            name += f" {about['unit']}"
    elif about.get("state") not in (None, "", "present"):
        name = f"{name}: {about['state']}"
    line = " ".join(printable(name or str(kind)).split())
    return line if len(line) <= _LETTERS else f"{line[: _LETTERS - 1]}…"


def _value(about: dict[str, Any]) -> str | None:
    if about.get("value") is not None:
        return str(about["value"])
    if about.get("number") is not None:
        return f"{about['number']:.4g}"
    if about.get("values"):
        return " x ".join(f"{one:g}" for one in about["values"])
    return None
