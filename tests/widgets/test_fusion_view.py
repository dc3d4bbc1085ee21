"""The fusion view with a real model: Cox regression on the facts of real patients."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

import explorer
from explorer.errors import NotFoundError
from explorer.ingest import ingest
from explorer.store import Store
from graphs.fusion_models import fusion_models
from widgets.cohort_view import CohortView
from widgets.fusion_view import FusionView
from widgets.view import View

# Registered by a distribution of its own, as a guest's package would do it.
MODEL = '''
"""Cox regression on clinical facts, by lifelines; Newton steps, one an epoch."""
import hashlib, json, warnings
import numpy as np, pandas as pd
from lifelines import CoxPHFitter
from graphs.assembly.node_address import node_address
from graphs.fusion_model import Epoch, Evidence, Prediction, Provenance

STAGES = ("stage iii", "stage iv")

class CoxClinical:
    name, modalities, tables = "Cox on clinical facts", ("clinical",), ("facts",)
    epochs = 6

    def _row(self, patient):
        facts = {row["name"]: row for row in patient.rows("facts")}
        age, stage = facts.get("age_at_diagnosis"), facts.get("tumor_stage")
        known = stage is not None and stage["state"] == "present"
        return {
            "age": (age["number"] if age is not None and age["number"] else np.nan) / 365.25 / 10,
            "late": float(known and stage["value"].startswith(STAGES)),
            "no stage": float(not known),
        }, {"age": age, "late": stage, "no stage": stage}

    def fit(self, rows, on_epoch, stop):
        frame = pd.DataFrame([self._row(one)[0] for one in rows.patients])
        self.mean = frame.mean()
        frame = frame.fillna(self.mean) - self.mean
        frame = frame.loc[:, frame.std() > 0]
        frame["time"], frame["event"] = rows.time, rows.event
        for number in range(1, self.epochs + 1):
            if stop.is_set():
                return
            options = {"max_steps": number}
            fitter = CoxPHFitter(penalizer=0.01)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # few steps have not converged yet
                fitter.fit(frame, "time", "event", fit_options=options)
            on_epoch(Epoch(number, self.epochs, -fitter.log_likelihood_ / len(frame)))
        self.fitter, self.rows = fitter, rows
        base = fitter.baseline_cumulative_hazard_
        self.hazard = float(base[base.index <= rows.horizon].iloc[-1, 0])
        text = json.dumps({n: float(v) for n, v in fitter.params_.items()}, sort_keys=True)
        self.sha256 = hashlib.sha256(text.encode()).hexdigest()

    def predict(self, patient):
        row, facts = self._row(patient)
        given = (pd.Series(row).fillna(self.mean) - self.mean)[self.fitter.params_.index]
        share = given * self.fitter.params_
        spread = float(np.sqrt(given @ self.fitter.variance_matrix_.to_numpy() @ given))
        risk = float(share.sum())
        alive = float(np.exp(-self.hazard * np.exp(risk)))
        evidence = tuple(
            Evidence(
                "clinical",
                "" if facts[name] is None else
                node_address(patient.key, "facts", facts[name]["name"]),
                f"{name}: no row" if facts[name] is None else
                f"{facts[name]['name']}: {facts[name]['value'] or facts[name]['state']}",
                float(share[name]),
            )
            for name in share.index
        )
        made = Provenance(self.name, "1", self.sha256, self.rows.snapshot, self.rows.seed)
        return Prediction(patient.key, risk, risk - 1.96 * spread, risk + 1.96 * spread,
                          1 - alive, "log hazard against the mean patient", evidence, made)


class SlowCox(CoxClinical):
    name, epochs = "Cox, slowly", 10_000
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("guest")
    (folder / "guest_models.py").write_text(MODEL)
    about = folder / "guest_models-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: guest-models\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[oncograph.models]\ncox = guest_models:CoxClinical\nslow = guest_models:SlowCox\n"
    )
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    yield
    sys.path.remove(str(folder))
    sys.modules.pop("guest_models", None)


@pytest.fixture(scope="module")
def store(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Every sixteenth patient of the public table of TCGA."""
    folder = tmp_path_factory.mktemp("fusion")
    table = shared_data / "tcga_clinical_pancan" / "clinical_data.tsv.gz"
    (folder / "files").mkdir()
    pd.read_csv(table, sep="\t", dtype=str, keep_default_na=False).iloc[::16].to_csv(
        folder / "files" / "clinical_data.tsv", sep="\t", index=False
    )
    ingest(folder / "files", folder / "tcga.onco")
    return explorer.open(folder / "tcga.onco")


