"""Verdict: whether a statement and an image, or two statements, agree."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

Answer = Literal["agrees", "contradicts", "cannot tell"]


@dataclass(frozen=True)
class Verdict:
    """One cue of one finding, checked.

    Attributes
    ----------
    finding : str
        The finding's id.
    cue : str
        'size', 'side', 'slice', 'suvmax', 'count', 'change', 'negation', ...
    verdict : {'agrees', 'contradicts', 'cannot tell'}
    report_value, image_value : str or None
        As shown to people, with units; of a report against itself `image_value` is the other
        statement's.
    evidence : tuple of str
        Addresses without key and version: the words, the voxels.
    reason : str
        By what rule; of 'cannot tell', what is missing.
    detail : dict
    """

    finding: str
    cue: str
    verdict: Answer
    report_value: str | None = None
    image_value: str | None = None
    evidence: tuple[str, ...] = ()
    reason: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """As a row of the table ``verdicts``."""
        found = {name: value for name, value in vars(self).items() if name != "detail"}
        detail = json.dumps(self.detail, ensure_ascii=False, sort_keys=True)
        return {**found, "evidence": list(self.evidence), "detail": detail}

    @classmethod
    def of_row(cls, row: dict[str, Any]) -> Verdict:
        """Read a row of the table ``verdicts``."""
        plain = ("finding", "cue", "verdict", "report_value", "image_value", "reason")
        return cls(
            **{name: row[name] for name in plain},
            evidence=tuple(row["evidence"] or ()),
            detail=json.loads(row["detail"] or "{}"),
        )
