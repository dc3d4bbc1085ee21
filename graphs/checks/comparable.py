"""Whether two findings can speak of the same thing."""

from __future__ import annotations

import re

from graphs.finding import Finding

_SIDES = ("left", "right")
_WHOLES = frozenset(
    {"lymph_nodes", "lymph_node", "thorax", "soft_tissue", "lung", "lung_left", "lung_right"}
)
# Chest radiographs show zones, and reports call them lobes.
_ZONES = {
    "lung_upper_zone": "lung_upper_lobe",
    "lung_apex": "lung_upper_lobe",
    "lung_mid_zone": "lung_middle_lobe",
    "lung_lower_zone": "lung_lower_lobe",
    "lung_base": "lung_lower_lobe",
    "lung_fissure": "lung",
    "lung_hilum": "lung",
}

# 'no large effusion' leaves a small one
_KIND = re.compile(
    r"large|new\b|acute|significant|sizable|definite|focal|discrete|suspicious|overt|other\b|"
    r"additional|gross|obvious|lobar|tension|worrisome|residual",
    re.I,
)


def same_thing(a: Finding, b: Finding) -> bool:
    """Whether entity and place do not keep two findings apart; the side is not looked at.

    The entity, or a class that both belong to, is the same, and where both name structures one
    of them is, or begins like, one of the other's but for the side.
    """
    if a.entity != b.entity and not set(a.labels) & set(b.labels):
        return False
    here, there = places(a), places(b)
    if not here or not there:
        return True
    return any(x.startswith(y) or y.startswith(x) for x in here for y in there)


def places(finding: Finding) -> set[str]:
    """Structures without their sides; a whole only where no part of it is named beside it."""
    particular = [name for name in finding.anatomy if name not in _WHOLES]
    return {plain(name) for name in particular or finding.anatomy}


def plain(structure: str) -> str:
    """A structure's name without its side; a zone of the lung by the lobe that it mostly shows."""
    parts = "_".join(part for part in structure.split("_") if part not in _SIDES)
    return _ZONES.get(parts, parts)


def sizes(finding: Finding) -> list[tuple[float, float]]:
    """Longest axis in mm of each present size, and half a step of its last digit in mm."""
    found = []
    for one in finding.measurements:
        if one.kind == "size" and not one.prior and one.mm:
            value, mm = max(zip(one.value, one.mm, strict=True), key=lambda pair: pair[1])
            digits = len(repr(float(value)).rstrip("0").partition(".")[2])
            found.append((mm, 0.5 * 10.0**-digits * (mm / value if value else 1.0)))
    return found


def words(finding: Finding) -> str:
    """Address of a finding's words, without key and version."""
    return f"reports/{finding.item}#chars={finding.start}:{finding.end}"


def named(finding: Finding) -> str:
    """The finding's id; before it has one, its place."""
    return finding.id or f"{finding.start}:{finding.end}"


def restricted(one: Finding, text: str) -> bool:
    """Whether an absent finding is only some kind of it: 'no large effusion', 'no new nodule'."""
    if one.assertion != "absent":
        return False
    start = min(one.start, *(one.detail.get("cue") or [one.start]))
    return one.change is not None or bool(_KIND.search(text[start : one.end]))
