"""findings_of: the findings of a sentence whose observations have their parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from graphs.finding import Finding, Relation
from graphs.text.assertion import assertion
from graphs.text.laterality import laterality
from graphs.text.lexicon import Lexicon
from graphs.text.mention import Mention
from graphs.text.place_name import PlaceName, sided
from graphs.text.quantities import count, named_value
from graphs.text.sentence import Sentence
from graphs.text.statement import Statement

# What stands there is why somebody looked, or what was done, not what was seen.
NOT_ASSESSED = frozenset(
    {"indication", "history", "technique", "comparison", "examination", "recommendation"}
)
_LUNG = frozenset({"lung", "lung_left", "lung_right", "thorax"})
_REGIONS = frozenset({"thorax", "abdomen", "pelvis"})
_LUNG_PARTS = (
    "lung_upper", "lung_middle", "lung_lower", "lung_mid", "lung_base", "lung_apex", "lung_hilum",
    "lingula",
)  # fmt: skip
_EMPTY = vars(Finding(0, 0, "", ""))  # what a finding has before anything is known of it
_SPANS = ("cue", "change", "laterality", "said_with")


def findings_of(statement: Statement, lexicon: Lexicon) -> list[Finding]:
    """Make findings of a sentence's mentions.

    Parameters
    ----------
    statement : Statement
        After `graphs.text.attach.attach`.
    lexicon : Lexicon

    Returns
    -------
    list of Finding
        Relations name others by their position in this list.
    """
    related: dict[int, list[Relation]] = {}
    for source, kind, target in statement.related:
        related.setdefault(source, []).append(Relation(kind, str(target)))
    return [
        _finding(statement, mention, tuple(related.get(place, ())), lexicon)
        for place, mention in enumerate(statement.mentions)
    ]


def placed(finding: Finding, sentence: Sentence, section: str, first: int) -> Finding:
    """Move a finding to where its sentence stands in the report.

    Parameters
    ----------
    finding : Finding
        Its places counted from the sentence's start.
    sentence : Sentence
    section : str
        Under a header of `NOT_ASSESSED` the finding is 'not_assessed'.
    first : int
        Position among the report's findings of the sentence's first one.
    """
    by = sentence.start
    values = {
        **finding.__dict__,  # a copy by `replace` takes ten times as long
        "start": finding.start + by,
        "end": finding.end + by,
        "section": section,
        "sentence": sentence.index,
        "sentence_start": by,
        "sentence_end": sentence.end,
    }
    if finding.measurements:
        values["measurements"] = tuple(
            replace(one, start=one.start + by, end=one.end + by) for one in finding.measurements
        )
    if finding.refers:
        values["refers"] = tuple(
            replace(one, start=one.start + by, end=one.end + by) for one in finding.refers
        )
    if finding.relations:
        values["relations"] = tuple(
            Relation(one.kind, str(int(one.other) + first)) for one in finding.relations
        )
    detail = finding.detail.copy()
    if detail:
        for name in _SPANS:
            if name in detail:
                detail[name] = [place + by for place in detail[name]]
        if "places" in detail:
            detail["places"] = [[start + by, end + by] for start, end in detail["places"]]
    if section in NOT_ASSESSED:
        values["assertion"], detail["why"] = "not_assessed", "section"
    values["detail"] = detail
    return _made(values)


def _made(values: dict[str, Any]) -> Finding:
    """A finding of all its values; the class itself sets them one by one, and slowly."""
    made = object.__new__(Finding)
    made.__dict__.update(values)
    return made


def _finding(
    statement: Statement, mention: Mention, related: tuple[Relation, ...], lexicon: Lexicon
) -> Finding:
    text = statement.text
    state, cue = assertion(statement, mention)
    change = mention.change[0] if mention.change else None
    if state == "present" and change == "resolved":
        state = "absent"
    if state == "present" and mention.assertion:
        state = mention.assertion
    if state == "absent" and change != "resolved":
        change = None  # 'unchanged, without effusion'
    sides = [side for side, _ in mention.sides]
    sides += [place.side for place in mention.places if place.side]
    side = laterality(sides) if sides else None
    anatomy = _anatomy(tuple([place[2:4] for place in mention.places]), mention.term.anatomy, side)
    codes = [code for name in anatomy if (code := lexicon.anatomy_code(name))]
    where = _location(mention.places)
    return _made(
        {
            **_EMPTY,
            "start": mention.start,
            "end": mention.end,
            "text": text[mention.start : mention.end],
            "entity": mention.term.entity,
            "code": mention.term.code,
            "labels": mention.term.labels,
            "assertion": state,
            "laterality": side,
            "anatomy": anatomy,
            "anatomy_codes": tuple(dict.fromkeys(codes)),
            "location": text[slice(*(where.listed or where.span))] if where else None,
            "measurements": _values(statement, mention),
            "refers": tuple(mention.refers),
            "change": change,
            "relations": related,
            "sentence_start": statement.start,
            "sentence_end": statement.end,
            "detail": _detail(mention, cue),
        }
    )


def _values(statement: Statement, mention: Mention) -> tuple[Any, ...]:
    values = list(mention.measurements)
    if mention.term.kind == "quantity":
        value = named_value(statement, mention)
        if value and not any(one.start == value.start for one in values):
            values.append(value)
    elif (many := count(statement, mention)) is not None:
        values.append(many)
    return tuple(values)


def _detail(mention: Mention, cue: tuple[int, int, str] | None) -> dict[str, Any]:
    detail: dict[str, Any] = dict(mention.detail)
    if cue:
        detail["cue"] = [cue[0], cue[1]]
    if mention.change:
        detail["change"] = list(mention.change[1])
    if mention.sides:
        detail["laterality"] = list(mention.sides[0][1])
    if mention.places:
        detail["places"] = [list(place.span) for place in mention.places]
    if mention.modifiers:
        detail["modifiers"] = list(dict.fromkeys(value for value, _ in mention.modifiers))
    return detail


@lru_cache(maxsize=4096)
def _anatomy(
    places: tuple[tuple[str, str | None], ...], usual: str, side: str | None
) -> tuple[str, ...]:
    """The ontology's names, the general one left out where a part of it is named."""
    names: list[str] = []
    for entity, own in places:
        names += sided(entity, own or side)
    if usual:
        family = usual.split("_")[0]
        if not any(name.split("_")[0] == family for name in names):
            names = [*sided(usual, side), *names]
    if len(names) < 2:
        return tuple(names)
    names = list(dict.fromkeys(names))
    parts = any(name.startswith(_LUNG_PARTS) for name in names)
    general = _LUNG if parts else frozenset()
    if any(name not in _REGIONS for name in names):
        general |= _REGIONS
    return tuple(
        name for name in names
        if name not in general
        and not any(other != name and other.startswith(f"{name}_") for other in names)
    )  # fmt: skip


def _location(places: Sequence[PlaceName]) -> PlaceName | None:
    """The most telling place: a lobe before a lung, a sided one before one without."""
    if len(places) < 2:
        return places[0] if places else None
    return max(
        places,
        key=lambda one: (
            any(part in one.entity for part in ("lobe", "segment", "quadrant")),
            "lung_{" not in one.entity,
            bool(one.side),
            one.end - one.start,
        ),
    )
