"""TrackedLesion: one lesion over a patient's visits, and how each visit's outline was matched."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphs.lesion import Lesion


@dataclass(frozen=True)
class Match:
    """Why an outline is taken for a lesion that was seen before, or is not.

    Attributes
    ----------
    target : str
        The outline: address without key and version.
    visit : str
    lesion : str
        Of the tracked lesion.
    by : str
        'first' where nothing was seen before that it could be, 'tracking id',
        'position and size', or 'unmatched'.
    distance_mm : float or None
        Between the centroids, the earlier one moved by the registration.
    reason : str
    alternatives : tuple of str
        Tracked lesions that it could be as well.
    """

    target: str
    visit: str
    lesion: str
    by: str
    distance_mm: float | None = None
    reason: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass
class TrackedLesion:
    """A lesion at several times.

    Attributes
    ----------
    id : str
        'L1', 'L2', ... in the order of time.
    at : dict
        Visit to the outline that stands for it: of several outlines of one visit the one whose
        longest diameter is the (lower) median.
    outlines : dict
        Visit to all outlines of it.
    matches : list of Match
        One a visit.
    """

    id: str
    at: dict[str, Lesion] = field(default_factory=dict)
    outlines: dict[str, tuple[Lesion, ...]] = field(default_factory=dict)
    matches: list[Match] = field(default_factory=list)

    @property
    def last(self) -> Lesion:
        """The newest outline."""
        return self.at[max(self.at)]

    @property
    def name(self) -> str:
        """As the first outline names it; hostile."""
        return self.at[min(self.at)].name
