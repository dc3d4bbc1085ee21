"""shown: any text as HTML text, exactly as it reads."""

from __future__ import annotations

from html import escape
from typing import Any

from explorer.html import Raw
from explorer.printable import printable

_KEPT = {"\n", "\t"}


def shown(value: Any) -> str:
    """Escape a value; nothing in it can become markup.

    Line ends and tabs stay; other control characters and bytes that are no UTF-8, which HTML
    cannot hold, are written as escapes. Marks of direction stay: whoever shows the text isolates
    it (``unicode-bidi: isolate``).

    Parameters
    ----------
    value : object
        None is a dash; `explorer.html.Raw` stays as it is.

    Returns
    -------
    str
    """
    if isinstance(value, Raw):
        return value
    if value is None:
        return "&ndash;"
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return escape("".join(c if c in _KEPT or not _odd(c) else printable(c) for c in text))


def _odd(c: str) -> bool:
    code = ord(c)
    return code < 32 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code & 0xFFFE == 0xFFFE
