"""listed_lobes: lobes of a list whose noun is said once, 'right upper and left lower lobes'."""

from __future__ import annotations

import re

from graphs.text.place_name import PlaceName, own_side

_LOBES = {
    "upper": "lung_upper_lobe_{side}",
    "middle": "lung_middle_lobe_right",
    "mid": "lung_middle_lobe_right",
    "lower": "lung_lower_lobe_{side}",
}
_ZONES = {
    "upper": "lung_upper_zone_{side}",
    "middle": "lung_mid_zone_{side}",
    "mid": "lung_mid_zone_{side}",
    "lower": "lung_lower_zone_{side}",
}
_FAMILIES = (("lobe", _LOBES), ("zone", _ZONES))
_REACH = 40
# one level, its side and what joins it to the next: 'right upper, '
_LEVEL = re.compile(
    r"(?:\b(?P<side>right|left|bilateral)(?:\s+(?:and|or)\s+(?P<other>right|left))?[\s-]+)?"
    r"\b(?P<level>upper|middle|mid|lower)\s*(?:,\s*(?:(?:and|or)\b)?|/|&|and/or\b|and\b|or\b)\s*$",
    re.IGNORECASE,
)


def listed_lobes(text: str, start: int, last: PlaceName) -> list[PlaceName]:
    """The lobes or zones of the lung that a list names, the one that has the noun the last.

    A side holds for what follows it until another one is said.

    Parameters
    ----------
    text : str
    start : int
        Of the sentence.
    last : PlaceName

    Returns
    -------
    list of PlaceName
        `last` alone where there is no list.
    """
    if not last.entity.startswith("lung_"):
        return [last]
    family = next((names for part, names in _FAMILIES if f"_{part}" in last.entity), None)
    if family is None:
        return [last]
    edge, before = last.start, list[re.Match[str]]()
    while one := _LEVEL.search(text, max(start, edge - _REACH), edge):
        before.insert(0, one)
        edge = one.start()
    if not before:
        return [last]
    whole, side = (edge, last.end), None
    found = []
    for one in before:
        if one["side"]:
            side = "bilateral" if one["other"] else one["side"].lower()
        entity = family[one["level"].lower()]
        own = side or own_side(entity)
        found.append(PlaceName(one.start(), one.end("level"), entity, own, whole))
    return [*found, last._replace(side=last.side or side, listed=whole)]
