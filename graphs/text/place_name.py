"""PlaceName: a structure that a sentence names, with its side."""

from __future__ import annotations

from typing import NamedTuple

SIDE = "{side}"


class PlaceName(NamedTuple):
    """``text[start:end]`` names it, words like 'right' and 'segment 6 of the' included.

    Attributes
    ----------
    start, end : int
    entity : str
        In the lexicon's spelling: 'lung_upper_lobe_{side}'.
    side : str or None
    listed : (start, end) or None
        Of the whole list that it is one of: 'right upper and left lower lobes'.
    """

    start: int
    end: int
    entity: str
    side: str | None = None
    listed: tuple[int, int] | None = None

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands."""
        return self.start, self.end


def sided(entity: str, side: str | None) -> tuple[str, ...]:
    """The ontology's names of a structure: of both sides, of one, or the name without a side.

    Examples
    --------
    >>> sided("lung_upper_lobe_{side}", "right")
    ('lung_upper_lobe_right',)
    >>> sided("rib_{side}_4", None)
    ('rib_4',)
    """
    if SIDE not in entity:
        return (entity,)
    if side == "bilateral":
        return entity.replace(SIDE, "left"), entity.replace(SIDE, "right")
    if side:
        return (entity.replace(SIDE, side),)
    return (entity.replace(f"_{SIDE}", ""),)


def own_side(entity: str) -> str | None:
    """The side that a name has by itself: 'lung_middle_lobe_right'."""
    last = entity.rpartition("_")[2]
    return last if last in ("left", "right") else None
