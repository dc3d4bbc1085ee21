"""A cell of a CSV file that no spreadsheet takes for a formula."""

from __future__ import annotations

import re
from typing import Any

_FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


def safe_cell(value: Any) -> str:
    """Text of a cell; what would begin a formula gets an apostrophe before it.

    As OWASP's page on CSV injection has it, full-width signs too.
    Numbers stay as they are.
    """
    if value is None or value != value:  # NaN
        return ""
    text = str(value).replace("\0", "")
    if _NUMBER.fullmatch(text):
        return text
    return f"'{text}" if _FORMULA.match(text.lstrip(" ")) or _FORMULA.match(text) else text
