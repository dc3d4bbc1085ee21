"""Fields of headerless Open-i reports, with the sections told and without, on the same reports.

python benchmarks/section_fields.py WHEEL_OR_FOLDER [--half 1]

The fields are 14 findings against the MeSH terms of the indexers; indication and comparison stand
in the text, and what they name is no finding of the examination.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from findings import ENTITIES, GOLD
from graphs.finding import Finding
from graphs.text.rules import RulesExtractor
from graphs.text.sections import sections
from openi_reports import AssembledReport, assemble, openi_reports

READ = {"findings", "impression", "conclusion", "unknown"}
Keep = Callable[[AssembledReport, Finding], bool]


def _inferred(report: AssembledReport) -> list[tuple[str, int, int]]:
    return [(one.name, one.start, one.end) for one in sections(report.text)]


WAYS: dict[str, Callable[[AssembledReport], list[tuple[str, int, int]]]] = {
    "without sections": lambda report: [("findings", 0, len(report.text))],
    "sections of oncograph": _inferred,
    "sections as in the XML": lambda report: list(report.spans),
}


def said(found: list[Finding], parts: list[tuple[str, int, int]]) -> set[str]:
    """Classes that are stated in the sections that are read; uncertain counts as absent."""
    entities = {
        one.entity
        for one in found
        if one.assertion == "present"
        and any(name in READ and start <= one.start < end for name, start, end in parts)
    }
    return {name for name, of in ENTITIES.items() if of & entities}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--half", type=int, default=1)
    arguments = parser.parse_args()
    reports = [one for one in openi_reports(arguments.source) if one.half == arguments.half]
    reports = [one for one in reports if one.mesh and "No Indexing" not in one.mesh]
    reports = [one for one in reports if one.text.strip()]
    made = [assemble(one, removed=1, breaks=True) for one in reports]
    extractor = RulesExtractor()
    found = [extractor.extract(one.text, language="en") for one in made]
    patterns = {name: re.compile(pattern) for name, pattern in GOLD.items()}
    gold = [
        {n for n, p in patterns.items() if any(p.search(term.lower().strip()) for term in one.mesh)}
        for one in reports
    ]
    counts = {}
    for name, way in WAYS.items():
        got = [said(findings, way(one)) for findings, one in zip(found, made, strict=True)]
        counts[name] = np.array(
            [(len(a & b), len(b), len(a)) for a, b in zip(gold, got, strict=True)]
        )
    rng = np.random.default_rng(20)
    picks = rng.integers(0, len(reports), (2000, len(reports)))
    spread = {name: _f1(rows[picks].sum(1)) for name, rows in counts.items()}
    print(
        f"Open-i, half {arguments.half}: {len(reports)} reports, all headers removed, 14 findings"
    )
    print(f"{'way':>24} {'precision':>10} {'recall':>8} {'micro-F1':>9}  difference to the first")
    first = next(iter(counts))
    for name, rows in counts.items():
        right, given, gold_count = rows.sum(0)
        low, high = np.percentile(spread[name] - spread[first], (2.5, 97.5))
        difference = _f1(rows.sum(0)) - _f1(counts[first].sum(0))
        print(
            f"{name:>24} {right / given:>10.3f} {right / gold_count:>8.3f} "
            f"{_f1(rows.sum(0)):>9.3f}  {difference:+.4f} ({low:+.4f} to {high:+.4f})"
        )


def _f1(sums: np.ndarray) -> np.ndarray:
    return 2 * sums[..., 0] / (sums[..., 1] + sums[..., 2])


if __name__ == "__main__":
    main()
