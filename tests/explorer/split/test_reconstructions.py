"""Train on one reconstruction and test on another (a synthetic phantom in three styles)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import explorer

STYLES = {"SOFT": 2.0, "STANDARD": 1.0, "SHARP": 0.0}


def test_every_style_against_every_style(
    store: explorer.Store, drafts: Any, put: Callable[..., Any]
) -> None:
    rng = np.random.default_rng(0)
    ill = {f"P-{k:02d}": k % 2 == 0 for k in range(16)}
    for name, lesion in ill.items():
        scan = rng.normal(0, 20, (4, 12, 12))
        scan[1:3, 4:8, 4:8] += 30 * lesion
        made = [
            drafts.image(
                gaussian_filter(scan, (0, sigma, sigma)).astype(np.int16),
                f"ct-{k:08d}", file=f"{name}-{style}.raw",
                meta={"kernel": style, "study_uid": f"1.2.{int(name[2:])}",
                      "series_uid": f"1.2.{int(name[2:])}.{k}"},
            )
            for k, (style, sigma) in enumerate(STYLES.items())
        ]  # fmt: skip
        put(name, *made, copy=True)
    cohort = store.cohort()
    split = cohort.split(
        {"train": 0.5, "test": 0.5}, stratify=ill, across="reconstruction",
        checks=["same study", "same source"],
    )  # fmt: skip
    both = split.reconstructions
    assert both.styles == sorted(STYLES)
    parts = {one.patient: set() for one in both.images}
    for one in both.images:
        parts[one.patient].add(one.part)
    assert {len(some) for some in parts.values()} == {1}
    patients = {one.key: one for one in cohort.patients()}

    def rows(some: list[Any]) -> tuple[list[list[float]], list[bool]]:
        values = [patients[one.patient].images[one.item].read((slice(None),) * 3) for one in some]
        return ([[float(v[1:3, 4:8, 4:8].mean()), float(v.std())] for v in values],
                [ill[patients[one.patient].label] for one in some])  # fmt: skip

    scores = {}
    for mine, theirs, train, test in both.matrix():
        assert not {one.patient for one in train} & {one.patient for one in test}
        model = LogisticRegression().fit(*rows(train))
        x, y = rows(test)
        scores[mine, theirs] = roc_auc_score(y, model.decision_function(x))
    assert len(scores) == 16
    assert min(scores.values()) > 0.9
    assert "SHARP" in both._repr_html_()
