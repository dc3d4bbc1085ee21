"""SimilarReports: reports that say much the same, of other patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.shown_list import ShownList
from graphs.text.facts import Facts

_FLOOR = 0.1
_SHARE = 0.8  # chosen on half 0 of Open-i


@dataclass(frozen=True)
class SimilarReport:
    """A report that was found.

    Attributes
    ----------
    patient, report : str
    score : float
        Cosine of the two, 0 to 1.
    shared : tuple of str
        What both say, the rarest first.
    """

    patient: str
    report: str
    score: float
    shared: tuple[str, ...]


class SimilarReports:
    """Finds similar reports by their facts: TF-IDF of `Facts.tokens`, cosine (scikit-learn).

    Parameters
    ----------
    reports : sequence of (patient, report, Facts)
        Any order; ids are those of the store.

    Raises
    ------
    ValueError
        There is none.
    """

    def __init__(self, reports: Sequence[tuple[str, str, Facts]]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        if not reports:
            raise ValueError("No report to look in")
        self._patients = np.array([patient for patient, _, _ in reports], dtype=object)
        self._reports = [report for _, report, _ in reports]
        self._tokens = [set(facts.tokens()) for _, _, facts in reports]
        self._vectorizer: Any = TfidfVectorizer(analyzer=_same, sublinear_tf=True)
        self._matrix: Any = self._vectorizer.fit_transform(
            [facts.tokens() for _, _, facts in reports]
        )

    def find(
        self, facts: Facts, patient: str | None, *, most: int = 10, adaptive: bool = True
    ) -> list[SimilarReport]:
        """The reports nearest to some facts.

        Parameters
        ----------
        facts : Facts
        patient : str or None
            Whose they are: no report of the same patient is ever found.
        most : int
        adaptive : bool
            Leave out what is far behind the best (score below 0.1, or below 0.8 of the best one's),
            so that fewer than `most` may be found, or none.

        Returns
        -------
        list of SimilarReport
            The nearest first; equal ones in the order that they were given in.
        """
        tokens = facts.tokens()
        scores = (self._matrix @ self._vectorizer.transform([tokens]).T).toarray()[:, 0]
        if patient is not None:
            scores[self._patients == patient] = -1.0
        order = np.argsort(-scores, kind="stable")[:most]
        best = max(float(scores[order[0]]), 0.0) if len(order) else 0.0
        least = max(_FLOOR, _SHARE * best) if adaptive else 0.0
        kept = [int(k) for k in order if scores[k] >= least and scores[k] >= 0.0]
        rarity = dict(
            zip(self._vectorizer.get_feature_names_out(), self._vectorizer.idf_, strict=True)
        )
        return ShownList(
            [
                SimilarReport(
                    str(self._patients[k]),
                    self._reports[k],
                    min(1.0, float(scores[k])),
                    tuple(sorted(self._tokens[k] & set(tokens), key=lambda t: (-rarity[t], t))),
                )
                for k in kept
            ],
            ("Patient", "Report", "Score", "Both say"),
            lambda one: (one.patient, one.report, f"{one.score:.2f}", ", ".join(one.shared)),
            "similar reports",
        )


def _same(tokens: list[str]) -> list[str]:
    return tokens
