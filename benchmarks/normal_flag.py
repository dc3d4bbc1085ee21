"""'Normal' of Open-i reports from the table of their findings; and what is known of the headings.

python benchmarks/normal_flag.py WHEEL_OR_FOLDER [--half 1]

Nested cross-validation: settings are chosen by three folds inside of each of five outer ones.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict
from sklearn.svm import LinearSVC

from graphs.text.feature_table import feature_table
from graphs.text.knowledge import Knowledge
from graphs.text.rules import RulesExtractor
from openi_reports import openi_reports

SEED = 52


def columns(table: pd.DataFrame) -> np.ndarray:
    """Stated, left open and denied as columns of their own; no size: few reports have one."""
    found = []
    for name in table.columns:
        if name.endswith(": mm"):
            continue
        values = table[name].to_numpy()
        levels = (1.0,) if ": " in name else (1.0, 0.5, 0.0)
        found += [(values == level).astype(float) for level in levels]
    return np.stack(found, 1)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--half", type=int, default=1)
    arguments = parser.parse_args()
    everything = openi_reports(arguments.source)
    covered = Knowledge.read().coverage(path for one in everything for path in one.mesh)
    print(f"Knowledge of {len(Knowledge.read().rows)} findings; Open-i, all reports: {covered}\n")
    reports = [one for one in everything if one.half == arguments.half]
    reports = [one for one in reports if one.mesh and "No Indexing" not in one.mesh]
    reports = [one for one in reports if one.text.strip()]
    extractor = RulesExtractor()
    table = feature_table({one.uid: extractor.extract(one.text, language="en") for one in reports})
    features = columns(table)
    normal = np.array([one.mesh == ("normal",) for one in reports])
    print(
        f"Open-i, half {arguments.half}: {len(reports)} reports, {normal.sum()} normal; "
        f"{features.shape[1]} features"
    )
    # the rule that no finding is stated, without any training
    stated = np.array([(table[c] == 1).to_numpy() for c in table.columns if ": " not in c]).any(0)
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    inner = StratifiedKFold(3, shuffle=True, random_state=SEED)
    models: dict[str, tuple[BaseEstimator, dict[str, list[object]]]] = {
        "random forest": (
            RandomForestClassifier(200, random_state=SEED),
            {"min_samples_leaf": [1, 3], "max_features": ["sqrt", 0.2]},
        ),
        "logistic": (LogisticRegression(max_iter=2000), {"C": [0.03, 0.1, 0.3, 1.0, 3.0]}),
        "linear SVM": (LinearSVC(random_state=SEED), {"C": [0.003, 0.01, 0.03, 0.1, 0.3]}),
        "majority": (DummyClassifier(), {}),
    }
    said = {"nothing stated": (~stated).astype(float)}
    for name, (model, grid) in models.items():
        search = GridSearchCV(model, grid, scoring="f1", cv=inner)
        method = "decision_function" if name == "linear SVM" else "predict_proba"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scores = cross_val_predict(search, features, normal, cv=folds, method=method)
        said[name] = scores[:, 1] if scores.ndim == 2 else scores
    rng = np.random.default_rng(SEED)
    picks = rng.integers(0, len(normal), (1000, len(normal)))
    print(
        f"{'way':>15} {'precision':>10} {'recall':>8} {'F1':>7} {'95% interval':>16} {'AUROC':>7}"
    )
    for name, scores in said.items():
        flag = scores > (0 if name == "linear SVM" else 0.5)
        spread = [f1_score(normal[p], flag[p], zero_division=0) for p in picks]
        low, high = np.percentile(spread, (2.5, 97.5))
        print(
            f"{name:>15} {precision_score(normal, flag, zero_division=0):>10.3f} "
            f"{recall_score(normal, flag):>8.3f} {f1_score(normal, flag):>7.3f} "
            f"{low:>7.3f} - {high:.3f} {roc_auc_score(normal, scores):>8.3f}"
        )


if __name__ == "__main__":
    main()
