"""A patient's lesions over time, as a timeline shows them."""

from __future__ import annotations

from datetime import date

from graphs.followed import Follow
from widgets.timeline_items import Timeline, TimelineItem, TimelineSeries

_SIZES = "longest diameter, mm"
_RESPONSE = "response (RECIST 1.1)"


def timeline_lesions(key: str, found: Follow, zero: str | None) -> Timeline:
    """Diameters of each lesion over days, and the category of response with its rule.

    Parameters
    ----------
    key : str
        The patient's.
    found : Follow
        Of `graphs.follow`.
    zero : str or None
        ISO date of the patient's time zero.

    Returns
    -------
    Timeline
        What is of no known day says why.
    """
    made = Timeline(lanes=[_SIZES, _RESPONSE] if found.lesions else [])
    at: dict[str, list[str]] = {}
    for number, track in enumerate(found.lesions):
        made.series.append(TimelineSeries(_SIZES, track.id, "mm", from_zero=True))
        matches = {one.visit: one for one in track.matches}
        rows = found.table[found.table["lesion"] == track.id].set_index("visit")
        for visit in sorted(track.at):
            lesion = track.at[visit]
            address = f"onco:{key}/{lesion.target}"
            at.setdefault(visit, []).append(address)
            day, reason = _day(visit, zero, lesion.day)
            change = rows["longest_change"][visit]
            said = f"{lesion.measures.longest_mm:.1f} mm"
            detail = [
                f"{track.id}, {lesion.name}: {said} x {lesion.measures.perpendicular_mm:.1f} mm"
            ]
            if change == change and change is not None:
                detail.append(f"{change:+.0%} since the visit before")
            match = matches.get(visit)
            if match is not None and match.by != "first":
                distance = "" if match.distance_mm is None else f", {match.distance_mm:.1f} mm away"
                detail.append(f"taken for the same lesion by {match.by}{distance}")
            made.items.append(
                TimelineItem(
                    _SIZES, f"{track.id} {said}", "lesion", day, [address],
                    detail="; ".join(detail), reason=reason, synthetic=lesion.synthetic,
                    series=number, value=lesion.measures.longest_mm,
                )
            )  # fmt: skip
    for one in found.recist.visits if found.recist else ():
        day, reason = _day(one.visit, zero, None)
        total = "" if one.sum_mm is None else f", sum {one.sum_mm:.0f} mm"
        made.items.append(
            TimelineItem(
                _RESPONSE, f"{one.category}{total}", "response", day, at.get(one.visit, []),
                detail=f"{one.reason}. For research, no diagnosis.", reason=reason,
                synthetic=found.synthetic,
            )
        )  # fmt: skip
    return made


def _day(visit: str, zero: str | None, known: int | None) -> tuple[int | None, str]:
    if known is not None:
        return known, ""
    try:
        then = date.fromisoformat(visit)
    except ValueError:
        return None, "the outline has no date"
    if zero is None:
        return None, "a date, and time zero has none"
    return (then - date.fromisoformat(zero)).days, ""
