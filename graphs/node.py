"""Node: one thing of a scene graph."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

NodeKind = Literal["anatomy", "observation", "lesion", "measurement", "region", "sentence"]


@dataclass(frozen=True)
class Node:
    """A thing that a scene graph speaks of.

    Attributes
    ----------
    id : str
        Stable within the patient.
    kind : {'anatomy', 'observation', 'lesion', 'measurement', 'region', 'sentence'}
    name : str
        Hostile where it comes from a report.
    code : str or None
        ``SCHEME:value``.
    assertion : str or None
        'present', 'absent', 'uncertain' of an observation.
    target : str or None
        Where it stands: an address without key and version.
    number : float or None
    unit : str or None
    detail : dict
        JSON-able; what a format knows beyond this stands under the format's name.
    """

    id: str
    kind: NodeKind
    name: str
    code: str | None = None
    assertion: str | None = None
    target: str | None = None
    number: float | None = None
    unit: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """As a row of the table ``nodes``."""
        found = {name: value for name, value in vars(self).items() if name not in ("id", "detail")}
        detail = json.dumps(self.detail, ensure_ascii=False, sort_keys=True)
        return {"node": self.id, **found, "detail": detail}

    @classmethod
    def of_row(cls, row: dict[str, Any]) -> Node:
        """Read a row of the table ``nodes``."""
        plain = ("kind", "name", "code", "assertion", "target", "number", "unit")
        found = {name: row[name] for name in plain}
        return cls(row["node"], **found, detail=json.loads(row["detail"] or "{}"))
