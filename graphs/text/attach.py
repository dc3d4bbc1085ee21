"""attach: which observation of a sentence a structure, a side or a number belongs to."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from graphs.text.change import changes
from graphs.text.contrasted_sides import contrasted_sides
from graphs.text.mention import Mention, Span
from graphs.text.place_name import PlaceName
from graphs.text.relations import relations
from graphs.text.statement import Statement

_PARTED = re.compile(r"[;:，；、。]|[,.](?!\d)|\b(?:and|or|but|with|y|o|con|pero)\b", re.IGNORECASE)  # noqa: RUF001
_STRONG = re.compile(r"[;；。]|\.\s|\b(?:but|however|there (?:is|are))\b", re.IGNORECASE)  # noqa: RUF001
# what stands beyond is said of something else: 'X is clear, Y has', 'in X but not in Y'
_OTHER = re.compile(
    r";|\b(?:is|are|appears?|remains?)\s+(?:otherwise\s+)?(?:normal|unremarkable|clear|negative)\b"
    r"|\b(?:but|however|whereas)\b",
    re.IGNORECASE,
)
_COORDINATED = re.compile(
    r"[\s,/，、]*(?:\w+\s*)?[\s,]*"  # noqa: RUF001
)
_LISTED = re.compile(r"\s*(?:and|or|/|y|o|和|及|や|と)\s*(?:\w+\s)?", re.IGNORECASE)
_LEADS = re.compile(
    r"\b(?:in|of|at|within|along|involving|throughout|near|overlying|over|on|adjacent to|from|to"
    r"|into|through|en|del?|below|above|around|abutting)\s+(?:the\s+|el\s+|la\s+|both\s+|an?\s+)?$",
    re.IGNORECASE,
)
# what those end in, without the white space behind
_LED_BY = (
    "in", "of", "at", "along", "involving", "throughout", "near", "overlying", "over", "on", "to",
    "from", "through", "en", "de", "del", "below", "above", "around", "abutting", "the", "el",
    "la", "both", "a", "an",
)  # fmt: skip


def attach(statement: Statement) -> None:
    """Give every structure, side, number and word of change of a sentence to its observation.

    A part stands with the next observation where nothing parts the two ('2.3 cm nodule'), else
    with the one before ('nodule in the right upper lobe'); a list of observations shares what
    follows it.

    Parameters
    ----------
    statement : Statement
        Its mentions are changed.
    """
    contrasted_sides(statement)
    mentions = statement.mentions
    for value in statement.measurements:
        prefers_before = value.prior or _bracketed(statement, value.start)
        one = owner(statement, mentions, (value.start, value.end), before=prefers_before)
        if one:
            one.measurements.append(value)
    statement.mentions = mentions = _apart(statement, mentions)
    everyone, mentions = mentions, _hosts(statement, mentions)
    for place in statement.places:
        span = place.listed or place.span
        for one in shared(statement, mentions, span, _led(statement, span[0])):
            if one.term.kind == "observation":
                one.places.append(place)
    for start, end, side in statement.sides:
        for one in shared(statement, mentions, (start, end), _led(statement, start)):
            one.sides.append((side, (start, end)))
    _keep_own(statement, mentions)
    for refer in statement.refers:
        found = owner(statement, mentions, (refer.start, refer.end), before=True)
        if found:
            found.refers.append(refer)
    for start, end, word in changes(statement):
        for one in shared(statement, mentions, (start, end), led=False):
            if one.change is None:
                one.change = (word, (start, end))
    for start, end, word in statement.modifiers:
        found = owner(statement, mentions, (start, end))
        if found and _near(statement, found, (start, end)):
            found.modifiers.append((word, (start, end)))
    _inherit(everyone)


def owner(
    statement: Statement, mentions: Sequence[Mention], span: Span, before: bool = False
) -> Mention | None:
    """The observation that a part belongs to; None where the sentence has none.

    Parameters
    ----------
    statement : Statement
    mentions : sequence of Mention
    span : (start, end)
        Of the part.
    before : bool
        Rather the observation before it.
    """
    text = statement.text
    previous: Mention | None = None
    following: Mention | None = None
    for one in mentions:
        if one.start <= span[0] and span[1] <= one.end:
            return one
        if one.end <= span[0]:
            previous = one
        elif one.start >= span[1]:
            following = one
            break
    if previous is None or following is None:
        return previous or following
    gap_before = text[previous.end : span[0]]
    gap_after = text[span[1] : following.start]
    if _STRONG.search(gap_before):
        return following
    if before:
        return previous
    if not _PARTED.search(gap_after):
        return following if len(gap_after) <= 60 else previous
    return previous


def shared(
    statement: Statement, mentions: Sequence[Mention], span: Span, led: bool
) -> Iterable[Mention]:
    """The observations that a part belongs to: a list of them shares what follows or precedes."""
    text = statement.text
    first = owner(statement, mentions, span, before=led)
    if first is None:
        return []
    found = [first]
    if len(mentions) == 1:
        return found
    # as `index` finds it, without comparing every field of the others
    place = next(
        here for here, one in enumerate(mentions)
        if one is first or (one.start == first.start and one == first)
    )  # fmt: skip
    if first.end <= span[0]:
        for other in reversed(mentions[:place]):
            if not _COORDINATED.fullmatch(text, other.end, found[-1].start):
                break
            found.append(other)
    elif first.start >= span[1]:
        for other in mentions[place + 1 :]:
            gap = text[found[-1].end : other.start]
            if not _LISTED.fullmatch(gap):
                break
            found.append(other)
    return found


def _keep_own(statement: Statement, mentions: Sequence[Mention]) -> None:
    """Take away the structures of another clause where the own one names some.

    'The left kidney is normal; a mass arises from the right kidney' is of one side.
    """
    several = [one for one in mentions if len(one.places) > 1]
    if not several:
        return
    parted = [
        one.start() for one in _OTHER.finditer(statement.text, statement.start, statement.end)
    ]
    if not parted:
        return
    for one in several:
        own = [
            place for place in one.places
            if bisect_left(parted, min(place.end, one.end))
            == bisect_left(parted, max(place.start, one.start))
        ]  # fmt: skip
        one.places = own or one.places


def _hosts(statement: Statement, mentions: list[Mention]) -> list[Mention]:
    """The mentions without those that only describe another: 'nodule with calcification'."""
    statement.related = relations(statement, mentions)
    traits = {here for here, kind, _ in statement.related if kind == "modify"}
    if not traits:
        return mentions
    return [one for here, one in enumerate(mentions) if here not in traits]


def _inherit(mentions: list[Mention]) -> None:
    """Sizes of one list are of one kind and, unless said otherwise, in one place.

    A word that is two observations at once ('hydropneumothorax') has its parts twice.
    """
    for one, twin in pairwise(mentions):
        if one.span == twin.span:
            for name in ("measurements", "places", "sides", "refers", "modifiers"):
                both = [*getattr(one, name), *getattr(twin, name)]
                setattr(one, name, both)
                setattr(twin, name, both)
            one.change = twin.change = one.change or twin.change
    if not any(one.detail for one in mentions):
        return
    hosts = {one.span: one for one in mentions}
    for one in mentions:
        host = hosts.get(tuple(one.detail.get("said_with", ())))
        if host is None:
            continue
        if not host.places and not host.sides:
            host.places, host.sides = list(one.places), list(one.sides)
        if one.beyond is not None:
            own = {side for side, _ in one.sides}
            one.places = [place for place in one.places if place.side in (None, *own)]
        if not one.places:
            one.places = [_taken_over(place, one) for place in host.places]
            if not one.sides:
                one.sides = list(host.sides)
        one.change = one.change or host.change


def _taken_over(place: PlaceName, one: Mention) -> PlaceName:
    """A place of the observation that a mention is said with, without the other's side."""
    if one.beyond is not None:
        return place._replace(start=min(max(place.start, one.beyond), place.end), side=None)
    return place._replace(side=None) if one.sides and place.side == "bilateral" else place


