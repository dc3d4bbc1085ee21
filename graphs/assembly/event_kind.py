"""What kind of node an event becomes."""

from __future__ import annotations

_TREATMENTS = frozenset(
    {
        "treatment", "therapy", "drug", "medication", "chemotherapy", "immunotherapy",
        "hormone therapy", "targeted therapy", "radiotherapy", "radiation", "radiation therapy",
        "surgery", "procedure", "transplant",
    }
)  # fmt: skip
_OUTCOMES = frozenset(
    {
        "outcome", "death", "recurrence", "progression", "relapse", "last follow-up", "follow-up",
        "response", "status",
    }
)  # fmt: skip


def event_kind(kind: str | None) -> str:
    """Sort an event's own kind.

    Parameters
    ----------
    kind : str or None
        As the source names it; compared without regard to case.

    Returns
    -------
    {'treatment', 'outcome', 'mutation', 'event'}
    """
    plain = (kind or "").strip().casefold()
    if plain in _TREATMENTS:
        return "treatment"
    if plain in _OUTCOMES:
        return "outcome"
    return "mutation" if plain == "mutation" else "event"
