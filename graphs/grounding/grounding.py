"""Grounding: where in the images a statement lies, how that was found, or why it is not known."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

from explorer.html import cell, table_html
from explorer.item_id import item_id

Status = Literal["proposed", "accepted", "rejected", "abstained"]
Method = Literal["explicit", "measurement", "anatomy", "similarity", "manual"]
Geometry = Literal["mask", "box3d", "box2d", "slice", "point", "contour"]
# 'organ': the region is the structure that the report names, not the lesion in it;
# 'examined': what an absent finding was looked for in.
Region = Literal["lesion", "organ", "examined"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """One cue, compared.

    Attributes
    ----------
    cue : str
        'size', 'side', 'slice', 'suvmax', 'lobe', ...
    report_value, image_value : JSON-able
        With units in the cue's own terms: mm, HU, a slice index, a side.
    delta : float or None
    passed : bool or None
        None: could not be compared.
    """

    cue: str
    report_value: Any = None
    image_value: Any = None
    delta: float | None = None
    passed: bool | None = None


@dataclass(frozen=True)
class Alternative:
    """Another region that would do nearly, or just, as well."""

    target: str
    score: float
    reason: str = ""


@dataclass(frozen=True)
class Grounding:
    """A finding's place, or an abstention.

    Attributes
    ----------
    finding : str
        The finding's id.
    status : {'proposed', 'accepted', 'rejected', 'abstained'}
    method : {'explicit', 'measurement', 'anatomy', 'similarity', 'manual'} or None
        None of an abstention.
    region : {'lesion', 'organ', 'examined'} or None
    geometry : {'mask', 'box3d', 'box2d', 'slice', 'point', 'contour'} or None
    target : str or None
        Address without key and version: ``segmentations/seg-1#label=lesion``,
        ``images/ct-1#box=3:9,10:40,20:50``.
    score : float or None
        0 to 1; what it means is the method's own, and not a probability unless it says so.
    evidence : tuple of Evidence
    alternatives : tuple of Alternative
    reason : str
        Why it abstains, or what decided.
    detail : dict
        JSON-able.
    """

    finding: str
    status: Status
    method: Method | None = None
    region: Region | None = None
    geometry: Geometry | None = None
    target: str | None = None
    score: float | None = None
    evidence: tuple[Evidence, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    reason: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same for the same finding and place."""
        return item_id("g", self.finding, self.target or "")

    def _repr_html_(self) -> str:
        place = "nowhere" if self.target is None else unquote(self.target)
        by = f" by {self.method}" if self.method else ""
        score = "" if self.score is None else f", score {self.score:.2f}"
        cues = [[e.cue, _plain(e.report_value), _plain(e.image_value), _PASSED[e.passed]]
                for e in self.evidence]  # fmt: skip
        others = [[unquote(a.target), f"{a.score:.2f}", a.reason] for a in self.alternatives]
        parts = [
            f"<div><b>{cell(self.status)}{cell(by)}</b>: {cell(place)}{score}</div>",
            f"<div>{cell(self.reason)}</div>",
            table_html(["cue", "report", "image", "fits"], cues) if cues else "",
            table_html(["alternative", "score", "why"], others) if others else "",
        ]
        return "".join(parts)

    def row(self) -> Row:
        """As a row of the table ``groundings``."""
        return {
            "grounding": self.id,
            "finding": self.finding,
            "status": self.status,
            "method": self.method,
            "region": self.region,
            "geometry": self.geometry,
            "target": self.target,
            "score": self.score,
            "evidence": _json([vars(one) for one in self.evidence]),
            "alternatives": _json([vars(one) for one in self.alternatives]),
            "reason": self.reason,
            "detail": _json(self.detail),
        }

    @classmethod
    def of_row(cls, row: Row) -> Grounding:
        """Read a row of the table ``groundings``."""
        plain = ("finding", "status", "method", "region", "geometry", "target", "score", "reason")
        return cls(
            **{name: row[name] for name in plain},
            evidence=tuple(Evidence(**one) for one in json.loads(row["evidence"] or "[]")),
            alternatives=tuple(
                Alternative(**one) for one in json.loads(row["alternatives"] or "[]")
            ),
            detail=json.loads(row["detail"] or "{}"),
        )


_PASSED = {True: "yes", False: "no", None: "not compared"}


def _plain(value: Any) -> str | None:
    """A cue's value for people: numbers to two places, what is empty left out."""
    if isinstance(value, dict):
        said = {name: _plain(one) for name, one in value.items() if one is not None}
        return ", ".join(f"{name} {one}" for name, one in said.items())
    if isinstance(value, list | tuple):
        return "; ".join(str(_plain(one)) for one in value)
    return f"{value:.4g}" if isinstance(value, float) else None if value is None else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
