"""A report's text as Qt shows it, and where each character of it stands there."""

from __future__ import annotations

from explorer.printable import printable


def shown_text(text: str) -> tuple[str, list[int]]:
    """Text for a QTextDocument, and positions in it.

    Qt counts UTF-16 units, and takes some control characters for its own; these are shown as
    escapes, all others as they are.

    Parameters
    ----------
    text : str
        Hostile.

    Returns
    -------
    shown : str
    at : list of int
        Position of each code point of `text` in the document, and of its end.
    """
    parts: list[str] = []
    at = [0]
    for k, char in enumerate(text):
        if char == "\r":
            part = "" if text[k + 1 : k + 2] == "\n" else "\n"
        elif char == "\t" or 0xFDD0 > ord(char) > 0x20:
            part = char if char == "\t" else printable(char)
        elif 0xFDD0 <= ord(char) <= 0xFDEF:  # no characters; Qt marks frames with them
            part = f"\\u{ord(char):04x}"
        else:
            part = printable(char)
        parts.append(part)
        at.append(at[-1] + sum(2 if ord(one) > 0xFFFF else 1 for one in part))
    return "".join(parts), at