OUTCOME = "overall survival (days)"


def _soon(met: Callable[[], bool]) -> None:
    for _ in range(600):
        if met():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_without_a_model_it_says_so(store: Store) -> None:
    assert fusion_models() == {}
    view = FusionView(store)
    assert isinstance(view, View)
    assert "No model is installed" in view._offer["none"]
    with pytest.raises(NotFoundError):
        view.train("cox", OUTCOME)
    with pytest.raises(NotFoundError):
        view.predict(view.cohort[0])
    view.figure()._repr_png_()


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
def test_a_model_is_trained_scored_and_asked(store: Store) -> None:
    cohort = CohortView(store)
    cohort.only("facts: vital_status", ["Alive", "Dead"])
    view = FusionView(store, cohort=cohort)
    assert view._offer["models"] == ["cox", "slow"]
    run = view.train("cox", OUTCOME)
    assert run.wait(60)
    assert run.state == "done", run.message
    assert [one.number for one in run.epochs] == [1, 2, 3, 4, 5, 6]
    assert run.epochs[-1].train < run.epochs[0].train
    score = run.scores
    assert score is not None
    # age and stage say something of survival in real patients
    assert 0.5 < score.lower < score.concordance < score.upper < 0.8
    assert sum(group[4] for group in score.groups) == score.n
    tested = {one.patient for one in run.predictions}
    assert len(tested) == score.n < len(run.keys) == len(run.keys)
    # the same seed divides in the same way, and gives the same numbers
    again = view.train("cox", OUTCOME)
    assert again.wait(60)
    assert {one.patient for one in again.predictions} == tested
    assert again.scores is not None
    assert again.scores.concordance == score.concordance
    found = view.predict(next(iter(tested)))
    assert "has not seen" in view._said["seen"]
    assert found.risk == pytest.approx(sum(one.weight for one in found.evidence))
    assert found.lower is not None
    assert found.lower <= found.risk
    assert found.provenance.snapshot.startswith(store.id)
    assert len(found.provenance.checkpoint) == 64
    address = found.evidence[0].address
    view._on_message(view, {"do": "pick", "address": address}, [])
    assert view.selection.picked == (address,)
    assert view._said["lit"] == [address]
    # the cohort is followed
    cohort.only("patient: sex", ["F"])
    assert view._offer["patients"] == len(cohort.chosen) == len(view.cohort)
    view.figure()._repr_png_()


@pytest.mark.usefixtures("installed")
def test_stop_really_stops(store: Store) -> None:
    view = FusionView(store)
    run = view.train("slow", OUTCOME)
    _soon(lambda: len(run.epochs) > 0)
    view._on_message(view, {"do": "stop"}, [])
    assert run.wait(30)
    assert run.state == "stopped"
    assert 0 < len(run.epochs) < 10_000
    assert run.scores is None
    assert view._run["state"] == "stopped"
    with pytest.raises(NotFoundError):
        view.predict(run.keys[0])


@pytest.mark.usefixtures("installed")
def test_too_few_patients_are_told(store: Store) -> None:
    view = FusionView(store, cohort=list(store.keys_and_labels())[:5])
    run = view.train("cox", OUTCOME)
    assert run.wait(30)
    assert run.state == "failed"
    assert "at least 20" in view._run["message"]
