"""A report against itself: side, negation and size in its findings and in its impression."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from graphs.checks.comparable import named, restricted, same_thing, sizes, words
from graphs.finding import Finding, Laterality
from graphs.verdict import Answer, Verdict

_BODY = frozenset({"findings"})
_SUMMARY = frozenset({"impression", "conclusion"})
_SIDES = frozenset({"left", "right"})
_SIDE = re.compile(r"\b(left|right)\b")
_COMPARED = re.compile(r"\b(?:bilateral|both|than|left.to.right|right.to.left)\b", re.I)
# An impression that denies everything acute denies these, unless they are said to be old.
_ACUTE = frozenset({"pneumothorax", "pneumonia", "consolidation", "edema"})
_OLD = re.compile(r"chronic|\bold\b|stable|unchanged|healed|remote|resolv|minimal|trace|tiny", re.I)
_ALL_CLEAR = re.compile(
    r"\bno (?:evidence of )?(?:acute|active)(?: or active)? (?:\w+ ){0,2}"
    r"(?:abnormalit|disease|process|finding|patholog)\w*",
    re.I,
)


def self_check(findings: Sequence[Finding], text: str = "") -> list[Verdict]:
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
    text : str
        The report's, where it is at hand: then 'no large effusion' is known to leave a small one,
        and an impression that denies everything acute contradicts a pneumothorax, pneumonia,
        consolidation or edema that the findings section states without a word of age.

    Returns
    -------
    list of Verdict
        'agrees' or 'contradicts'; `image_value` and the second address are the findings
        section's. What only one of the two sections speaks of has no verdict.
    """
    every = _with_sides(findings)
    body = [one for one in every if one.section in _BODY]
    found: list[Verdict] = []
    for one in every:
        if one.section not in _SUMMARY or one.assertion == "not_assessed":
            continue
        same = [other for other in body if same_thing(one, other)]
        for made in (_side(one, same), _negation(one, same, text), _size(one, same)):
            if made is not None:
                found.append(made)
    return found + _all_clear(every, body, text) + _both_sides(every, text)


def _give(
    one: Finding, other: Finding, cue: str, answer: Answer, said: str, there: str, why: str
) -> Verdict:
    where = (words(one), words(other))
    return Verdict(named(one), cue, answer, said, there, where, why, {"against": "itself"})


def _stated(one: Finding) -> bool:
    return one.assertion in ("present", "uncertain") or one.change == "resolved"


def _with_sides(findings: Sequence[Finding]) -> list[Finding]:
    """A finding without a side has that of its sentence, where the sentence names only one.

    'Right upper lobe airspace disease, most likely pneumonia.'
    """
    sides: dict[tuple[str, int], set[str]] = {}
    for one in findings:
        if one.laterality and _stated(one):
            sides.setdefault((one.item, one.sentence_start), set()).add(one.laterality)
    made = []
    for one in findings:
        here = sides.get((one.item, one.sentence_start), set())
        if one.laterality is None and _stated(one) and here in ({"left"}, {"right"}):
            side: Laterality = "left" if here == {"left"} else "right"
            made.append(replace(one, laterality=side))
        else:
            made.append(one)
    return made


def _both_sides(findings: Sequence[Finding], text: str) -> list[Verdict]:
    """One statement that names one side, and a place on the other: 'left effusion, right base'."""
    found = []
    for one in findings:
        span = one.detail.get("laterality")
        if not text or not span or not _stated(one):
            continue
        if _COMPARED.search(text[one.sentence_start : one.sentence_end]):
            continue
        said = _sides_in(text[span[0] : span[1]])
        there = [(a, b) for a, b in one.detail.get("places") or () if not a <= span[0] < b]
        other = [place for place in there if len(_sides_in(text[slice(*place)])) == 1]
        if len(said) != 1 or not other or any(_sides_in(text[slice(*p)]) == said for p in other):
            continue
        a, b = other[0]
        where = (
            f"reports/{one.item}#chars={span[0]}:{span[1]}",
            f"reports/{one.item}#chars={a}:{b}",
        )
        why = "one statement names one side, and a place on the other"
        found.append(
            Verdict(
                named(one),
                "side",
                "contradicts",
                next(iter(said)),
                text[a:b],
                where,
                why,
                {"against": "itself"},
            )
        )
    return found


def _sides_in(words: str) -> set[str]:
    return set(_SIDE.findall(words.lower()))


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


def _negation(one: Finding, same: Sequence[Finding], text: str) -> Verdict | None:
    told = [other for other in same if other.assertion in ("present", "absent", "uncertain")]
    if one.assertion not in ("present", "absent") or not told:
        return None
    sided = [other for other in told if _may_be_one_side(one, other)]
    if not sided:
        return None
    fits = [other for other in sided if other.assertion in (one.assertion, "uncertain")]
    if not fits and any(restricted(other, text) for other in (one, *sided)):
        return None
    other = (fits or sided)[0]
    answer: Answer = "agrees" if fits else "contradicts"
    why = "" if fits else "one section says that it is there, the other that it is not"
    return _give(one, other, "negation", answer, one.assertion, other.assertion, why)


def _may_be_one_side(one: Finding, other: Finding) -> bool:
    """A left effusion says nothing of an absent right one."""
    sides = {one.laterality, other.laterality}
    return not sides >= _SIDES


def _all_clear(findings: Sequence[Finding], body: Sequence[Finding], text: str) -> list[Verdict]:
    """An impression without anything acute, against what the findings section states."""
    summary = [one for one in findings if one.section in _SUMMARY]
    start = max((one.sentence_end for one in body), default=len(text))
    clear = _ALL_CLEAR.search(text, start)
    if clear is None or any(_stated(one) and one.entity in _ACUTE for one in summary):
        return []
    found = []
    for one in body:
        said = text[one.sentence_start : one.sentence_end]
        if one.entity in _ACUTE and one.assertion == "present" and not _OLD.search(said):
            where = (f"reports/{one.item}#chars={clear.start()}:{clear.end()}", words(one))
            found.append(
                Verdict(
                    named(one),
                    "negation",
                    "contradicts",
                    clear[0],
                    f"{one.entity} present",
                    where,
                    "the impression denies everything acute",
                    {"against": "itself"},
                )
            )
    return found


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