def _led(statement: Statement, start: int) -> bool:
    """Whether a word like 'in the' stands before the part that begins there."""
    first = max(statement.start, start - 24)
    before = statement.text[first:start]
    if before.isascii() and not before.rstrip().lower().endswith(_LED_BY):
        return False
    return _LEADS.search(statement.text, first, start) is not None


def _near(statement: Statement, mention: Mention, span: Span) -> bool:
    gap = (span[1], mention.start) if span[1] <= mention.start else (mention.end, span[0])
    return not _PARTED.search(statement.text, *gap) and gap[1] - gap[0] <= 40


def _bracketed(statement: Statement, start: int) -> bool:
    return statement.text[max(statement.start, start - 2) : start].rstrip().endswith(("(", "（"))  # noqa: RUF001


def _apart(statement: Statement, mentions: list[Mention]) -> list[Mention]:
    """'nodules: 5 mm, 7 mm and 9 mm' are three: each further size becomes a mention of its own."""
    if all(len(one.measurements) < 2 for one in mentions):
        return mentions
    found: list[Mention] = []
    for one in mentions:
        found.append(one)
        sizes = [v for v in one.measurements if v.kind in ("size", "range") and not v.prior]
        if len(sizes) < 2 or one.term.kind != "observation":
            continue
        for value in sizes[1:]:
            kept = [v for v in one.measurements if v.start < value.start]
            rest = [v for v in one.measurements if v.start > value.start]
            later = [v for v in rest if v.prior or v.kind not in ("size", "range")]
            own = [v for v in later if not any(value.start < s.start < v.start for s in sizes)]
            other = replace(
                one, start=value.start, end=value.end, measurements=[value, *own], places=[],
                sides=[], refers=[], change=None, modifiers=[],
                detail={"said_with": [one.start, one.end]},
            )  # fmt: skip
            one.measurements = kept + [v for v in rest if v not in own]
            found.append(other)
    found.sort(key=lambda one: one.span)
    return found
