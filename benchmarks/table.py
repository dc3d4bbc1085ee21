"""One table of measurements: ours, theirs, the ratio, and what it is held to."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line.

    Attributes
    ----------
    what, data : str
        What was done, on which data ('real' or 'synthetic' is said there).
    ours, other : float
        Medians, in `unit`.
    against : str
        What `other` is.
    better : float
        How many times better ours is; below 1 it is worse.
    target : str
        Such as '>= 8'; empty where nothing was promised.
    met : bool or None
    """

    what: str
    data: str
    ours: float
    against: str
    other: float
    unit: str
    better: float
    target: str = ""
    met: bool | None = None


def faster(
    what: str, data: str, ours: float, against: str, other: float, at_least: float | None = None,
    unit: str = "ms",
) -> Row:  # fmt: skip
    """A line where less is better, and ours is to be so many times less."""
    ratio = other / ours
    target = "" if at_least is None else f">= {at_least:g}x"
    met = None if at_least is None else ratio >= at_least
    return Row(what, data, ours, against, other, unit, ratio, target, met)


def medians(
    calls: Mapping[str, Callable[[], Any]], repeat: int, before: Callable[[], Any] | None = None
) -> dict[str, float]:
    """Median wall-clock milliseconds of each call.

    The calls take turns, so that what else the machine does falls on all of them alike; one
    round before the first that counts warms the caches.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(repeat + 1):
        for name, call in calls.items():
            if before is not None:
                before()
            gc.collect()
            began = time.perf_counter()
            kept = call()
            took = time.perf_counter() - began
            del kept
            if number:
                times[name].append(took * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


def table(rows: Sequence[Row]) -> str:
    """The lines as text, in columns."""
    head = ["measured", "data", "ours", "other", "against", "ratio", "target", ""]
    lines = [head]
    for row in rows:
        met = {True: "met", False: "MISSED", None: ""}[row.met]
        ours, other = (f"{value:,.4g} {row.unit}" for value in (row.ours, row.other))
        ratio = f"{row.better:.1f}x"
        lines.append([row.what, row.data, ours, other, row.against, ratio, row.target, met])
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    text = [
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([text[0], "  ".join("-" * w for w in widths), *text[1:]])
