"""Sections of Open-i reports whose headers were removed at random, against simpler ways.

python benchmarks/sections.py WHEEL_OR_FOLDER [--half 1]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from graphs.text.section import Section
from graphs.text.sections import sections
from graphs.text.sentences import sentences
from openi_reports import AssembledReport, assemble, openi_reports

Way = Callable[[str], list[Section]]


def headers_alone(text: str) -> list[Section]:
    """What the headers say and nothing else; text before the first one counts as findings."""
    return [
        Section(
            "findings" if one.name == "unknown" else one.name, one.start, one.end, one.body_start
        )
        for one in sections(text, infer=False)
    ]


def majority(text: str) -> list[Section]:
    """Everything is findings, the commonest section."""
    return [Section("findings", 0, len(text), 0)]


WAYS: dict[str, Way] = {"oncograph": sections, "headers alone": headers_alone, "majority": majority}


def right(report: AssembledReport, found: list[Section]) -> tuple[int, int]:
    """Sentences that lie wholly in a section of the right name, and all sentences."""
    good = count = 0
    for name, start, end in report.spans:
        body = report.text[start:end]
        for one in sentences(body):
            first, last = start + one.start, start + one.end - 1
            at = [s.name for s in found if s.body_start <= first < s.end or s.start <= last < s.end]
            inside = [s.name for s in found if s.body_start <= first < s.end]
            good += bool(inside) and set(at) == {name}
            count += 1
    return good, count


def interval(pairs: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """95% interval of the share by resampling reports."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(pairs), (1000, len(pairs)))
    shares = pairs[picks].sum(1)
    low, high = np.percentile(shares[:, 0] / shares[:, 1], (2.5, 97.5))
    return float(low), float(high)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--half", type=int, default=1)
    arguments = parser.parse_args()
    reports = [one for one in openi_reports(arguments.source) if one.half == arguments.half]
    reports = [one for one in reports if any(part.strip() for part in one.parts.values())]
    print(f"Open-i, half {arguments.half}: {len(reports)} reports, sentences in the right section")
    print(
        f"{'headers removed':>16} {'line breaks':>12} {'way':>14} {'right':>8} "
        f"{'95% interval':>16} {'reports/s':>10}"
    )
    for removed in (0.0, 0.5, 1.0):
        for breaks in (True, False):
            made = [assemble(one, removed=removed, breaks=breaks) for one in reports]
            for name, way in WAYS.items():
                start = time.perf_counter()
                found = [way(one.text) for one in made]
                seconds = time.perf_counter() - start
                pairs = np.array(
                    [right(one, parts) for one, parts in zip(made, found, strict=True)]
                )
                good, count = pairs.sum(0)
                low, high = interval(pairs)
                print(
                    f"{removed:>16.0%} {'kept' if breaks else 'removed':>12} {name:>14} "
                    f"{good / count:>8.2%} {low:>7.2%} - {high:.2%} {len(made) / seconds:>9.0f}"
                )


if __name__ == "__main__":
    main()
