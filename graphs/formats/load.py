"""Load a scene graph, whatever format it is in."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from graphs.errors import FormatError
from graphs.formats.document import parse
from graphs.scene import SceneGraph

# In the order in which they are tried; each has `recognises`, `read` and `write`.
FORMATS = (
    "radgraph", "chest_imagenome", "padchest_gr", "rexgroundingct", "ms_cxr", "lunguage", "radfact",
    "maira2", "oncograph",
)  # fmt: skip
_TABLES = ("ms_cxr",)
_TEXTS = ("maira2",)
_MOST = 1 << 28  # bytes


def load(source: Path | str | bytes | dict[str, Any] | list[Any], format: str | None = None) -> (
    list[SceneGraph]
):  # fmt: skip
    """Read the scene graphs of a document.

    Parameters
    ----------
    source : pathlib.Path, str, bytes, dict or list
        A file (a path; a text is never taken for one), a document, or what was parsed of it.
    format : str or None
        One of `FORMATS`; None: told by the document's own keys.

    Returns
    -------
    list of SceneGraph
        Each with the characters of its own part of the document; not attached to any patient.

    Raises
    ------
    FormatError
        It is of no format, of several, or not what its format says.
    """
    if isinstance(source, Path):
        source = _bytes(source)
    found = recognise(source) if format is None else format
    return module(found).read(source)  # type: ignore[no-any-return]


def module(format: str) -> ModuleType:
    """The module of a format: `read`, `write`, `recognises`.

    Raises
    ------
    FormatError
    """
    if format not in FORMATS:
        raise FormatError(f"No format {format!r:.60}", expected=", ".join(FORMATS))
    return import_module(f"graphs.formats.{format}")


def recognise(source: str | bytes | dict[str, Any] | list[Any]) -> str:
    """The format of a document.

    Raises
    ------
    FormatError
        It is of none, or of several.
    """
    text = source
    if isinstance(source, bytes):
        try:
            text = source.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FormatError("The document is not UTF-8", expected="UTF-8") from error
    names: tuple[str, ...] = FORMATS
    if isinstance(text, str):
        start = text.lstrip("\ufeff \t\r\n")[:1]
        if start in ("{", "["):
            text = parse(text)
        else:
            names = (*_TABLES, *_TEXTS)
    fits = [name for name in names if module(name).recognises(text)]
    if len(fits) != 1:
        raise FormatError(
            f"A document of {'several formats: ' + ', '.join(fits) if fits else 'no format'}",
            expected=f"one of {', '.join(FORMATS)}",
            do="say its format",
        )
    return fits[0]


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST:
            raise FormatError(f"A file of {path.stat().st_size} bytes", where=path.name)
        return path.read_bytes()
    except OSError as error:
        raise FormatError(f"The file cannot be read: {error.strerror}", where=path.name) from error
