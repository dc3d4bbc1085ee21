"""The fusion view with real models on the facts of real patients."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points

import pandas as pd
import pytest

import explorer
from explorer.errors import NotFoundError, OncographError
from explorer.ingest import ingest
from explorer.sample_tables import sample_tables
from explorer.store import Store
from graphs.models.missing_models import missing_models
from graphs.models.models import models
from graphs.predictions import predictions
from widgets.cohort_view import CohortView
from widgets.fusion_view import FusionView
from widgets.view import View

pytest.importorskip("sksurv")

# Registered by a distribution of its own, as a guest's package would do it.
MODEL = '''
"""Cox regression by gradient steps, one an epoch: it can be stopped."""
from typing import ClassVar
import numpy as np
from graphs.models.epoch import Epoch
from graphs.models.partial_likelihood import partial_likelihood
from graphs.models.ridge_cox import RidgeCox

class SlowCox(RidgeCox):
    NAME: ClassVar[str] = "slow"
    SETTINGS: ClassVar = {**RidgeCox.SETTINGS, "epochs": 10_000}

    def fit(self, train, validation=None, *, on_epoch=None, stop=None):
        super().fit(train)
        target = train.outcome()
        for number in range(1, self.settings["epochs"] + 1):
            if stop is not None and stop.is_set():
                return self
            loss = -partial_likelihood(self.linear(train)[:, 0], target.time, target.event > 0)
            if on_epoch is not None:
                on_epoch(Epoch(number, self.settings["epochs"], loss))
        return self
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("guest")
    (folder / "guest_models.py").write_text(MODEL)
    (folder / "broken_models.py").write_text("import a_package_that_is_not_there\n")
    about = folder / "guest_models-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: guest-models\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[oncograph.models]\nslow = guest_models:SlowCox\nbroken = broken_models:Model\n"
    )
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    yield
    sys.path.remove(str(folder))
    sys.modules.pop("guest_models", None)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Every sixteenth patient of the bundled table of TCGA."""
    folder = tmp_path_factory.mktemp("fusion")
    table = sample_tables()["tcga_clinical"] / "clinical_data.tsv.gz"
    (folder / "files").mkdir()
    pd.read_csv(table, sep="\t", dtype=str, keep_default_na=False).iloc[::16].to_csv(
        folder / "files" / "clinical_data.tsv", sep="\t", index=False
    )
    ingest(folder / "files", folder / "tcga.onco")
    return explorer.open(folder / "tcga.onco")


OUTCOME = "overall survival (days)"
# what is known at the diagnosis, as two modalities
SPEC = {
    "tumour": {"from": "facts", "names": ["tumor_stage", "project_id"]},
    "person": {"from": "facts", "names": ["age_at_diagnosis", "gender"]},
}


def _soon(met: Callable[[], bool]) -> None:
    for _ in range(3600):
        if met():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_what_is_there_is_offered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    view = FusionView(store)
    assert isinstance(view, View)
    assert "ridge-cox" in view._offer["models"]
    assert view._offer["modalities"] == ["clinical"]
    assert OUTCOME in view._offer["outcomes"]
    with pytest.raises(NotFoundError):
        view.train("no such model", OUTCOME)
    with pytest.raises(NotFoundError):
        view.train("ridge-cox", "no such outcome")
    with pytest.raises(OncographError, match=r"'linear' is for binary.*graphs\.evaluate"):
        view.train("linear", OUTCOME)
    with pytest.raises(NotFoundError):
        view.predict(view.cohort[0])
    with pytest.raises(NotFoundError, match="No prediction is shown"):
        view.keep()
    view.figure()._repr_png_()
    # where there is none, it says so
    none = entry_points(group="nothing of the kind")
    monkeypatch.setattr("graphs.models.models.entry_points", lambda group: none)
    view.refresh()
    assert "No model is installed" in view._offer["none"]
    assert models() == {}


