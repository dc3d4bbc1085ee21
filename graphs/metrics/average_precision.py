"""AveragePrecision: how good a ranked list of boxes or masks is at finding what is there."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from graphs.metrics.iou import box_iou
from graphs.metrics.score import Score

COCO_THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
Rule = Literal["coco", "voc"]


@dataclass(frozen=True)
class Detection:
    """A predicted region.

    Attributes
    ----------
    image : hashable
        Which image it is of.
    label : str
    score : float
        By which detections are ranked.
    region : Box or ndarray of bool
    """

    image: Hashable
    label: str
    score: float
    region: Any


@dataclass(frozen=True)
class Truth:
    """A region that is there."""

    image: Hashable
    label: str
    region: Any


def average_precision(
    detections: Sequence[Detection],
    truths: Sequence[Truth],
    *,
    thresholds: Sequence[float] = COCO_THRESHOLDS,
    rule: Rule = "coco",
    overlap: Callable[[Any, Any], float] | None = None,
) -> Score:
    """Mean over labels and thresholds of the area under precision by recall.

    Each truth is found once, by the highest-ranked detection of its image and label whose overlap
    is largest and at least the threshold.

    Parameters
    ----------
    detections, truths : sequences
    thresholds : sequence of float
        Of the overlap.
    rule : {'coco', 'voc'}
        Area: by 101 recall points (Lin et al. 2014, and cocoapi), or under the whole envelope
        (Everingham et al. 2010, from VOC 2010 on).
    overlap : callable, optional
        ``overlap(region, region)``; `box_iou` by default, `iou` for masks.

    Returns
    -------
    Score
        Value: mAP, NaN without truths; parts: ``AP@0.50`` and so on, and one a label.
    """
    measure: Callable[[Any, Any], float] = overlap or box_iou
    labels = sorted({truth.label for truth in truths})
    table = np.full((len(labels), len(thresholds)), np.nan)
    for row, label in enumerate(labels):
        ranked = sorted(
            (one for one in detections if one.label == label), key=lambda one: -one.score
        )
        there = [truth for truth in truths if truth.label == label]
        overlaps = _overlaps(ranked, there, measure)
        for column, threshold in enumerate(thresholds):
            hits = _hits(overlaps, threshold)
            table[row, column] = _area(hits, len(there), rule)
    if not labels:
        return Score("average_precision", float("nan"), 0)
    parts = {f"AP@{t:.2f}": float(table[:, i].mean()) for i, t in enumerate(thresholds)}
    parts |= {f"AP of {label}": float(table[i].mean()) for i, label in enumerate(labels)}
    return Score("average_precision", float(table.mean()), len(truths), parts=parts)


def _overlaps(
    ranked: Sequence[Detection], truths: Sequence[Truth], measure: Callable[[Any, Any], float]
) -> list[Mapping[int, float]]:
    return [
        {i: measure(one.region, t.region) for i, t in enumerate(truths) if t.image == one.image}
        for one in ranked
    ]


def _hits(overlaps: Sequence[Mapping[int, float]], threshold: float) -> list[bool]:
    taken: set[int] = set()
    hits = []
    for row in overlaps:
        free = {i: v for i, v in row.items() if i not in taken and v >= threshold}
        best = max(free, key=lambda i: free[i]) if free else None
        hits.append(best is not None)
        if best is not None:
            taken.add(best)
    return hits


def _area(hits: Sequence[bool], total: int, rule: Rule) -> float:
    if not hits:
        return 0.0
    true = np.cumsum(hits)
    recall = true / total
    precision = true / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    if rule == "coco":
        points = np.linspace(0, 1, 101)
        at = np.searchsorted(recall, points, side="left")
        return float(
            np.where(at < len(recall), envelope[np.minimum(at, len(recall) - 1)], 0).mean()
        )
    steps = np.diff(np.concatenate([[0.0], recall]))
    return float((steps * envelope).sum())
