"""Every measure equals the library that is known for it, and draws equal what was drawn."""

from __future__ import annotations

import numpy as np
import pytest

from graphs.errors import ExamplesError
from graphs.evaluation.bootstrap import draws
from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.measures import MEASURES, measure_of
from graphs.evaluation.pooled import pooled
from graphs.examples.target import Target
from graphs.models.answers import Answers

N = 240
RNG = np.random.default_rng(3)
X = RNG.normal(size=N)
EVENT_AT, LOST_AT = RNG.exponential(np.exp(-X)), RNG.exponential(2, N)
# rounded, so that times and risks are tied
TIME = np.round(np.minimum(EVENT_AT, LOST_AT), 1) + 0.1
EVENT = (EVENT_AT <= LOST_AT).astype(int)
RISK = np.round(X + RNG.normal(size=N) / 2, 1)
KNOTS = np.linspace(0, 4, 41)
ONE = np.ones((1, N))
NONE = np.zeros(0)


def survival(event: np.ndarray = EVENT) -> HeldOut:
    times = np.unique(np.quantile(TIME[event == 1], np.linspace(0.1, 0.8, 9)))
    curve = np.exp(-np.exp(RISK)[:, None] * KNOTS)
    target = Target.survival(TIME, event, "years")
    answers = Answers(target.kind, RISK, KNOTS, curve)
    if event.max() > 1:
        answers = Answers(target.kind, RISK, KNOTS, incidence=np.stack([1 - curve, 1 - curve], 1))
    return HeldOut(np.arange(N), target, answers, target, times, float(times[4]))


def labelled(kind: str, label: np.ndarray, answers: Answers) -> HeldOut:
    target = Target.labelled(kind, label)
    return HeldOut(np.arange(N), target, answers, target, NONE, float("nan"))


def value(held: HeldOut, name: str) -> float:
    return float(pooled(measure_of(held.target.kind, name), [held], ONE)[0])


def test_measures_of_times_are_those_of_scikit_survival() -> None:
    metrics = pytest.importorskip("sksurv.metrics")
    held = survival()
    y = np.array(list(zip(EVENT == 1, TIME, strict=True)), dtype=[("e", bool), ("t", float)])
    chance = np.stack([held.answers.event_by(float(one)) for one in held.times], 1)
    at = held.horizon
    close = {
        "c-index": metrics.concordance_index_censored(EVENT == 1, TIME, RISK)[0],
        "c-index (IPCW)": metrics.concordance_index_ipcw(y, y, RISK)[0],
        "AUC at the horizon": metrics.cumulative_dynamic_auc(y, y, RISK, [at])[0][0],
        "integrated Brier": metrics.integrated_brier_score(y, y, 1 - chance, held.times),
    }
    for name, known in close.items():
        assert value(held, name) == pytest.approx(known, abs=1e-10), name
    km = pytest.importorskip("sksurv.nonparametric").kaplan_meier_estimator(EVENT == 1, TIME)
    plain = km[1][np.searchsorted(km[0], held.times, side="right") - 1]
    reference = metrics.integrated_brier_score(y, y, np.tile(plain, (N, 1)), held.times)
    assert value(held, "Brier skill") == pytest.approx(1 - close["integrated Brier"] / reference)


