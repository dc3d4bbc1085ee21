"""Similar Open-i reports by facts, against TF-IDF of the words: nDCG@10 by shared MeSH headings.

python benchmarks/similar_reports.py WHEEL_OR_FOLDER [--half 1]

Each report counts as a patient of its own (Open-i tells no others), and is a query once. A hit's
gain is the number of MeSH headings that it shares with the query ('normal' is one).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from graphs.text.facts import facts
from graphs.text.rules import RulesExtractor
from graphs.text.similar import SimilarReports
from openi_reports import openi_reports

DEPTH = 10


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--half", type=int, default=1)
    arguments = parser.parse_args()
    reports = [one for one in openi_reports(arguments.source) if one.half == arguments.half]
    reports = [one for one in reports if one.mesh and "No Indexing" not in one.mesh]
    reports = [one for one in reports if one.text.strip()]
    heads = [frozenset(path.split("/")[0].strip().lower() for path in one.mesh) for one in reports]
    names = sorted(frozenset.union(*heads))
    marks = np.array([[name in one for name in names] for one in heads], np.float32)
    gains = marks @ marks.T
    np.fill_diagonal(gains, 0)
    extractor = RulesExtractor()
    said = [
        facts(one.text, extractor.extract(one.text, language="en"), parts=()) for one in reports
    ]
    places = {one.uid: k for k, one in enumerate(reports)}
    index = SimilarReports([(one.uid, one.uid, f) for one, f in zip(reports, said, strict=True)])
    by_facts, kept = [], []
    for one, f in zip(reports, said, strict=True):
        by_facts.append([places[h.report] for h in index.find(f, one.uid, adaptive=False)])
        kept.append([places[h.report] for h in index.find(f, one.uid)])
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english", ngram_range=(1, 2))
    matrix = words.fit_transform([one.text for one in reports])
    by_words = []
    for start in range(0, len(reports), 200):
        scores = (matrix[start : start + 200] @ matrix.T).toarray()
        scores[np.arange(len(scores)), np.arange(start, start + len(scores))] = -1
        by_words += np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH].tolist()
    rng = np.random.default_rng(38)
    by_chance = rng.integers(0, len(reports), (len(reports), DEPTH)).tolist()
    found = {"facts": by_facts, "words": by_words, "chance": by_chance}
    scores = {name: _ndcg(gains, hits) for name, hits in found.items()}
    picks = rng.integers(0, len(reports), (2000, len(reports)))
    abnormal = np.array(["normal" not in one for one in heads])
    print(f"Open-i, half {arguments.half}: {len(reports)} reports, each a query; nDCG@10")
    for title, which in (("all", np.ones(len(reports), bool)), ("abnormal", abnormal)):
        for name, values in scores.items():
            weights = which[picks]
            spread = ((values - scores["words"])[picks] * weights).sum(1) / weights.sum(1)
            low, high = np.percentile(spread, (2.5, 97.5))
            print(
                f"{title:>10} {name:>8} {values[which].mean():.4f}   to words "
                f"{(values - scores['words'])[which].mean():+.4f} ({low:+.4f} to {high:+.4f})"
            )
    share = np.mean([np.mean(gains[k, hits] > 0) for k, hits in enumerate(by_facts)])
    cut = [np.mean(gains[k, hits] > 0) for k, hits in enumerate(kept) if hits]
    print(
        f"hits that share a heading: {share:.3f}; with the adaptive cut-off {np.mean(cut):.3f}, "
        f"{np.mean([len(hits) for hits in kept]):.1f} hits a query, none for "
        f"{sum(not hits for hits in kept)} queries; own patient found: "
        f"{sum(k in hits for k, hits in enumerate(by_facts))}"
    )


def _ndcg(gains: np.ndarray, found: list[list[int]]) -> np.ndarray:
    discount = 1 / np.log2(np.arange(2, DEPTH + 2))
    values = []
    for k, hits in enumerate(found):
        got = (gains[k, hits] * discount[: len(hits)]).sum()
        best = (np.sort(gains[k])[::-1][:DEPTH] * discount).sum()
        values.append(got / best if best else 1.0)
    return np.array(values)


if __name__ == "__main__":
    main()
