"""Which outline of a later visit is which lesion: tracking id, else position and size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from graphs.lesion import Lesion
from graphs.tracked_lesion import Match, TrackedLesion

# (earlier outline, later outline) -> the earlier centroid in the later image, or why it is unknown
Mover = Callable[[Lesion, Lesion], "NDArray[np.float64] | str"]

_NEAR_MM = 10.0
_RATIO = 3.0


def lesion_identity(
    visits: Sequence[tuple[str, Sequence[Lesion]]],
    move: Mover,
    *,
    near_mm: float = _NEAR_MM,
    ratio: float = _RATIO,
) -> list[TrackedLesion]:
    """Follow lesions through visits.

    The same tracking id is the same lesion. Without one, an earlier and a later outline are
    candidates for each other where the centroids lie within `near_mm` or half of the longer
    diameter, neither diameter is more than `ratio` times the other, and what is known of organ,
    side and tracking id does not differ. They are matched only where each is the other's only
    candidate; else the later one stays a lesion of its own, with the others as alternatives.

    Parameters
    ----------
    visits : sequence of (str, sequence of Lesion)
        In time order, named so that they sort in that order (ISO dates).
    move : callable
    near_mm, ratio : float

    Returns
    -------
    list of TrackedLesion
    """
    tracks: list[TrackedLesion] = []
    for visit, seen in visits:
        groups = same_visit(seen)
        before = list(tracks)
        done = _by_tracking(visit, groups, before)
        left = [n for n in range(len(groups)) if n not in done]
        free = [track for track in before if visit not in track.at]
        pairs, unknown = _candidates([groups[n][0] for n in left], free, move, near_mm, ratio)
        for k, n in enumerate(left):
            mine = [(t, far) for t, one, far in pairs if one == k]
            rivals = [one for t, one, _ in pairs if mine and t == mine[0][0]]
            if len(mine) == 1 and len(rivals) == 1:
                track, far = free[mine[0][0]], mine[0][1]
                why = f"the only candidate: {far:.1f} mm away, sizes within a factor of {ratio:g}"
                _add(track, visit, groups[n], "position and size", far, why, ())
                continue
            names = tuple(free[t].id for t, _ in mine)
            by, why = _why_not(names, len(rivals), free, unknown.get(k, ""))
            track = TrackedLesion(f"L{len(tracks) + 1}")
            tracks.append(track)
            _add(track, visit, groups[n], by, None, why, names)
    return tracks


def same_visit(seen: Sequence[Lesion]) -> list[tuple[Lesion, ...]]:
    """Outlines of one lesion at one visit, the one of median size first."""
    groups: list[list[Lesion]] = []
    for one in seen:
        home = [group for group in groups if all(_one_lesion(one, other) for other in group)]
        if len(home) == 1:
            home[0].append(one)
        else:
            groups.append([one])
    return [_median_first(group) for group in groups]


def _one_lesion(a: Lesion, b: Lesion) -> bool:
    """Whether two outlines of a visit are drawings of one lesion, by two readers or programs."""
    if a.tracking_uid and b.tracking_uid:
        return a.tracking_uid == b.tracking_uid
    far = float(np.linalg.norm(np.subtract(a.measures.centroid, b.measures.centroid)))
    small, large = sorted((a.measures.longest_mm, b.measures.longest_mm))
    return far <= small / 4 + 1 and small >= large / 2


def _median_first(group: list[Lesion]) -> tuple[Lesion, ...]:
    ranked = sorted(group, key=lambda one: (one.measures.longest_mm, one.target))
    middle = ranked[(len(ranked) - 1) // 2]
    return (middle, *(one for one in group if one is not middle))


def _by_tracking(
    visit: str, groups: list[tuple[Lesion, ...]], before: list[TrackedLesion]
) -> set[int]:
    done = set()
    for n, group in enumerate(groups):
        mine = _ids(group)
        same = [track for track in before if mine & _track_ids(track) and visit not in track.at]
        if len(same) == 1:
            done.add(n)
            _add(same[0], visit, group, "tracking id", None, "the same tracking id", ())
    return done


def _candidates(
    lesions: list[Lesion], free: list[TrackedLesion], move: Mover, near_mm: float, ratio: float
) -> tuple[list[tuple[int, int, float]], dict[int, str]]:
    """``(track, lesion, distance)`` that fit, and why a lesion could not be compared."""
    found: list[tuple[int, int, float]] = []
    unknown: dict[int, str] = {}
    for k, lesion in enumerate(lesions):
        for t, track in enumerate(free):
            last = track.last
            if _differ(last, lesion, _track_ids(track)):
                continue
            small, large = sorted((last.measures.longest_mm, lesion.measures.longest_mm))
            if small * ratio < large:
                continue
            moved = move(last, lesion)
            if isinstance(moved, str):
                unknown[k] = moved
                continue
            far = float(np.linalg.norm(moved - np.asarray(lesion.measures.centroid)))
            if far <= max(near_mm, large / 2):
                found.append((t, k, far))
    return found, unknown


def _differ(a: Lesion, b: Lesion, ids: set[str]) -> bool:
    if b.tracking_uid and ids and b.tracking_uid not in ids:
        return True
    for name in ("organ", "laterality"):
        said = (getattr(a, name), getattr(b, name))
        if all(said) and said[0] != said[1]:
            return True
    return False


def _why_not(
    names: tuple[str, ...], rivals: int, free: list[TrackedLesion], unknown: str
) -> tuple[str, str]:
    if len(names) > 1:
        return "unmatched", f"it could be any of {', '.join(names)}"
    if names:
        return "unmatched", f"{rivals} outlines of this visit could be {names[0]}"
    if unknown:
        return "unmatched", unknown
    return "first", "no earlier outline is near enough and of like size" if free else "first visit"


def _add(
    track: TrackedLesion,
    visit: str,
    group: tuple[Lesion, ...],
    by: str,
    far: float | None,
    why: str,
    others: tuple[str, ...],
) -> None:
    track.at[visit] = group[0]
    track.outlines[visit] = group
    track.matches.append(Match(group[0].target, visit, track.id, by, far, why, others))


def _ids(group: Sequence[Lesion]) -> set[str]:
    return {one.tracking_uid for one in group if one.tracking_uid}


def _track_ids(track: TrackedLesion) -> set[str]:
    return {uid for group in track.outlines.values() for uid in _ids(group)}
