"""Rules about identifiers: which of them are alike enough to be shown to a person."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

# A name that many use is no evidence; all pairs of its holders would be quadratic in number.
MOST_HOLDERS = 6
_LONGEST = 200

_TCGA = re.compile(r"(?P<case>TCGA-[0-9A-Z]{2}-[0-9A-Z]{4})[-._](?P<rest>.+)", re.I)
_WORD = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True, order=True)
class Named:
    """One identifier of a patient.

    Attributes
    ----------
    key : str
        The patient's.
    issuer, identifier : str
        Hostile text.
    """

    key: str
    issuer: str
    identifier: str


@dataclass(frozen=True)
class Clue:
    """Something that speaks for two patients being one, and what about it speaks against.

    Attributes
    ----------
    patient, into : str
        Keys; where the rule has a direction, `into` is the more general name.
    rule : str
    evidence : str
    against : tuple of str
    """

    patient: str
    into: str
    rule: str
    evidence: str
    against: tuple[str, ...] = ()


def name_rules(names: Iterable[Named]) -> list[Clue]:
    """Find identifiers that are alike, in time that grows with their number.

    Rules: 'barcode' (a TCGA sample or file, and its case), 'other issuer' (the same identifier
    from another source), 'spelling' (equal but for case, space, punctuation and leading zeros),
    'suffix' and 'prefix' (one is the other with a further part, such as a collection's name).

    Parameters
    ----------
    names : iterable of Named

    Returns
    -------
    list of Clue
    """
    known = sorted(n for n in set(names) if n.identifier.strip() and len(n.identifier) <= _LONGEST)
    return [*_other_issuer(known), *_barcodes(known), *_spelling(known), *_parts(known)]


def spelling(identifier: str) -> str:
    """What is left of an identifier without case, space, punctuation and leading zeros.

    Two numbers that stand apart stay apart: ``12-3`` is not ``123``.
    """
    text = ""
    for bare in map(_bare, _words(identifier)):
        text += "-" + bare if bare[0].isdigit() and text[-1:].isdigit() else bare
    return text


def tcga_case(text: str) -> str | None:
    """The case that a TCGA barcode or a file's name begins with, or None."""
    found = _TCGA.match(text)
    return found["case"].upper() if found else None


def _words(identifier: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", identifier).casefold())


def _bare(word: str) -> str:
    return (word.lstrip("0") or "0") if word.isdigit() else word


def _pairs(holders: Sequence[Named]) -> Iterator[tuple[Named, Named]]:
    for one, other in combinations(holders, 2):
        if one.key != other.key:
            yield one, other


def _groups(found: dict[str, list[Named]]) -> Iterator[list[Named]]:
    for _, holders in sorted(found.items()):
        if 1 < len({name.key for name in holders}) <= MOST_HOLDERS:
            yield holders


def _other_issuer(known: list[Named]) -> Iterator[Clue]:
    found: dict[str, list[Named]] = defaultdict(list)
    for name in known:
        found[name.identifier].append(name)
    for holders in _groups(found):
        for one, other in _pairs(holders):
            said = f"{one.identifier!r} from {one.issuer} and from {other.issuer}"
            yield Clue(one.key, other.key, "other issuer", said)


def _spelling(known: list[Named]) -> Iterator[Clue]:
    found: dict[str, list[Named]] = defaultdict(list)
    for name in known:
        found[spelling(name.identifier)].append(name)
    found.pop("", None)
    for holders in _groups(found):
        for one, other in _pairs(holders):
            if one.identifier != other.identifier:
                said = f"{one.identifier!r} and {other.identifier!r} differ in spelling alone"
                yield Clue(one.key, other.key, "spelling", said, _one_source(one, other))


def _barcodes(known: list[Named]) -> Iterator[Clue]:
    cases: dict[str, list[Named]] = defaultdict(list)
    for name in known:
        cases[name.identifier.upper()].append(name)
    for name in known:
        case = tcga_case(name.identifier)
        holders = [other for other in cases.get(case, []) if other.key != name.key] if case else []
        for other in holders[:MOST_HOLDERS]:
            said = f"{name.identifier!r} is a sample or a file of the case {other.identifier!r}"
            yield Clue(name.key, other.key, "barcode", said, _several(holders))


def _parts(known: list[Named]) -> Iterator[Clue]:
    whole: dict[tuple[str, ...], list[Named]] = defaultdict(list)
    words = {}
    for name in known:
        words[name] = tuple(_words(name.identifier))
        whole[tuple(map(_bare, words[name]))].append(name)
    for name in known:
        mine = words[name]
        for cut in range(1, min(len(mine), 16)):
            for rule, part, rest in (
                ("suffix", mine[cut:], mine[:cut]),
                ("prefix", mine[:cut], mine[cut:]),
            ):
                if not _telling(part) or (rule == "prefix" and tcga_case(name.identifier)):
                    continue
                same = whole.get(tuple(map(_bare, part)), [])
                holders = [other for other in same if other.key != name.key]
                for other in holders[:MOST_HOLDERS]:
                    yield _part(name, other, rule, rest, holders)


def _part(
    name: Named, other: Named, rule: str, rest: tuple[str, ...], holders: list[Named]
) -> Clue:
    left = " ".join(rest)
    said = f"{name.identifier!r} is {other.identifier!r} with {left!r} "
    said += "before it" if rule == "suffix" else "after it"
    against = [*_one_source(name, other), *_several(holders)]
    if any(word.isdigit() for word in rest):
        against.append(f"{left!r} holds a number: another person, a visit or a sample?")
    return Clue(name.key, other.key, rule, said, tuple(against))


def _telling(part: tuple[str, ...]) -> bool:
    """Whether a part of a name can single out a person: ``msb 06489`` can, ``002`` cannot."""
    digits = sum(len(word) for word in part if word.isdigit())
    letters = any(not word.isdigit() for word in part)
    return digits >= 6 or (letters and digits >= 3)


def _one_source(one: Named, other: Named) -> tuple[str, ...]:
    return (f"one source ({one.issuer}) uses both",) if one.issuer == other.issuer else ()


def _several(holders: Sequence[Named]) -> tuple[str, ...]:
    count = len({name.key for name in holders})
    return (f"{count} patients fit",) if count > 1 else ()
