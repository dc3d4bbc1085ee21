"""Findings of made-up patients grouped over their visits: F1 of pairs of mentions.

``python benchmarks/follow_findings.py [patients]``. SYNTHETIC: no public set of reports with
longitudinal groups can be downloaded. A pair is two mentions of one lesion; a mention that the
extractor does not find loses its pairs. The peer groups by the observation alone, in the same run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import combinations

from graphs.finding import Finding
from graphs.follow_findings import follow_findings
from graphs.scripted_course import ScriptedVisit, scripted_course
from graphs.text.rules import RulesExtractor

Visits = Sequence[tuple[str, Sequence[Finding]]]
Mention = tuple[str, int, int]


def by_rules(visits: Visits) -> list[list[Mention]]:
    """Groups of `follow_findings`, as places."""
    return [
        [(visit, one.start, one.end) for visit, one in group.mentions]
        for group in follow_findings(visits)
    ]


def by_entity(visits: Visits) -> list[list[Mention]]:
    """The peer: one group an observation."""
    found: dict[str, list[Mention]] = {}
    for visit, findings in visits:
        for one in findings:
            if one.assertion != "not_assessed":
                found.setdefault(one.entity, []).append((visit, one.start, one.end))
    return list(found.values())


def counts(
    course: Sequence[ScriptedVisit], groups: Sequence[Sequence[Mention]]
) -> tuple[int, int, int]:
    """Pairs that are right, that were made, and that there are."""
    truth = {(v.date, a, b): name for v in course for name, a, b in v.mentions}

    def name(mention: Mention) -> tuple[str, Mention] | Mention:
        for (date, a, b), _ in truth.items():
            if date == mention[0] and a < mention[2] and mention[1] < b:
                return (date, a, b)
        return mention

    right = made = 0
    for group in groups:
        places = sorted({name(one) for one in group}, key=str)
        for x, y in combinations(places, 2):
            if x in truth or y in truth:
                made += 1
                right += truth.get(x, x) == truth.get(y, y)  # type: ignore[arg-type,call-overload]
    want = sum(truth[x] == truth[y] for x, y in combinations(truth, 2))
    return right, made, want


def score(
    method: Callable[[Visits], list[list[Mention]]], patients: int, first: int = 0
) -> tuple[float, float, float]:
    """Micro precision, recall and F1 over made-up patients."""
    reader = RulesExtractor()
    total = [0, 0, 0]
    for seed in range(first, first + patients):
        course = scripted_course(seed)
        visits = [(one.date, reader.extract(one.text)) for one in course]
        total = [a + b for a, b in zip(total, counts(course, method(visits)), strict=True)]
    precision, recall = total[0] / max(total[1], 1), total[0] / max(total[2], 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(f"SYNTHETIC: {number} made-up patients, 3 to 6 visits each, seeds from 1000\n")
    print(f"{'':16}{'precision':>10}{'recall':>10}{'F1':>10}")
    for label, method in (("rules", by_rules), ("observation only", by_entity)):
        values = score(method, number, 1000)
        print(f"{label:16}" + "".join(f"{value:10.3f}" for value in values))
