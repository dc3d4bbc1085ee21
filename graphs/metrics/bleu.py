"""BLEU by sacrebleu."""

from __future__ import annotations

from collections.abc import Sequence

from graphs.metrics.length import length_ratio
from graphs.metrics.score import Score


def bleu(texts: Sequence[str], references: Sequence[str]) -> Score:
    """Corpus BLEU-4 (Papineni et al. 2002) with sacrebleu's tokeniser '13a' (Post 2018).

    It counts words in common, and knows no negation: show it beside a score of facts.

    Parameters
    ----------
    texts, references : sequences of str
        In the same order.

    Returns
    -------
    Score
        0 to 1; parts: the four precisions and the brevity penalty.
    """
    import sacrebleu

    found = sacrebleu.corpus_bleu(list(texts), [list(references)], lowercase=True)
    parts = {f"precision of {n}-grams": p / 100 for n, p in enumerate(found.precisions, start=1)}
    parts["brevity penalty"] = float(found.bp)
    ratio = length_ratio(texts, references)
    return Score("bleu", found.score / 100, len(texts), parts=parts, length_ratio=ratio)
