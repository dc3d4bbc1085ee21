"""Join the browser's modules to the one that anywidget serves."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("js")
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+\.js)";\n', re.MULTILINE)


@cache
def esm(entry: str) -> str:
    """One module of an entry file and all that it imports.

    The files are plain modules of one folder: named imports of each other, named exports, one
    default export in the entry. Their top-level names are unique, so that they can share a scope.

    Parameters
    ----------
    entry : str
        File in ``widgets/js``.

    Returns
    -------
    str
        JavaScript that imports nothing.
    """
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        for needed in _IMPORT.findall((_FOLDER / name).read_text("utf-8")):
            visit(needed)
        order.append(name)

    visit(entry)
    parts = []
    for name in order:
        text = _IMPORT.sub("", (_FOLDER / name).read_text("utf-8"))
        if name != entry:
            text = re.sub(r"^export ", "", text, flags=re.MULTILINE)
        parts.append(f"// {name}\n{text}")
    return "\n".join(parts)


def css(*names: str) -> str:
    """Style sheets of ``widgets/js``, one after the other; `theme.css` has what all views share."""
    return "\n".join((_FOLDER / name).read_text("utf-8") for name in names)