@pytest.mark.usefixtures("installed")
def test_what_must_be_installed_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphs.models.missing_models.find_spec", lambda name: None)
    missing = missing_models()
    assert list(missing) == ["broken"]
    view = FusionView(store, spec=SPEC)
    assert "broken" not in view._offer["models"]
    assert "pip install" in view._offer["missing"][0]


@pytest.mark.slow
def test_a_model_is_trained_scored_asked_and_kept(store: Store) -> None:
    cohort = CohortView(store)
    cohort.only("facts: vital_status", ["Alive", "Dead"])
    view = FusionView(store, cohort=cohort, spec=SPEC)
    run = view.train("ridge-cox", OUTCOME)
    assert run.wait(240)
    assert run.state == "done", run.message
    score = run.scores
    assert score is not None
    # the tumour and the age say something of survival in real patients
    assert 0.5 < score.lower < score.concordance < score.upper < 0.9
    assert sum(group[4] for group in score.groups) == score.n
    assert set(score.alone) == {"tumour", "person"}
    assert view._run["gain"] == score.gain
    best = max(score.alone, key=lambda name: score.alone[name])
    assert f"{best} alone, the best single one" in score.gain
    assert len(run.tested) == score.n < len(run.keys)
    assert any("age_at_diagnosis" in one for one in view._run["features"])
    # the same seed divides in the same way, and gives the same numbers
    again = view.train("ridge-cox", OUTCOME)
    assert again.wait(240)
    assert again.tested == run.tested
    assert again.scores is not None
    assert again.scores.concordance == score.concordance
    assert again.model.sha256 == run.model.sha256
    key = min(run.tested)
    found = view.predict(key)
    assert "has not seen" in view._said["seen"]
    assert found.words == view._said["words"]
    assert found.provenance.checkpoint == run.model.sha256
    assert found.probability is not None
    assert not predictions(store[key])
    address = view._said["evidence"][0][1]
    assert found.evidence[0].address == f"{address}@1#row=1"
    assert address.startswith(f"onco:{key}/facts/")
    view._on_message(view, {"do": "pick", "address": address}, [])
    assert view.selection.picked == (address,)
    assert view._said["lit"] == [address]
    # kept on demand, and no feature afterwards
    view._on_message(view, {"do": "keep"}, [])
    assert view._note == ""
    (kept,) = predictions(store[key])
    assert kept.address == view._said["kept"]
    assert kept.value == found.value
    # the cohort is followed; one modality alone
    cohort.only("patient: sex", ["F"])
    assert view._offer["patients"] == len(cohort.chosen) == len(view.cohort)
    alone = view.train("ridge-cox", OUTCOME, ["person"], intervals=True)
    assert alone.wait(240)
    assert alone.model.modalities == ("person",)
    assert alone.scores is not None
    assert alone.scores.gain == ""
    outside = next(one for one in store.keys_and_labels() if one not in alone.keys)
    late = view.predict(outside)
    assert "not trained on" in late.seen
    assert late.lower is not None
    assert late.upper is not None
    assert late.lower < late.value < late.upper
    view.figure()._repr_png_()


@pytest.mark.usefixtures("installed")
def test_stop_really_stops(store: Store) -> None:
    view = FusionView(store, spec=SPEC)
    run = view.train("slow", OUTCOME)
    _soon(lambda: len(run.epochs) > 0)
    view._on_message(view, {"do": "stop"}, [])
    assert run.wait(240)
    assert run.state == "stopped"
    assert 0 < len(run.epochs) < 10_000
    assert run.scores is None
    assert view._run["state"] == "stopped"
    with pytest.raises(NotFoundError):
        view.predict(run.keys[0])


def test_too_few_patients_are_told(store: Store) -> None:
    view = FusionView(store, cohort=list(store.keys_and_labels())[:5], spec=SPEC)
    run = view.train("ridge-cox", OUTCOME)
    assert run.wait(240)
    assert run.state == "failed"
    assert "at least 20" in view._run["message"]
