"""The findings of several reports, grouped by what they speak of: one group a lesion or disease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from graphs.checks.comparable import places, same_thing, sizes, words
from graphs.finding import Finding

_OPPOSITE = ({"left", "right"},)
_SIZE_FACTOR = 2.5


@dataclass
class FindingGroup:
    """One thing that several reports speak of.

    Attributes
    ----------
    id : str
        'F1', 'F2', ... in the order of their first mention.
    mentions : list of (str, Finding)
        Visit and finding, in order.
    alternatives : tuple of str
        Groups that the first mention could belong to as well, where that could not be told.
    """

    id: str
    mentions: list[tuple[str, Finding]] = field(default_factory=list)
    alternatives: tuple[str, ...] = ()

    @property
    def visits(self) -> list[str]:
        """Visits that speak of it."""
        return list(dict.fromkeys(visit for visit, _ in self.mentions))

    def of(self, visit: str) -> list[Finding]:
        """The mentions of one visit."""
        return [finding for when, finding in self.mentions if when == visit]

    @property
    def size_mm(self) -> float | None:
        """The newest size that was written."""
        known = [pair[0] for _, one in self.mentions for pair in sizes(one)]
        return known[-1] if known else None


def follow_findings(visits: Sequence[tuple[str, Sequence[Finding]]]) -> list[FindingGroup]:
    """Group findings across visits, as Lunguage does (Moon et al., 2025), by rules.

    Mentions belong together where the observation is the same (or of one class of a label set),
    the places do not exclude each other and the sides do not differ. Of several groups that fit,
    the one whose earlier size is written as the previous one ('previously 12 mm') is taken, then
    the one of the same place, then the one whose size is nearest by ratio; where two are equally
    good a group of its own is begun, with the others as alternatives. What is absent belongs to a
    group only where one is there already: it is how a finding ends.

    Parameters
    ----------
    visits : sequence of (str, sequence of Finding)
        In time order.

    Returns
    -------
    list of FindingGroup
    """
    groups: list[FindingGroup] = []
    for visit, findings in visits:
        told = [one for one in findings if one.assertion != "not_assessed"]
        # what is stated comes first; what is absent then ends what is left
        for one in sorted(told, key=lambda finding: finding.assertion == "absent"):
            fitting = [group for group in groups if _fits(one, group, visit)]
            if one.assertion == "absent":
                open_ = [g for g in fitting if not g.of(visit)]
                exact = [g for g in open_ if g.mentions[-1][1].entity == one.entity]
                for group in open_ if one.change == "resolved" else exact:
                    group.mentions.append((visit, one))
                continue
            chosen, others = _choose(one, fitting, visit)
            if chosen is None:
                chosen = FindingGroup(f"F{len(groups) + 1}", alternatives=others)
                groups.append(chosen)
            chosen.mentions.append((visit, one))
    return groups


def findings_table(groups: Sequence[FindingGroup]) -> pd.DataFrame:
    """One row a mention: group, visit, entity, side, place, size in mm, change, address."""
    rows: list[dict[str, Any]] = [
        {
            "group": group.id,
            "visit": visit,
            "entity": one.entity,
            "assertion": one.assertion,
            "laterality": one.laterality,
            "anatomy": ", ".join(one.anatomy),
            "size_mm": sizes(one)[0][0] if sizes(one) else None,
            "change": one.change,
            "address": words(one),
        }
        for group in groups
        for visit, one in group.mentions
    ]
    names = ["group", "visit", "entity", "assertion", "laterality", "anatomy", "size_mm", "change",
             "address"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _fits(one: Finding, group: FindingGroup, visit: str) -> bool:
    if one.change == "new" and group.visits != [visit]:
        return False
    for _, other in group.mentions:
        if not same_thing(one, other) or {one.laterality, other.laterality} in _OPPOSITE:
            return False
    here = group.of(visit)
    # two mentions of one report are one thing only where the numbers allow it
    return not any(_sizes_differ(one, other) or one.section == other.section for other in here)


def _sizes_differ(a: Finding, b: Finding) -> bool:
    mine, theirs = sizes(a), sizes(b)
    if not mine or not theirs:
        return False
    return abs(mine[0][0] - theirs[0][0]) > max(mine[0][1], theirs[0][1]) + 1e-9


def _choose(
    one: Finding, fitting: Sequence[FindingGroup], visit: str
) -> tuple[FindingGroup | None, tuple[str, ...]]:
    if len(fitting) <= 1:
        near = [g for g in fitting if _near(one, g)]
        return (near[0], ()) if near else (None, ())
    said = [group for group in fitting if _prior_is(one, group, visit)]
    if len(said) == 1:
        return said[0], ()
    left = [group for group in (said or fitting) if _near(one, group)]
    placed = [group for group in left if places(one) & _places(group)]
    left = placed or left
    if len(left) <= 1:
        return (left[0], ()) if left else (None, ())
    mine = sizes(one)
    ranked = sorted(left, key=lambda group: _ratio(mine[0][0] if mine else None, group))
    best, second = (_ratio(mine[0][0] if mine else None, group) for group in ranked[:2])
    if mine and best < second:
        return ranked[0], ()
    return None, tuple(group.id for group in left)


def _near(one: Finding, group: FindingGroup) -> bool:
    mine = sizes(one)
    return not mine or _ratio(mine[0][0], group) <= _SIZE_FACTOR or one.change is not None


def _ratio(size: float | None, group: FindingGroup) -> float:
    before = group.size_mm
    if not size or not before:
        return 1.0
    return max(size / before, before / size)


def _prior_is(one: Finding, group: FindingGroup, visit: str) -> bool:
    """Whether the 'previously 12 mm' of a finding is what an earlier report of the group wrote."""
    prior = [v.mm[0] for v in one.measurements if v.prior and v.kind == "size" and v.mm]
    earlier = [pair[0] for when, other in group.mentions if when != visit for pair in sizes(other)]
    return bool(prior and earlier) and abs(prior[0] - earlier[-1]) < 0.51


def _places(group: FindingGroup) -> set[str]:
    return {name for _, one in group.mentions for name in places(one)}
