"""Card: systems side by side, and a warning where scores of words and of facts disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.html import table_html
from graphs.metrics.score import ALARM_AT, Score


@dataclass(frozen=True)
class Card:
    """Scores of systems on the same reports.

    Attributes
    ----------
    scores : dict
        System to its scores by metric.
    warnings : tuple of str
    """

    scores: Mapping[str, Mapping[str, Score]]
    warnings: tuple[str, ...]

    def _repr_html_(self) -> str:
        names = list(dict.fromkeys(name for row in self.scores.values() for name in row))
        head = ["system", *names, "length ratio"]
        rows = []
        for system, row in self.scores.items():
            ratios = [one.length_ratio for one in row.values() if one.length_ratio is not None]
            length = f"{ratios[0]:.2f}" if ratios else "no text"
            shown = [f"{row[name].value:.3f}" if name in row else "" for name in names]
            rows.append([system, *shown, length])
        parts = [table_html(head, rows)]
        if self.warnings:
            parts.append(table_html(["to know"], [[one] for one in self.warnings]))
        return "".join(parts)


def card(
    scores: Mapping[str, Mapping[str, Score]], *, words: Sequence[str], facts: Sequence[str]
) -> Card:
    """Put systems side by side.

    Parameters
    ----------
    scores : mapping
        System to its scores by name.
    words, facts : sequences of str
        Which of the names count words in common, and which facts.

    Returns
    -------
    Card
        Warns of each pair of systems that a score of words and one of facts rank in opposite
        order, and of each system whose texts are much longer than the references.
    """
    warnings = []
    systems = list(scores)
    for i, one in enumerate(systems):
        for other in systems[i + 1 :]:
            warnings += _opposed(scores, one, other, words, facts)
    for system, row in scores.items():
        longest = max((s.length_ratio for s in row.values() if s.length_ratio), default=0.0)
        if longest > ALARM_AT:
            warnings.append(
                f"{system} writes {longest:.1f} times as much as the references: a higher score "
                "may be had by length alone"
            )
    return Card(scores, tuple(warnings))


def _opposed(
    scores: Mapping[str, Mapping[str, Score]],
    one: str,
    other: str,
    words: Sequence[str],
    facts: Sequence[str],
) -> list[str]:
    found = []
    for word in words:
        for fact in facts:
            if not all(name in scores[system] for name in (word, fact) for system in (one, other)):
                continue
            by_words = scores[one][word].value - scores[other][word].value
            by_facts = scores[one][fact].value - scores[other][fact].value
            if by_words * by_facts < 0:
                better, worse = (one, other) if by_facts > 0 else (other, one)
                found.append(
                    f"{word} prefers {worse}, and {fact} prefers {better}: words in common do "
                    "not say that a report is right"
                )
    return found
