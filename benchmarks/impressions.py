"""Findings to impression on Open-i: the extractive baseline, the first sentence, a random one.

python benchmarks/impressions.py WHEEL_OR_FOLDER [--half 1]

ROUGE-L of each against the impression that the radiologist wrote, with an interval over reports,
and the paired difference from ours. Half 0 chose the baseline's three numbers.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from graphs.metrics.rouge import rouge
from graphs.text.impression import impression
from graphs.text.sentences import sentences
from openi_reports import openi_reports

DRAWS = 2000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--half", type=int, default=1)
    arguments = parser.parse_args()
    reports = [
        one for one in openi_reports(arguments.source)
        if one.half == arguments.half and sentences(one.parts["findings"])
        and one.parts["impression"].strip()
    ]  # fmt: skip
    rng = random.Random(28)
    texts: dict[str, list[str]] = {"ours": [], "first sentence": [], "random sentence": []}
    for one in reports:
        said = one.parts["findings"]
        every = sentences(said)
        for name, chosen in (
            ("ours", impression(said)), ("first sentence", every[:1]),
            ("random sentence", [rng.choice(every)]),
        ):  # fmt: skip
            texts[name].append(" ".join(said[s.start : s.end] for s in chosen))
    references = [one.parts["impression"] for one in reports]
    single = {name: _each(found, references) for name, found in texts.items()}
    picks = np.random.default_rng(28).integers(0, len(reports), (DRAWS, len(reports)))
    for name, found in texts.items():
        line = f"{name:16} {rouge(found, references)}"
        if name != "ours":
            gap = single["ours"] - single[name]
            low, high = np.percentile(gap[picks].mean(1), (2.5, 97.5))
            line += f"; ours is higher by {gap.mean():.3f} [{low:.3f}, {high:.3f}]"
        print(line)


def _each(texts: Sequence[str], references: Sequence[str]) -> np.ndarray:
    pairs = zip(texts, references, strict=True)
    return np.array([rouge([text], [reference]).value for text, reference in pairs])


if __name__ == "__main__":
    main()
