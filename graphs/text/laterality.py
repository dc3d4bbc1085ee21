"""laterality: which side a structure or an observation is on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from graphs.finding import Laterality
from graphs.text.listed_lobes import listed_lobes
from graphs.text.place_name import PlaceName, own_side
from graphs.text.term import TermMatch

_NEXT_TO = re.compile(r"[\s·-]{0,2}")
_CHAIN = re.compile(r"\s*(?:and|or|/|&|,|y|o|和|及|・)\s*", re.IGNORECASE)
_SEGMENT = re.compile(
    r"(?:\b(?:apical|posterior|anterior|superior|medial|lateral|basal|apicoposterior|lingular"
    r"|anteromedial|posterobasal)\s+)*\bsegment(?:\s+(?:s?\d{1,2}|[ivx]{1,4}))?\s+of\s+(?:the\s+)?$",
    re.IGNORECASE,
)


def laterality(sides: Iterable[str]) -> Laterality | None:
    """One word for all that was said about the side.

    Examples
    --------
    >>> laterality(["left", "right"])
    'bilateral'
    """
    said = set(sides)
    if "bilateral" in said or said >= {"left", "right"}:
        return "bilateral"
    if "left" in said:
        return "left"
    return "right" if "right" in said else None


def place_names(
    text: str, anatomy: Sequence[TermMatch], sides: Sequence[TermMatch], start: int
) -> list[PlaceName]:
    """Structures with the side that stands next to them.

    'right and left lower lobes' has two, 'lobe right' has one; 'segment 6 of the left lower lobe'
    is one place, whose text says the segment.

    Parameters
    ----------
    text : str
    anatomy, sides : sequence of TermMatch
        Of one sentence.
    start : int
        Of the sentence.
    """
    found: list[PlaceName] = []
    for match in anatomy:
        begin, stop = match.start, match.end
        said = [one.entity for one in match.terms if one.kind == "side"]
        edge = begin
        for one in reversed([one for one in sides if one.end <= begin] if sides else ()):
            joint = text[one.end : edge]
            if not (_NEXT_TO.fullmatch(joint) or (edge < match.start and _CHAIN.fullmatch(joint))):
                break
            said.append(_side(one))
            edge = begin = one.start
        if sides and not said:
            after = next((one for one in sides if one.start >= match.end), None)
            if after and _NEXT_TO.fullmatch(text[match.end : after.start]):
                # 'liver right of' has no side; 'lobe right' and 'lóbulo derecho' have
                said.append(_side(after))
                stop = after.end
        if "egment" in text[max(start, begin - 60) : begin].lower():
            segment = _SEGMENT.search(text, max(start, begin - 60), begin)
            begin = segment.start() if segment else begin
        entity = next(one.entity for one in match.terms if one.kind == "anatomy")
        side = laterality(said) or own_side(entity)
        found += listed_lobes(text, start, PlaceName(begin, stop, entity, side))
    return found


def _side(match: TermMatch) -> str:
    return next(one.entity for one in match.terms if one.kind == "side")
