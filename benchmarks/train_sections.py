"""Make graphs/text/data/section_model.json from half 0 of the Open-i reports.

python benchmarks/train_sections.py WHEEL_OR_FOLDER
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import Counter
from pathlib import Path

import numpy as np
import sklearn
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from graphs.text.section_features import section_features
from graphs.text.sentences import sentences
from openi_reports import SECTIONS, OpeniReport, assemble, openi_reports

MODEL = Path(__file__).parents[1] / "graphs" / "text" / "data" / "section_model.json"
FEWEST, STRENGTH, SCALE = 4, 1.0, 1.5  # chosen on a third of half 0 that was held out


def labelled(report: OpeniReport) -> tuple[list[str], list[str]]:
    """Sentences and their sections, all headers left out."""
    made = assemble(report, removed=1, breaks=True)
    texts, names = [], []
    for name, start, end in made.spans:
        body = made.text[start:end]
        for one in sentences(body):
            texts.append(one.of(body))
            names.append(name)
    return texts, names


def train(reports: list[OpeniReport]) -> dict[str, object]:
    """Fit the model; JSON-able."""
    rows, targets = [], []
    first, after = np.full(4, 0.1), np.full((4, 4), 0.1)
    for report in reports:
        texts, names = labelled(report)
        rows += section_features(texts)
        at = [SECTIONS.index(name) for name in names]
        targets += at
        for k in at[:1]:
            first[k] += 1
        for j, k in itertools.pairwise(at):
            after[j, k] += 1
    counts = Counter(one for row in rows for one in row)
    kept = [{one: 1 for one in row if counts[one] >= FEWEST} for row in rows]
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(kept)
    fitted = LogisticRegression(C=STRENGTH, max_iter=1000).fit(matrix, targets)
    shares = np.bincount(targets) / len(targets)
    names = vectorizer.get_feature_names_out()
    weights = {
        str(name): [round(float(w), 3) for w in fitted.coef_[:, column]]
        for column, name in enumerate(names)
    }
    return {
        "labels": list(SECTIONS),
        "provenance": {
            "data": "Open-i chest X-ray reports of Indiana University, NLMCXR_reports.tgz of "
            "PyPI's torchxrayvision 1.5.7 (CC BY-NC-ND 4.0); counts of words, no text of a report",
            "half": "0 of int(sha256(uid), 16) % 2; the other half was not used",
            "reports": len(reports),
            "sentences": len(targets),
            "program": "benchmarks/train_sections.py",
            "method": f"logistic regression, C={STRENGTH}, features of {FEWEST} or more sentences",
            "scikit-learn": sklearn.__version__,
        },
        "scale": SCALE,
        "bias": [
            round(float(b - np.log(s)), 3) for b, s in zip(fitted.intercept_, shares, strict=True)
        ],
        "first": [round(float(v), 3) for v in np.log(first / first.sum())],
        "after": [[round(float(v), 3) for v in np.log(row / row.sum())] for row in after],
        "weights": weights,
    }


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--out", type=Path, default=MODEL)
    arguments = parser.parse_args()
    reports = [one for one in openi_reports(arguments.source) if one.half == 0]
    model = train([one for one in reports if any(part.strip() for part in one.parts.values())])
    weights = model.pop("weights")
    body = json.dumps(model, indent=1)[:-2] + ',\n "weights": {\n'
    body += ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in sorted(weights.items())
    )
    arguments.out.write_text(body + "\n }\n}\n", encoding="utf-8")
    print(f"{len(weights)} features of {len(reports)} reports: {arguments.out}")


if __name__ == "__main__":
    main()
