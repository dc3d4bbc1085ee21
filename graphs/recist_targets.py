"""recist_targets: the lesions that are measured at every visit, and why others are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphs.errors import FollowError
from graphs.recist_rules import recist_data
from graphs.seen_lesion import SeenLesion


def recist_targets(
    first: Mapping[str, SeenLesion], wanted: Iterable[str] | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Choose target lesions by the rules of RECIST 1.1, or take those that are named.

    Parameters
    ----------
    first : mapping of str to SeenLesion
        Lesions of the baseline.
    wanted : iterable of str, optional
        By default measurable ones, the largest first, five at most, two an organ.

    Returns
    -------
    targets, notes : tuple of str
        Lesions, and why others are none.

    Raises
    ------
    FollowError
        A named lesion was not measured at the baseline.
    """
    return _chosen(first) if wanted is None else (_named(wanted, first), ())


def _named(targets: Iterable[str], first: Mapping[str, SeenLesion]) -> tuple[str, ...]:
    wanted = tuple(targets)
    missing = [n for n in wanted if n not in first or first[n].size_mm is None]
    if missing:
        raise FollowError(f"The baseline has no measured lesion {missing}")
    return wanted


def _chosen(first: Mapping[str, SeenLesion]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    limits = recist_data()["targets"]
    counts: dict[str, int] = {}
    chosen: list[str] = []
    notes: list[str] = []
    ranked = sorted(first.values(), key=lambda one: (-(one.size_mm or 0.0), one.lesion))
    for one in ranked:
        if one.state != "present":
            continue
        why = _not_measurable(one)
        # lesions of unknown place are not taken for one organ, nor for as many as there are
        organ = "lymph node" if one.node else (one.organ or "unknown place")
        if why is None and len(chosen) >= limits["most"]:
            why = f"{limits['most']} targets are chosen already"
        if why is None and counts.get(organ, 0) >= limits["most_an_organ"]:
            why = f"{limits['most_an_organ']} targets of {organ} are chosen already"
        if why is None:
            chosen.append(one.lesion)
            counts[organ] = counts.get(organ, 0) + 1
        else:
            notes.append(f"{one.lesion}: {why}")
    return tuple(chosen), tuple(notes)


def _not_measurable(one: SeenLesion) -> str | None:
    limits = recist_data()["measurable"]
    if one.size_mm is None:
        return "it was not measured"
    least = float(limits["node_short_mm"] if one.node else limits["longest_mm"])
    if not one.node and one.slice_mm and one.slice_mm > limits["thin_slice_mm"]:
        least = max(least, limits["slices"] * one.slice_mm)
    kind = "short axis" if one.node else "longest diameter"
    return None if one.size_mm >= least else f"{kind} {one.size_mm:.1f} mm, below {least:g} mm"
