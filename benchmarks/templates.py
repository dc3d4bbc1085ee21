"""Templates: items of synthetic lymphoma reports, and slots of Open-i reports against MeSH.

python benchmarks/templates.py WHEEL_OR_FOLDER [--half 1]
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np

from graphs.text.template import fill
from graphs.text.template_schema import TemplateSchema
from lymphoma_reports import LymphomaReport, lymphoma_reports
from openi_reports import OpeniReport, openi_reports

LYMPHOMA_SEED = 34


def lymphoma() -> None:
    """Strict accuracy, F1 and format accuracy, and the same of an empty form."""
    schema = TemplateSchema.read("lymphoma_ct")
    made = lymphoma_reports(500, LYMPHOMA_SEED)
    print("500 synthetic lymphoma reports, 12 items (row 34; made and read by the same team)")
    print(f"{'way':>12} {'strict':>8} {'blank stays blank':>18} {'F1':>6} {'form right':>11}")
    for name, way in (("oncograph", _filled), ("empty form", _empty)):
        counts: Counter[str] = Counter()
        for one in made:
            _count(schema, one, way(schema, one), counts)
        total = counts["items"]
        f1 = 2 * counts["right"] / (counts["given"] + counts["said"]) if counts["given"] else 0.0
        print(
            f"{name:>12} {counts['strict'] / total:>8.2%} "
            f"{counts['blank right'] / counts['blank']:>18.2%} {f1:>6.3f} "
            f"{1 - counts['faults'] / total:>11.2%}"
        )
        for item in schema.items:
            if counts[f"wrong {item.name}"] and name == "oncograph":
                print(f"    {item.name}: {counts[f'wrong {item.name}']} wrong")


def _filled(schema: TemplateSchema, report: LymphomaReport) -> dict[str, object]:
    return dict(fill(schema, report.text).values()[0])


def _empty(schema: TemplateSchema, report: LymphomaReport) -> dict[str, object]:
    return {item.name: None for item in schema.items}


def _count(
    schema: TemplateSchema, report: LymphomaReport, got: dict[str, object], counts: Counter[str]
) -> None:
    counts["faults"] += len(schema.faults(got))
    for item in schema.items:
        said, given = report.values.get(item.name), got.get(item.name)
        counts["items"] += 1
        counts["strict"] += said == given
        counts["said"] += said is not None
        counts["given"] += given is not None
        counts["right"] += said is not None and said == given
        counts["blank"] += said is None
        counts["blank right"] += said is None and given is None
        counts[f"wrong {item.name}"] += said != given


def gold(schema: TemplateSchema, report: OpeniReport) -> set[tuple[str, str, str]]:
    """(finding, item, value) of the MeSH paths whose heading is a finding of the template."""
    found = set()
    heads = set(schema.item("finding").choices)
    for path in report.mesh:
        head, *rest = (part.strip() for part in path.split("/"))
        if head not in heads:
            continue
        found.add((head, "finding", head))
        for item in schema.items[1:]:
            found |= {(head, item.name, part) for part in rest if part in item.choices}
    return found


def openi(source: Path, half: int) -> None:
    """Exact slots against MeSH."""
    schema = TemplateSchema.read("radiology_openi")
    reports = [one for one in openi_reports(source) if one.half == half and one.text.strip()]
    reports = [one for one in reports if one.mesh and "No Indexing" not in one.mesh]
    pairs = []
    for one in reports:
        got = set()
        for row in fill(schema, one.text).values():
            head = str(row["finding"])
            got |= {(head, name, str(value)) for name, value in row.items() if value is not None}
        pairs.append((gold(schema, one), got))
    counts = {
        item.name: np.array(
            [
                (
                    len({s for s in a & b if s[1] == item.name}),
                    len({s for s in b if s[1] == item.name}),
                    len({s for s in a if s[1] == item.name}),
                )
                for a, b in pairs
            ]
        )
        for item in schema.items
    }
    counts["all slots"] = np.sum([counts[item.name] for item in schema.items], axis=0)
    heads = Counter(path.split("/")[0].strip() for one in reports for path in one.mesh)
    heads.pop("normal", None)
    known = sum(heads[head] for head in schema.item("finding").choices)
    print(f"\nOpen-i, half {half}: {len(reports)} reports; exact slots against MeSH (row 15)")
    print(f"paths whose heading is in the template: {known} of {sum(heads.values())}")
    print(f"{'slot':>10} {'precision':>10} {'recall':>8} {'F1':>7} {'95% interval':>16}")
    rng = np.random.default_rng(0)
    for name, rows in counts.items():
        right, given, said = rows.sum(0)
        picks = rows[rng.integers(0, len(rows), (1000, len(rows)))].sum(1)
        low, high = np.percentile(2 * picks[:, 0] / (picks[:, 1] + picks[:, 2]), (2.5, 97.5))
        print(
            f"{name:>10} {right / given:>10.3f} {right / said:>8.3f} "
            f"{2 * right / (given + said):>7.3f} {low:>7.3f} - {high:.3f}"
        )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--half", type=int, default=1)
    arguments = parser.parse_args()
    lymphoma()
    openi(arguments.source, arguments.half)


if __name__ == "__main__":
    main()
