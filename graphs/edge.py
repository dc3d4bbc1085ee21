"""Edge: what one node of a scene graph has to do with another."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from explorer.item_id import item_id


@dataclass(frozen=True)
class Edge:
    """A typed, directed edge.

    Attributes
    ----------
    kind : str
        'located_at', 'modify', 'suggestive_of', 'measured_by', 'grounded_in', 'part_of',
        'same_as', 'compared_with', 'left_of', 'inside', 'adjacent', ...
    tail, head : str
        Node ids: from `tail` to `head`.
    number : float or None
        Such as a distance, with its `unit`.
    unit : str or None
    detail : dict
        JSON-able; of 'compared_with' ``change``: 'improved', 'worsened' or 'no change'.
    """

    kind: str
    tail: str
    head: str
    number: float | None = None
    unit: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same for the same two nodes and kind."""
        return item_id("e", self.kind, self.tail, self.head)

    def row(self) -> dict[str, Any]:
        """As a row of the table ``edges``."""
        found = {name: value for name, value in vars(self).items() if name != "detail"}
        detail = json.dumps(self.detail, ensure_ascii=False, sort_keys=True)
        return {"edge": self.id, **found, "detail": detail}

    @classmethod
    def of_row(cls, row: dict[str, Any]) -> Edge:
        """Read a row of the table ``edges``."""
        plain = {name: row[name] for name in ("kind", "tail", "head", "number", "unit")}
        return cls(**plain, detail=json.loads(row["detail"] or "{}"))
