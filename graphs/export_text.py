"""Values of nodes and edges for formats that know no more than numbers and text."""

from __future__ import annotations

import json
import re
from typing import Any

_MARK = "json:"
# What XML 1.0 cannot hold (its section 2.2), and \r, which it would turn into \n.
_BAD = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def export_text(value: Any) -> Any:
    """Make a value a number, a truth value or text; `from_export_text` undoes it.

    Text that XML cannot hold, lists and mappings become ``json:`` and their JSON.

    Parameters
    ----------
    value : object
        JSON-able.

    Returns
    -------
    bool, int, float or str
    """
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        strange = not value or value.startswith(_MARK) or value != value.strip()
        if not strange and not _BAD.search(value):
            return value
    return _MARK + json.dumps(value, ensure_ascii=True)


def from_export_text(value: Any) -> Any:
    """What `export_text` was given."""
    if isinstance(value, str) and value.startswith(_MARK):
        return json.loads(value.removeprefix(_MARK))
    return value
