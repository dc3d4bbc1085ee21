"""SectionModel: which section the sentences without a header belong to."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from graphs.text.section_features import section_features, words

_OWN = Path(__file__).parent / "data" / "section_model.json"
_FEWEST_KNOWN = 0.5  # of the words; below it the text is in another language or of another kind
_TECHNIQUE = re.compile(
    r"\b(?:slice thickness|kvp|mas|intravenous|contrast material|ml of|mci|mbq|reconstruct\w*"
    r"|(?:axial|sagittal|coronal|helical|spiral|multiplanar|sequences?|images|views?)\b.{0,60}"
    r"\b(?:obtained|acquired|performed)|t1-weighted|t2-weighted|without and with)\b",
    re.I,
)


@dataclass(frozen=True)
class SectionModel:
    """A linear model over words and places, and what follows what.

    Attributes
    ----------
    labels : tuple of str
        'comparison', 'indication', 'findings', 'impression'; 'technique' is told by cue words
        alone, as no report of the training set has that section.
    weights : dict of str to tuple of float
        Of each feature, one a label (log odds); see `graphs.text.section_features`.
    bias : tuple of float
        With the labels' shares in the training set already taken off.
    first, after : tuple of float, tuple of tuple of float
        Log probabilities of the label of the first sentence, and of the next one.
    scale : float
        Weight of the words against the order.
    provenance : dict
        Data, their licence, how they were split, the program, counts.
    """

    labels: tuple[str, ...]
    weights: dict[str, tuple[float, ...]]
    bias: tuple[float, ...]
    first: tuple[float, ...]
    after: tuple[tuple[float, ...], ...]
    scale: float
    provenance: dict[str, object]

    @staticmethod
    @cache
    def read(file: Path = _OWN) -> SectionModel:
        """Read a model; the package's own by default."""
        raw = json.loads(file.read_text(encoding="utf-8"))
        return SectionModel(
            labels=tuple(raw["labels"]),
            weights={name: tuple(values) for name, values in raw["weights"].items()},
            bias=tuple(raw["bias"]),
            first=tuple(raw["first"]),
            after=tuple(tuple(row) for row in raw["after"]),
            scale=raw["scale"],
            provenance=raw["provenance"],
        )

    def knows(self, sentences: Sequence[str]) -> bool:
        """Whether most of the words are ones that the model has seen."""
        said = [word for sentence in sentences for word in words(sentence)]
        known = sum(word in self.weights for word in said)
        return bool(said) and known >= _FEWEST_KNOWN * len(said)

    def tell(
        self, sentences: Sequence[str], allowed: Sequence[frozenset[str]]
    ) -> list[tuple[str, float]]:
        """Find the likeliest sections of a report's sentences (Viterbi's algorithm).

        Parameters
        ----------
        sentences : sequence of str
            All of the report, in their order.
        allowed : sequence of frozenset of str
            Labels, or 'technique', that each may have; one alone where a header says it.

        Returns
        -------
        list of (str, float)
            Section and its probability by the words alone.
        """
        labels = (*self.labels, "technique")
        best: list[float] = []
        back: list[list[int]] = []
        shares: list[list[float]] = []
        for index, features in enumerate(section_features(sentences)):
            score = self._words(features, sentences[index])
            shares.append(_softmax(score))
            score = [
                value * self.scale if label in allowed[index] else -math.inf
                for value, label in zip(score, labels, strict=True)
            ]
            if not index:
                best = [self._first(k) + value for k, value in enumerate(score)]
                continue
            ways = [
                max((best[j] + self._after(j, k), j) for j in range(len(labels)))
                for k in range(len(labels))
            ]
            back.append([way[1] for way in ways])
            best = [way[0] + value for way, value in zip(ways, score, strict=True)]
        if not best:
            return []
        path = [max(range(len(labels)), key=lambda k: best[k])]
        for row in reversed(back):
            path.append(row[path[-1]])
        return [(labels[k], shares[i][k]) for i, k in enumerate(reversed(path))]

    @staticmethod
    def of_technique(sentence: str) -> bool:
        """Whether the sentence has a cue of how the examination was made."""
        return _TECHNIQUE.search(sentence) is not None

    def _words(self, features: set[str], sentence: str) -> list[float]:
        total = list(self.bias)
        for feature in sorted(features):  # a sum in one order, whatever the hash seed
            weight = self.weights.get(feature)
            if weight is not None:
                for k, value in enumerate(weight):
                    total[k] += value
        return [*total, max(total) + (2.0 if self.of_technique(sentence) else -2.0)]

    def _first(self, k: int) -> float:
        return self.first[k] if k < len(self.labels) else math.log(0.05)

    def _after(self, j: int, k: int) -> float:
        own = len(self.labels)
        if j < own and k < own:
            return self.after[j][k]
        # technique follows what comes before the findings, and leads to them
        if k == own:
            return math.log(0.6 if j == own else 0.05 if self._early(j) else 1e-4)
        return math.log(0.05 if self._early(k) else 0.25)

    def _early(self, k: int) -> bool:
        return self.labels[k] in ("comparison", "indication")


def _softmax(values: list[float]) -> list[float]:
    most = max(values)
    powers = [math.exp(value - most) for value in values]
    return [power / sum(powers) for power in powers]