def test_measures_of_labels_are_those_of_scikit_learn() -> None:
    from scipy.stats import spearmanr
    from sklearn import metrics

    label = (RNG.random(N) < 1 / (1 + np.exp(-X))).astype(float)
    p = 1 / (1 + np.exp(-RISK))
    held = labelled("binary", label, Answers("binary", RISK, NONE, probability=np.c_[1 - p, p]))
    assert value(held, "AUROC") == pytest.approx(metrics.roc_auc_score(label, RISK))
    assert value(held, "AUPRC") == pytest.approx(metrics.average_precision_score(label, RISK))
    assert value(held, "Brier") == pytest.approx(metrics.brier_score_loss(label, p))
    assert value(held, "accuracy") == pytest.approx(metrics.accuracy_score(label, p > 0.5))

    classes = RNG.integers(0, 3, N).astype(float)
    raw = RNG.random((N, 3)) + np.eye(3)[classes.astype(int)] / 2
    q = raw / raw.sum(1, keepdims=True)
    held = labelled("multi-class", classes, Answers("multi-class", q[:, 1], NONE, probability=q))
    assert value(held, "macro AUROC") == pytest.approx(
        metrics.roc_auc_score(classes, q, multi_class="ovr", average="macro")
    )
    assert value(held, "macro F1") == pytest.approx(
        metrics.f1_score(classes, q.argmax(1), average="macro")
    )
    assert value(held, "log loss") == pytest.approx(metrics.log_loss(classes, q))

    held = labelled("regression", X, Answers("regression", RISK, NONE))
    assert value(held, "R2") == pytest.approx(metrics.r2_score(X, RISK))
    assert value(held, "MAE") == pytest.approx(metrics.mean_absolute_error(X, RISK))
    assert value(held, "Spearman") == pytest.approx(spearmanr(X, RISK).statistic)


def test_a_weight_is_a_patient_who_is_drawn_so_often() -> None:
    causes = np.where((EVENT == 1) & (RNG.random(N) < 0.3), 2, EVENT)
    label = (X > 0).astype(float)
    p = 1 / (1 + np.exp(-RISK))
    every = [
        survival(), survival(causes),
        labelled("binary", label, Answers("binary", RISK, NONE, probability=np.c_[1 - p, p])),
        labelled("regression", X, Answers("regression", RISK, NONE)),
    ]  # fmt: skip
    for held in every:
        weight = draws(held.target.strata(), 3, 0)
        again = held.take(np.repeat(np.arange(N), weight[1].astype(int)))
        for one in MEASURES[held.target.kind]:
            copied = one.sums(again, np.ones((1, len(again))))
            assert pooled(one, [held], weight)[1] == pytest.approx(
                float(copied[0][0] / copied[1][0]), nan_ok=False
            ), one.name


def test_with_competing_risks_the_other_cause_is_no_event() -> None:
    # a: cause 1 at 1; b: cause 2 at 2; c: censored at 3; d: cause 1 at 4
    target = Target.survival([1, 2, 3, 4], [1, 2, 0, 1])
    held = HeldOut(np.arange(4), target, Answers(target.kind, np.array([3.0, 4, 2, 1]), NONE),
                   target, np.zeros(0), 2.5)  # fmt: skip
    one = np.ones((1, 4))
    # a against b, c, d: of them b ranks above a; d has nobody later
    assert pooled(measure_of("competing risks"), [held], one)[0] == pytest.approx(2 / 3)
    # besides, d against b, who will never have it: b ranks above
    assert pooled(measure_of("competing risks", "c-index (Wolbers)"), [held], one)[
        0
    ] == pytest.approx(2 / 4)


def test_patients_are_compared_within_their_fold_alone() -> None:
    held = survival()
    half = [held.take(np.arange(0, N, 2)), held.take(np.arange(1, N, 2))]
    from dataclasses import replace

    moved = replace(half[1], answers=Answers("survival", half[1].answers.risk + 100, NONE), fold=1)
    both = pooled(measure_of("survival"), [half[0], moved], ONE)[0]
    apart = pooled(measure_of("survival"), [half[0], replace(half[1], fold=1)], ONE)[0]
    assert both == pytest.approx(apart)


def test_a_model_without_curves_has_no_brier_score() -> None:
    held = survival()
    from dataclasses import replace

    bare = replace(held, answers=Answers("survival", RISK, NONE))
    assert np.isnan(value(bare, "integrated Brier"))
    assert value(bare, "c-index") == value(held, "c-index")
    with pytest.raises(ExamplesError, match="AUROC"):
        measure_of("survival", "AUROC")
