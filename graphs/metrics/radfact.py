"""RadFact: a grounded report's statements and boxes, each way, by given or ruled entailment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.html import table_html
from graphs.metrics.entailment import Entailment, Extract, entailment
from graphs.metrics.length import length_ratio
from graphs.metrics.mean_score import mean_score
from graphs.metrics.score import Score

# As the published implementation draws boxes, and above what share they are right.
GRID = 224
PRECISION_ABOVE = 0.5

Phrase = Mapping[str, Any]
SCORES = (
    "logical_precision", "logical_recall", "grounding_precision", "grounding_recall",
    "spatial_precision", "spatial_recall",
)  # fmt: skip


@dataclass(frozen=True)
class RadFact:
    """The six scores of reports, each the mean over those that have it.

    Attributes
    ----------
    scores : dict
        Name to `Score`, each beside the reports' length ratio.
    unknown : int
        Statements that could not be judged: in no score.
    statements : int
        All statements, of both sides.
    """

    scores: dict[str, Score] = field(default_factory=dict)
    unknown: int = 0
    statements: int = 0

    def __getitem__(self, name: str) -> Score:
        return self.scores[name]

    def _repr_html_(self) -> str:
        head = ["score", "value", "95 % interval", "reports", "length ratio"]
        rows = [
            [
                name.replace("_", " "),
                f"{one.value:.3f}",
                "" if one.low is None else f"{one.low:.3f} to {one.high:.3f}",
                one.n,
                "" if one.length_ratio is None else f"{one.length_ratio:.2f}",
            ]
            for name, one in self.scores.items()
        ]
        title = f"{self.unknown} of {self.statements} statements could not be judged"
        return table_html(head, rows, title)


def radfact(
    predictions: Sequence[Sequence[Phrase]],
    targets: Sequence[Sequence[Phrase]],
    *,
    judged: Sequence[tuple[Sequence[Entailment], Sequence[Entailment]]] | None = None,
    extract: Extract | None = None,
) -> RadFact:
    """Score grounded reports (Bannur et al. 2024, MAIRA-2, section 4 and appendix D).

    Logical: the share of statements that follow from the other report. Grounding: of those with
    boxes that follow, the share whose boxes are right. Spatial: the same of all with boxes.
    Precision is of the prediction's statements, recall of the target's.

    Parameters
    ----------
    predictions, targets : sequences
        A report each: phrases ``{"text", "boxes": [{"x_min", "y_min", "x_max", "y_max"}] | None}``
        with boxes in 0 to 1.
    judged : sequence of pairs, optional
        Of each report: entailment of the prediction's and of the target's phrases. By default by
        the rules of `entailment`, which are weaker than the published language model: such
        scores are not comparable with published ones.
    extract : callable, optional
        For those rules.

    Returns
    -------
    RadFact

    Raises
    ------
    ValueError
        The lists have different lengths.
    """
    rows: list[dict[str, float]] = []
    unknown = total = 0
    for position, (mine, theirs) in enumerate(zip(predictions, targets, strict=True)):
        forth, back = judged[position] if judged is not None else _ruled(mine, theirs, extract)
        precision, recall = one_way(mine, theirs, forth), one_way(theirs, mine, back)
        row = {f"{name}_precision": value for name, value in precision.items()}
        rows.append(row | {f"{name}_recall": value for name, value in recall.items()})
        unknown += sum(one.answer == "unknown" for one in (*forth, *back))
        total += len(mine) + len(theirs)
    ratio = length_ratio([_text(one) for one in predictions], [_text(one) for one in targets])
    scores = {
        name: mean_score(f"radfact {name}", [row[name] for row in rows], length_ratio=ratio)
        for name in SCORES
    }
    return RadFact(scores, unknown, total)


def one_way(
    phrases: Sequence[Phrase], others: Sequence[Phrase], judged: Sequence[Entailment]
) -> dict[str, float]:
    """Shares of one report's phrases: logical, grounding, spatial.

    Phrases that could not be judged are in no share.

    Parameters
    ----------
    phrases, others : sequences of phrases
    judged : sequence of Entailment
        One a phrase; evidence counts `others`.

    Returns
    -------
    dict
        NaN where there is nothing to take a share of.
    """
    known = [
        (phrase, one)
        for phrase, one in zip(phrases, judged, strict=True)
        if one.answer != "unknown"
    ]
    entailed = [(phrase, one) for phrase, one in known if one.answer == "entailed"]
    boxed = [phrase for phrase, _ in known if phrase.get("boxes")]
    entailed_boxed = [(phrase, one) for phrase, one in entailed if phrase.get("boxes")]
    right = sum(
        boxes_entailed(phrase["boxes"], [b for i in one.evidence for b in others[i]["boxes"] or ()])
        for phrase, one in entailed_boxed
    )
    return {
        "logical": _share(len(entailed), len(known)),
        "grounding": _share(right, len(entailed_boxed)),
        "spatial": _share(right, len(boxed)),
    }


def boxes_entailed(boxes: Sequence[Phrase], evidence: Sequence[Phrase]) -> bool:
    """Whether more than half of the pixels of all boxes lie in those of the evidence."""
    return bool(evidence) and box_overlap(boxes, evidence)["precision"] > PRECISION_ABOVE


def box_overlap(boxes: Sequence[Phrase], truth: Sequence[Phrase]) -> dict[str, float]:
    """Overlap of two unions of boxes on a grid of 224 x 224.

    Parameters
    ----------
    boxes, truth : sequences of ``{"x_min", "y_min", "x_max", "y_max"}``
        In 0 to 1.

    Returns
    -------
    dict
        iou, precision (of `boxes`) and recall (of `truth`); NaN where a side has no pixel.
    """
    mine, theirs = _drawn(boxes), _drawn(truth)
    shared = int((mine & theirs).sum())
    return {
        "iou": _share(shared, int((mine | theirs).sum())),
        "precision": _share(shared, int(mine.sum())),
        "recall": _share(shared, int(theirs.sum())),
    }


def _drawn(boxes: Sequence[Phrase]) -> NDArray[np.bool_]:
    grid = np.zeros((GRID, GRID), bool)
    for box in boxes:
        x0, x1, y0, y1 = (int(box[name] * GRID) for name in ("x_min", "x_max", "y_min", "y_max"))
        grid[y0:y1, x0:x1] = True
    return grid


def _ruled(
    mine: Sequence[Phrase], theirs: Sequence[Phrase], extract: Extract | None
) -> tuple[list[Entailment], list[Entailment]]:
    texts, others = [one["text"] for one in mine], [one["text"] for one in theirs]
    return entailment(texts, others, extract), entailment(others, texts, extract)


def _text(report: Sequence[Phrase]) -> str:
    return " ".join(str(phrase["text"]) for phrase in report)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
