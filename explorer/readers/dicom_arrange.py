"""Arrange slices at the same places into time points, or find that they are duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from explorer.readers.dicom_frames import ORDER
from explorer.readers.dicom_slice import Slice
from explorer.readers.dicom_split import SAME_PLACE, along_normal, is_placed

# Their values mean the same thing at every place; the others only rank the frames of one place.
_SHARED, _RANKED = ORDER[:-2], (*ORDER[-2:], "frame")


@dataclass(frozen=True)
class Arranged:
    """Slices of one array.

    Attributes
    ----------
    slices : list of list of Slice
        One list a time point, each sorted along the normal.
    by : str or None
        The DICOM keyword that tells the time points apart; None where there is one.
    values : list of float
        Of `by`, one a time point; for AcquisitionTime seconds since the first.
    left_out : dict
        `Slice.place` of duplicates to the reason why they are in no array.
    """

    slices: list[list[Slice]]
    by: str | None = None
    values: list[float] = field(default_factory=list)
    left_out: dict[tuple[str, int], str] = field(default_factory=dict)


def arrange(part: list[Slice]) -> list[Arranged]:
    """Sort one part of a series by geometry.

    Parameters
    ----------
    part : list of Slice
        As `explorer.readers.dicom_split.split` gives it.

    Returns
    -------
    list of Arranged
        Usually one. Several where time points cover different places.
    """
    if not is_placed(part[0]):
        return [Arranged([sorted(part, key=lambda one: one.order)])]
    places = _places(part)
    most = max(map(len, places))
    if most == 1:
        return [Arranged([[place[0] for place in places]])]
    for name in _SHARED:
        if found := _by_shared(places, most, name):
            return found
    if all(len(place) == most for place in places):
        for name in _RANKED:
            if ranked := _by_rank(places, name):
                return [ranked]
    kept: list[Slice] = []
    left_out: dict[tuple[str, int], str] = {}
    for place in places:
        first, *others = sorted(place, key=lambda one: one.order)
        kept.append(first)
        for one in others:
            left_out[one.place] = (
                f"a second slice at the place of {first.header.source.uri}, and nothing in the "
                "headers makes a regular series of the two"
            )
    return [Arranged([kept], left_out=left_out)]


def _places(part: list[Slice]) -> list[list[Slice]]:
    """Group slices that lie at the same depth, in ascending order along the normal."""
    depth = along_normal(part)
    order = np.argsort(depth, kind="stable")
    breaks = np.flatnonzero(np.diff(depth[order]) > SAME_PLACE) + 1
    return [[part[int(i)] for i in group] for group in np.split(order, breaks)]


def _by_shared(places: list[list[Slice]], most: int, name: str) -> list[Arranged] | None:
    """Group by a value that means the same everywhere; None where that does not fit.

    It fits where it makes as many groups as there are slices at the fullest place, with no
    place twice in one of them. Groups that cover the same places are time points of one array.
    """
    groups: dict[float, dict[int, Slice]] = defaultdict(dict)
    for index, place in enumerate(places):
        for one in place:
            value = one.plane.order.get(name)
            if value is None or index in groups[value]:
                return None
            groups[value][index] = one
    if len(groups) != most:
        return None
    arrays: dict[tuple[int, ...], list[float]] = defaultdict(list)
    for value in sorted(groups):
        arrays[tuple(groups[value])].append(value)
    return [
        Arranged(
            [list(groups[value].values()) for value in values],
            name if len(values) > 1 else None,
            values if len(values) > 1 else [],
        )
        for values in arrays.values()
    ]


def _by_rank(places: list[list[Slice]], name: str) -> Arranged | None:
    """Order the frames of each place by a value that differs there."""
    if name == "frame":
        if len({one.header.source.uri for place in places for one in place}) > 1:
            return None
        value: Callable[[Slice], float | None] = lambda one: float(one.plane.index)  # noqa: E731
    else:
        value = lambda one: one.plane.order.get(name)  # noqa: E731
    sorted_places: list[list[tuple[float, Slice]]] = []
    for place in places:
        found = [(number, one) for one in place if (number := value(one)) is not None]
        if len({number for number, _ in found}) < len(place):
            return None
        sorted_places.append(sorted(found, key=lambda pair: pair[0]))
    times = list(zip(*sorted_places, strict=True))
    values = [min(number for number, _ in time) for time in times]
    if name == "AcquisitionTime":
        values = [round(number - values[0], 6) for number in values]
    return Arranged([[one for _, one in time] for time in times], name, values)
