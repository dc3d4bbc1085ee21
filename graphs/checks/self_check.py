"""A report against itself: side, negation and size in its findings and in its impression."""

from __future__ import annotations

from collections.abc import Sequence

from graphs.checks.comparable import named, same_thing, sizes, words
from graphs.finding import Finding
from graphs.verdict import Answer, Verdict

_BODY = frozenset({"findings"})
_SUMMARY = frozenset({"impression", "conclusion"})
_SIDES = frozenset({"left", "right"})
# An impression that denies everything acute denies these.
_ACUTE = frozenset(
    {"pneumothorax", "pneumonia", "consolidation", "edema", "pleural effusion", "lung opacity"}
)
_OPEN = frozenset({"chronic", "old", "stable", "unchanged", "healed", "remote", "small", "minimal"})


def self_check(findings: Sequence[Finding]) -> list[Verdict]:
    """Compare what the impression says with what the findings section says of the same thing.

    A statement of the impression contradicts where the findings section speaks of the same
    observation at a comparable place and none of its statements agrees:

    - side: each names one side, and none that side or both;
    - negation: present in one, absent in the other, without a word of doubt or a restriction
      ('no large effusion') in either;
    - size: neither is the other when rounded to the coarser of the two last digits.

    Parameters
    ----------
    findings : sequence of Finding
        Of one report.

    Returns
    -------
    list of Verdict
        'agrees' or 'contradicts'; `image_value` and the second address are the findings
        section's. What only one of the two sections speaks of has no verdict.
    """
    body = [one for one in findings if one.section in _BODY]
    found: list[Verdict] = []
    for one in findings:
        if one.section not in _SUMMARY or one.assertion == "not_assessed":
            continue
        same = [other for other in body if same_thing(one, other)]
        for rule in (_side, _negation, _size):
            made = rule(one, same)
            if made is not None:
                found.append(made)
    return found


def _give(
    one: Finding, other: Finding, cue: str, answer: Answer, said: str, there: str, why: str
) -> Verdict:
    where = (words(one), words(other))
    return Verdict(named(one), cue, answer, said, there, where, why, {"against": "itself"})


def _stated(one: Finding) -> bool:
    return one.assertion in ("present", "uncertain")


def _side(one: Finding, same: Sequence[Finding]) -> Verdict | None:
    sided = [other for other in same if other.laterality and _stated(other)]
    if one.laterality not in _SIDES or not _stated(one) or not sided:
        return None
    fits = [other for other in sided if other.laterality in (one.laterality, "bilateral")]
    other = (fits or sided)[0]
    answer: Answer = "agrees" if fits else "contradicts"
    why = (
        "the findings section names the side"
        if fits
        else "the findings section names only the other side"
    )
    return _give(one, other, "side", answer, one.laterality, str(other.laterality), why)


def _negation(one: Finding, same: Sequence[Finding]) -> Verdict | None:
    told = [other for other in same if other.assertion in ("present", "absent", "uncertain")]
    if one.assertion not in ("present", "absent") or not told:
        return None
    sided = [other for other in told if _may_be_one_side(one, other)]
    if not sided:
        return None
    fits = [other for other in sided if other.assertion in (one.assertion, "uncertain")]
    if not fits and any(_restricted(other) for other in (one, *sided)):
        return None
    other = (fits or sided)[0]
    answer: Answer = "agrees" if fits else "contradicts"
    why = "" if fits else "one section says that it is there, the other that it is not"
    return _give(one, other, "negation", answer, one.assertion, other.assertion, why)


def _may_be_one_side(one: Finding, other: Finding) -> bool:
    """A left effusion says nothing of an absent right one."""
    sides = {one.laterality, other.laterality}
    return not sides >= _SIDES


def _restricted(one: Finding) -> bool:
    """Whether only some kind of it is meant: 'no large effusion', 'no new nodule'."""
    said = one.detail.get("modifiers") or ()
    return bool(said) or (one.assertion == "absent" and one.change is not None)


def _size(one: Finding, same: Sequence[Finding]) -> Verdict | None:
    mine = sizes(one)
    others = [(other, pair) for other in same for pair in sizes(other)]
    if not mine or not others or one.assertion == "absent":
        return None
    (mm, half) = mine[0]
    near = min(others, key=lambda pair: abs(pair[1][0] - mm))
    far = abs(near[1][0] - mm)
    limit = max(half, near[1][1])
    answer: Answer = "agrees" if far <= limit + 1e-9 else "contradicts"
    why = f"{far:.1f} mm apart; rounding explains {limit:.1f} mm"
    return _give(one, near[0], "size", answer, f"{mm:g} mm", f"{near[1][0]:g} mm", why)
