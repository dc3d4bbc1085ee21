"""A figure of a patient over time."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from graphs.followed import Follow

_MOST = 12


def follow_figure(found: Follow) -> Figure:
    """Longest diameters over time, and the RECIST sum with its categories.

    Parameters
    ----------
    found : Follow

    Returns
    -------
    matplotlib.figure.Figure
        mm over dates; the twelve largest lesions.
    """
    from explorer.picture import Picture

    figure = Picture(size=(9, 4), layout="constrained")
    sizes, sums = figure.subplots(1, 2)
    largest = sorted(
        found.lesions, key=lambda t: -max(one.measures.longest_mm for one in t.at.values())
    )
    for track in largest[:_MOST]:
        visits = sorted(track.at)
        values = [track.at[v].measures.longest_mm for v in visits]
        sizes.plot([_when(v) for v in visits], values, marker="o", label=track.id)
    sizes.set_ylabel("longest diameter / mm")
    title = f"{len(found.lesions)} lesions" + (", SYNTHETIC" if found.synthetic else "")
    sizes.set_title(title, parse_math=False)
    if largest:
        sizes.legend(fontsize=8)
    rows = [one for one in found.recist.visits if one.sum_mm is not None] if found.recist else []
    sums.plot([_when(one.visit) for one in rows], [one.sum_mm for one in rows], marker="s")
    for one in found.recist.visits if found.recist else ():
        at = 0.0 if one.sum_mm is None else one.sum_mm
        sums.annotate(
            one.category, (_when(one.visit), at), xytext=(0, 6), textcoords="offset points",
            fontsize=8, ha="center",
        )  # fmt: skip
    sums.set_ylabel("RECIST sum / mm")
    sums.set_title("RECIST 1.1; for research, no diagnosis")
    for axis in (sizes, sums):
        axis.set_xlabel("date")
        axis.set_ylim(bottom=0)
        axis.tick_params(axis="x", rotation=30)
    return figure


def _when(visit: str) -> Any:
    try:
        return date.fromisoformat(visit)
    except ValueError:
        return visit
