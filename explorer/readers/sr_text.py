"""A structured report of plain text as one text with its headings (DICOM PS3.16 TID 2000)."""

from __future__ import annotations

from explorer.readers.sr_tree import Node

# What a reader of a report reads: not who wrote it, and not where else to look.
_TEXTS = ("TEXT", "CODE", "NUM", "DATE", "TIME", "DATETIME")
_SPATIAL = ("SCOORD", "SCOORD3D", "TCOORD")
_ASIDE = ("HAS OBS CONTEXT", "HAS CONCEPT MOD", "HAS ACQ CONTEXT", "SELECTED FROM")


def report_text(root: Node) -> str:
    """Write the tree as text: a section's name and a colon, then what it says, a line each.

    Parameters
    ----------
    root : Node

    Returns
    -------
    str
        Empty where the tree holds nothing to read.
    """
    lines: list[str] = []
    for child in root.children:
        _write(child, lines)
    return "\n".join(lines).strip()


def _write(node: Node, lines: list[str]) -> None:
    if node.relation in _ASIDE:
        return
    name = node.name.meaning if node.name else ""
    if node.kind == "CONTAINER":
        if name and _says(node):
            lines.extend(["", f"{name}:"] if lines else [f"{name}:"])
    elif node.kind in _TEXTS and (said := said_by(node)):
        lines.append(said if node.kind == "TEXT" or not name else f"{name}: {said}")
    for child in node.children:
        _write(child, lines)


def _says(node: Node) -> bool:
    return any(one.kind in _TEXTS and said_by(one) for one in node.walk())


def said_by(node: Node) -> str:
    """The value of one content item as text."""
    if node.kind == "CODE":
        return node.code.meaning if node.code else ""
    if node.kind == "NUM":
        unit = node.unit.value if node.unit else ""
        return f"{node.text} {unit}".strip()
    return node.text


def is_plain(root: Node) -> bool:
    """Whether a report of no known template is text, and loses nothing by becoming one."""
    found = [one for one in root.walk() if one is not root]
    text = any(one.kind == "TEXT" and one.text for one in found)
    return text and not any(one.kind == "NUM" or one.kind in _SPATIAL for one in found)
