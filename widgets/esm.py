"""Join the browser's modules to the one that anywidget serves."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("js")
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./((?:vendor/)?\w+\.js)";\n', re.MULTILINE)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
_HEARD = "heard.js"  # is put around what every entry exports
_EXPORT = re.compile(r"export\s*\{([^{}]*)\};?\s*\Z")


@cache
def esm(entry: str) -> str:
    """One module of an entry file and all that it imports.

    The files are plain modules of one folder: named imports of each other, named exports, one
    default export in the entry. Their top-level names are unique, so that they can share a scope;
    a bundle of ``vendor/`` gets a scope of its own, since its short names are anybody's.

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
    parts = [f"// {_HEARD}\n{_plain(_HEARD)}"]
    for name in order:
        text = _IMPORT.sub("", (_FOLDER / name).read_text("utf-8"))
        if name.startswith("vendor/"):
            text = _enclosed(text)
        elif name == entry:
            text = _DEFAULT.sub("const oncographEntry = ", text)
        else:
            text = re.sub(r"^export ", "", text, flags=re.MULTILINE)
        parts.append(f"// {name}\n{text}")
    return "\n".join([*parts, "export default heard(oncographEntry);\n"])


def _plain(name: str) -> str:
    return re.sub(r"^export ", "", (_FOLDER / name).read_text("utf-8"), flags=re.MULTILINE)


def _enclosed(bundle: str) -> str:
    """A bundle whose last statement is ``export { a as b };`` as constants of its exports."""
    found = _EXPORT.search(bundle)
    if found is None:
        raise ValueError("a bundle ends with export { name as name }; see vendor/README.md")
    pairs = [one.split() for one in found[1].split(",")]
    names = ", ".join(pair[-1] for pair in pairs)
    given = ", ".join(f"{pair[-1]}: {pair[0]}" for pair in pairs)
    # a bundle may ask whether its own name is taken on the page: `const` would be an error then
    return (
        f"var {{ {names} }} = (() => {{\n{bundle[: found.start()]}\nreturn {{ {given} }};\n}})();\n"
    )


def css(*names: str) -> str:
    """Style sheets of ``widgets/js``, one after the other; `theme.css` has what all views share."""
    return "\n".join((_FOLDER / name).read_text("utf-8") for name in names)
