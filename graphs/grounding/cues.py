"""Cues: how far one region is from what a finding says, cue by cue."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from graphs.anatomy import anatomy
from graphs.grounding.candidate import Candidate
from graphs.grounding.grounding import Evidence
from graphs.grounding.reported import Reported

# Scales: what two readers, or a reader and a mask, commonly differ by. Chosen on one half of the
# patients of LIDC-IDRI (`benchmarks/grounding.py` reports on both).
SIZE_SCALE = (0.5, 0.2)  # mm, and part of the larger of the two sizes
SLICE_SCALE = (1.0, 0.1)  # slices, and part of the region's size
SUV_SCALE = (0.5, 0.005)  # steps of the last digit, and part of the value
HU_SCALE = 15.0
# How many scales are too many.
SIZE_LIMIT, SLICE_LIMIT, SUV_LIMIT, HU_LIMIT = 2.5, 3.0, 3.0, 3.0

Cue = tuple[Evidence, float]
_NODES = re.compile(r"lymph|\bnod(?:e|es|al)\b|adenopath", re.I)
_CYSTS = re.compile(r"cyst", re.I)
_FOCAL = re.compile(
    r"nodul|mass|lesion|tumou?r|neoplas|malignan|carcinom|cancer|metasta|lymphoma|sarcoma|recurr|"
    r"oma\b|focus|foci|uptake|hypermetabol|\bgtv|ggo|ground.glass|opacit",
    re.I,
)


def compare(reported: Reported, candidate: Candidate) -> tuple[tuple[Evidence, ...], float]:
    """Compare every cue that the finding has.

    Parameters
    ----------
    reported : Reported
    candidate : Candidate

    Returns
    -------
    tuple of Evidence
        ``passed`` is None where the region offers nothing to compare with.
    float
        Sum of the squared distances, each in scales of its cue.
    """
    found = [cue for one in _CUES if (cue := one(reported, candidate)) is not None]
    return tuple(evidence for evidence, _ in found), sum(cost for _, cost in found)


def _judged(cue: str, said: Any, seen: Any, delta: float, scale: float, limit: float) -> Cue:
    far = abs(delta) / scale
    return Evidence(cue, said, seen, round(delta, 4), far <= limit), far**2


def _unknown(cue: str, said: Any, seen: Any = None) -> Cue:
    return Evidence(cue, said, seen, None, None), 0.0


def _kind(reported: Reported, candidate: Candidate) -> Cue | None:
    """An effusion is no nodule, and a cyst no lymph node; a 'mass' may turn out to be any."""
    said, seen = family(reported.entity), family(candidate.name)
    entity, name = reported.entity, candidate.name
    if said is None:
        named = bool(entity) and entity.casefold() in name.casefold()
        measured = reported.axes_mm or reported.suvmax is not None
        if named or seen is not None or not measured:
            return Evidence("kind", entity, name, None, named), 0.0
        return _unknown("kind", entity, name)
    if seen is None or (said != seen and "lesion" in (said, seen)):
        return _unknown("kind", entity, name)
    return Evidence("kind", entity, name, None, said == seen), 0.0


def family(name: str) -> str | None:
    """'node', 'cyst' or 'lesion' of a name or an entity; None where it is no focal lesion."""
    if _NODES.search(name):
        return "node"
    if _CYSTS.search(name):
        return "cyst"
    return "lesion" if _FOCAL.search(name.replace("_", " ")) else None


def _size(reported: Reported, candidate: Candidate) -> Cue | None:
    if not reported.axes_mm:
        return None
    said, seen = reported.axes_mm[0], candidate.size_mm
    if seen is None:
        return _unknown("size", said)
    scale = SIZE_SCALE[0] + SIZE_SCALE[1] * max(said, seen)
    return _judged("size", said, round(seen, 2), seen - said, scale, SIZE_LIMIT)


def _short_axis(reported: Reported, candidate: Candidate) -> Cue | None:
    if len(reported.axes_mm) < 2:
        return None
    said, seen = reported.axes_mm[1], candidate.perpendicular_mm
    if seen is None:
        return _unknown("short axis", said)
    scale = SIZE_SCALE[0] + SIZE_SCALE[1] * max(said, seen)
    return _judged("short axis", said, round(seen, 2), seen - said, scale, SIZE_LIMIT)


def _side(reported: Reported, candidate: Candidate) -> Cue | None:
    if reported.side is None:
        return None
    if candidate.side is None:
        return _unknown("side", reported.side, candidate.side_by or None)
    passed = candidate.side == reported.side
    return Evidence("side", reported.side, candidate.side, None, passed), 0.0


def _slice(reported: Reported, candidate: Candidate) -> Cue | None:
    if not reported.slices:
        return None
    meant = reported.slices.get(candidate.image or "")
    if meant is None or candidate.slices is None or candidate.slice_mm is None:
        return _unknown("slice", {k: list(v) for k, v in reported.slices.items()})
    middle = sum(candidate.slices) / 2
    nearest = min(meant, key=lambda at: abs(at - middle))
    size = candidate.size_mm or 0.0
    scale = SLICE_SCALE[0] * candidate.slice_mm + SLICE_SCALE[1] * size
    delta = (middle - nearest) * candidate.slice_mm
    # a slice that cuts the region is no contradiction, however long the region is
    inside = candidate.slices[0] <= nearest <= candidate.slices[1]
    limit = float("inf") if inside else SLICE_LIMIT
    said = nearest if len(meant) == 1 else list(meant)
    return _judged("slice", said, list(candidate.slices), delta, scale, limit)


def _suvmax(reported: Reported, candidate: Candidate) -> Cue | None:
    if reported.suvmax is None:
        return None
    said, seen = reported.suvmax, candidate.maximum
    if seen is None or not (candidate.units or "").upper().startswith("SUV"):
        return _unknown("suvmax", said)
    scale = SUV_SCALE[0] * (reported.suv_step or 0.1) + SUV_SCALE[1] * said
    return _judged("suvmax", said, round(seen, 3), seen - said, scale, SUV_LIMIT)


def _hu(reported: Reported, candidate: Candidate) -> Cue | None:
    if reported.hu is None:
        return None
    if candidate.mean is None or candidate.units != "HU":
        return _unknown("hu", reported.hu)
    delta = candidate.mean - reported.hu
    return _judged("hu", reported.hu, round(candidate.mean, 1), delta, HU_SCALE, HU_LIMIT)


def _organ(reported: Reported, candidate: Candidate) -> Cue | None:
    if not reported.anatomy:
        return None
    if candidate.organ is None:
        return _unknown("anatomy", list(reported.anatomy))
    known = anatomy()
    seen = {candidate.organ}
    if candidate.organ in known:
        seen.update(known.parents(candidate.organ))
    for said in reported.anatomy:
        above = {said, *(known.parents(said) if said in known else ())}
        if said in seen or candidate.organ in above:
            return Evidence("anatomy", said, candidate.organ, None, True), 0.0
    if not any(said in known for said in reported.anatomy):
        return _unknown("anatomy", list(reported.anatomy), candidate.organ)
    return Evidence("anatomy", list(reported.anatomy), candidate.organ, None, False), 0.0


_CUES: tuple[Callable[[Reported, Candidate], Cue | None], ...] = (
    _kind, _size, _short_axis, _side, _slice, _suvmax, _hu, _organ,
)  # fmt: skip
