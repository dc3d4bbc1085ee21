"""A timeline as a static figure, for papers and exported pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.printable import printable
from widgets.palette import GREEN, NODES
from widgets.timeline_items import Timeline, TimelineItem

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_SERIES = 8
_MARKS = "osD^vP*X"


def timeline_figure(
    timeline: Timeline, zero: str, *, title: str = "", width: float = 10.0
) -> Figure:
    """Draw lanes of items over days, and each series below them on the same axis.

    Parameters
    ----------
    timeline : Timeline
    zero : str
        What time zero is.
    title : str
        Hostile.
    width : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure
        Days on the x axis; units on the y axes. What has no day is counted below.
    """
    from explorer.picture import Picture

    charts = list(dict.fromkeys(one.chart for one in timeline.series))[:_MOST_SERIES]
    plain = [one for one in timeline.lanes if one not in charts]
    lanes = [
        lane
        for lane in plain
        if any(one.lane == lane and one.day is not None for one in timeline.items)
    ]  # fmt: skip
    heights = [0.5 + 0.34 * max(1, len(lanes)), *(1.5 for _ in charts)]
    figure = Picture((width, sum(heights) + 0.9), layout="constrained")
    axes = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for row, lane in enumerate(lanes):
        _lane(axes[0], row, [one for one in timeline.items if one.lane == lane])
    axes[0].set_yticks(range(len(lanes)), [_name(one) for one in lanes], fontsize=8)
    axes[0].set_ylim(max(1, len(lanes)) - 0.4, -0.6)
    for text in axes[0].get_yticklabels():
        text.set_parse_math(False)
    for axis, chart in zip(axes[1:], charts, strict=True):
        _chart(axis, timeline, chart)
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(axis="x", color="0.92")
        axis.set_axisbelow(True)
    undated = sum(one.day is None for one in timeline.items)
    tail = f" {undated} things have no day and are not drawn." if undated else ""
    made_up = any(one.synthetic for one in timeline.items)
    axis_says = zero if zero.startswith("Days") else f"days. {zero}"
    axes[-1].set_xlabel(f"{axis_says}{tail}", fontsize=8, parse_math=False)
    axes[0].set_title(
        _name(title) + (" (hollow: synthetic)" if made_up else ""),
        loc="left", fontsize=9, parse_math=False,
    )  # fmt: skip
    return figure


def _lane(axis: Any, row: int, items: list[TimelineItem]) -> None:
    right = float("-inf")
    for one in sorted((one for one in items if one.day is not None), key=lambda one: one.day or 0):
        color = GREEN if one.kind == "response" else NODES.get(one.kind, "#666666")
        face = "white" if one.synthetic else color
        if one.end is not None and one.day is not None and one.end > one.day:
            axis.barh(row, one.end - one.day, 0.35, one.day, color=face, edgecolor=color)
        else:
            axis.plot(one.day, row, "o", color=color, markerfacecolor=face, markersize=6)
        if one.day is not None and one.day > right:  # a name only where the one before has ended
            axis.annotate(
                _name(one.label), (one.day, row), (6, 6), textcoords="offset points", fontsize=6.5,
                parse_math=False, annotation_clip=True,
            )  # fmt: skip
            right = one.day + 0.01


def _chart(axis: Any, timeline: Timeline, chart: str) -> None:
    for place, series in enumerate(timeline.series):
        if series.chart != chart:
            continue
        points = sorted(
            (one.day, one.value)
            for one in timeline.items
            if one.series == place and one.day is not None and one.value is not None
        )
        days, values = [day for day, _ in points], [value for _, value in points]
        axis.plot(days, values, marker=_MARKS[place % len(_MARKS)], markersize=4, linewidth=1,
                  label=_name(series.name))  # fmt: skip
        if series.from_zero:
            axis.set_ylim(bottom=0)
    axis.set_ylabel(_name(chart), fontsize=7, parse_math=False)
    axis.tick_params(labelsize=7)
    if sum(series.chart == chart for series in timeline.series) > 1:
        for text in axis.legend(fontsize=6.5, frameon=False).get_texts():
            text.set_parse_math(False)


def _name(text: str) -> str:
    line = " ".join(printable(text).split())
    line = line if len(line) <= 42 else f"{line[:41]}…"
    # matplotlib's own font has no other letters, and would warn
    return "".join(c if ord(c) < 0x2E80 else "▯" for c in line)
