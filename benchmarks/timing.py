"""Median times of things done in turn, so that a slow moment of the machine hits all of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any


def in_turn(steps: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Run every step once a round; the first round is a warm-up.

    Parameters
    ----------
    steps : dict
        Name to what is timed.
    repeats : int

    Returns
    -------
    dict
        Name to median seconds.
    """
    times: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(repeats + 1):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            if number:
                times[name].append(time.perf_counter() - start)
    return {name: median(found) for name, found in times.items()}
