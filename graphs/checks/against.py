"""A report's findings against other findings that stand for what is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from graphs.checks.comparable import named, sizes, words
from graphs.finding import Finding
from graphs.verdict import Verdict

_ORDER = ("negation", "side", "size", "swap", "omission", "addition")


def against(findings: Sequence[Finding], reference: Sequence[Finding]) -> list[Verdict]:
    """Compare a report's findings with a reference: another reader's, or the image's graph.

    Equal statements are set aside. Of what is left, statements of the same observation differ in
    'negation', 'side' or 'size'; one of the reference's and one of the report's, of unlike
    observations in sentences that follow each other alike, are a 'swap'; what then has no partner
    is an 'omission' or an 'addition'.

    Parameters
    ----------
    findings, reference : sequence of Finding
        Each in the order of its text.

    Returns
    -------
    list of Verdict
        All 'contradicts', with the difference as cue; empty where they say the same.
    """
    left, right = _unequal(findings, reference)
    found: list[Verdict] = []
    for cue, differ in (("negation", _negation), ("side", _side), ("size", _size)):
        for one in list(left):
            other = next((r for r in right if r.entity == one.entity and differ(one, r)), None)
            if other is not None:
                left.remove(one)
                right.remove(other)
                found.append(_verdict(one, other, cue))
    for one in list(left):
        near = [r for r in right if r.section == one.section]
        if near:
            other = min(near, key=lambda r: abs(r.sentence - one.sentence))
            left.remove(one)
            right.remove(other)
            found.append(_verdict(one, other, "swap"))
    found += [_verdict(None, other, "omission") for other in right]
    found += [_verdict(one, None, "addition") for one in left]
    return found


def kind_of_error(verdicts: Sequence[Verdict]) -> str | None:
    """The one kind of error that explains most of what differs; None where nothing does."""
    counts = Counter(one.cue for one in verdicts if one.verdict == "contradicts")
    if not counts:
        return None
    return min(counts, key=lambda cue: (-counts[cue], _ORDER.index(cue)))


def _key(one: Finding) -> tuple[object, ...]:
    return (one.entity, one.assertion, one.laterality, one.anatomy, _measured(one), one.section)


def _measured(one: Finding) -> tuple[object, ...]:
    return tuple((v.kind, v.value, v.unit, v.prior) for v in one.measurements)


def _unequal(
    findings: Sequence[Finding], reference: Sequence[Finding]
) -> tuple[list[Finding], list[Finding]]:
    """What stands in only one of the two, as often as it does."""
    mine, theirs = Counter(map(_key, findings)), Counter(map(_key, reference))
    spare, lacking = mine - theirs, theirs - mine
    return _pick(findings, spare), _pick(reference, lacking)


def _pick(every: Sequence[Finding], counts: Counter[tuple[object, ...]]) -> list[Finding]:
    open_ = Counter(counts)
    found = []
    for one in every:
        if open_[_key(one)] > 0:
            open_[_key(one)] -= 1
            found.append(one)
    return found


def _negation(a: Finding, b: Finding) -> bool:
    return a.assertion != b.assertion


def _side(a: Finding, b: Finding) -> bool:
    return (a.laterality, a.anatomy) != (b.laterality, b.anatomy)


def _size(a: Finding, b: Finding) -> bool:
    return _measured(a) != _measured(b)


def _said(one: Finding | None) -> str | None:
    if one is None:
        return None
    parts = [one.assertion, one.laterality or "", one.entity]
    parts += [f"{mm:g} mm" for mm, _ in sizes(one)]
    return " ".join(part for part in parts if part)


def _verdict(one: Finding | None, other: Finding | None, cue: str) -> Verdict:
    stated = one or other
    where = tuple(words(f) for f in (one, other) if f is not None)
    return Verdict(
        named(stated) if stated else "", cue, "contradicts", _said(one), _said(other), where,
        "the report and the reference say it otherwise", {"against": "reference"},
    )  # fmt: skip
