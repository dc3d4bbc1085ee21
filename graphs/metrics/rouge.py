"""ROUGE by rouge-score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from graphs.metrics.length import length_ratio
from graphs.metrics.mean_score import mean_score
from graphs.metrics.score import Score


def rouge(
    texts: Sequence[str],
    references: Sequence[str],
    kind: Literal["rouge1", "rouge2", "rougeL"] = "rougeL",
) -> Score:
    """Mean F1 of ROUGE (Lin 2004), with an interval over reports.

    Parameters
    ----------
    texts, references : sequences of str
        In the same order.
    kind : {'rouge1', 'rouge2', 'rougeL'}

    Returns
    -------
    Score
        0 to 1.
    """
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer([kind])
    values = [
        scorer.score(reference, text)[kind].fmeasure
        for text, reference in zip(texts, references, strict=True)
    ]
    return mean_score(kind, values, length_ratio=length_ratio(texts, references))
