"""IoBB: how much of a predicted box lies in the true one."""

from __future__ import annotations

from collections.abc import Sequence

Span = tuple[float, float]


def iobb(box: Sequence[Span], truth: Sequence[Span]) -> float:
    """Intersection over the predicted box (Wang et al., ChestX-ray8, CVPR 2017).

    A box that covers everything cannot score by it, a small one within the truth scores 1.

    Parameters
    ----------
    box, truth : sequence of pairs
        ``(start, end)`` a dim.

    Returns
    -------
    float
        0 to 1; 0 of a box without extent.
    """
    both = size = 1.0
    for (start, end), (true_start, true_end) in zip(box, truth, strict=True):
        both *= max(0.0, min(end, true_end) - max(start, true_start))
        size *= max(0.0, end - start)
    return both / size if size > 0 else 0.0
