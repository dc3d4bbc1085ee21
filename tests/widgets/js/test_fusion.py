"""The fusion view in a browser: train, look, ask, pick the evidence, keep."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

pytest.importorskip("sksurv")

NASTY = '<img src=x onerror="document.body.dataset.pwned=1">'

MADE = f"""
import pandas as pd, explorer, pathlib, tempfile
from explorer.ingest import ingest
from explorer.sample_tables import sample_tables
from graphs import predictions
from widgets.fusion_view import FusionView
folder = pathlib.Path(tempfile.mkdtemp()); (folder / "files").mkdir()
frame = pd.read_csv(sample_tables()["tcga_clinical"] / "clinical_data.tsv.gz", sep="\\t",
    dtype=str, keep_default_na=False).iloc[::16].rename(columns=dict(race={NASTY!r}))
frame.to_csv(folder / "files" / "clinical_data.tsv", sep="\\t", index=False)
ingest(folder / "files", folder / "tcga.onco"); store = explorer.open(folder / "tcga.onco")
spec = dict(tumour={{"from": "facts", "names": ["tumor_stage", "project_id"]}},
    person={{"from": "facts", "names": ["age_at_diagnosis", "gender", "<img*"]}})
"""


@pytest.fixture(scope="module")
def page(lab: Any) -> Iterator[Any]:
    cells = [
        MADE, "f = FusionView(store, spec=spec); f",
        "p = store[f.prediction.patient]; "
        "print(f.training.scores.gain, f.selection.picked, [one.words for one in predictions(p)])",
    ]  # fmt: skip
    opened = lab.open(lab.write("fusion.ipynb", cells))
    opened.set_viewport_size({"width": 1300, "height": 1700})
    for cell in range(2):
        lab.run(opened, cell)
    opened.wait_for_selector(".onco-fusion")
    yield opened
    opened.close()


@pytest.mark.slow
def test_train_ask_pick_and_keep(lab: Any, page: Any) -> None:
    view = page.locator(".onco-fusion")
    view.get_by_role("combobox", name="Model").select_option("ridge-cox")
    view.get_by_role("combobox", name="Outcome").select_option("overall survival (days)")
    # without a modality there is nothing to train on
    train = view.get_by_role("button", name="Train the model")
    view.get_by_label("tumour").uncheck()
    view.get_by_label("person").uncheck()
    assert train.is_disabled()
    view.get_by_label("tumour").check()
    view.get_by_label("person").check()
    train.click()
    view.get_by_text("c-index").first.wait_for(timeout=240_000)
    said = view.locator(".onco-fusion-gain").inner_text()
    assert re.search(r"alone, the best single one: c-index 0\.\d+ against 0\.\d+", said)
    view.get_by_text("Features", exact=True).click()
    assert NASTY in view.locator("details").inner_text()
    view.get_by_placeholder("patient; empty").fill("TCGA-3B-A9HI")
    page.keyboard.press("Enter")
    view.get_by_text("Predicted, not measured").wait_for()
    assert view.locator("tbody tr").count() >= 4
    evidence = view.get_by_role("button", name=re.compile("Select the evidence: age_at_diagnosis"))
    evidence.click()
    view.locator("tr.onco-lit").wait_for()
    view.get_by_role("button", name="Keep the prediction").click()
    view.get_by_text("Kept, flagged as predicted: onco:").wait_for()
    lab.printed(page, 2, "/facts/age_at_diagnosis", "Predicted, not measured")
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        lab.theme(page, theme)
        found = Axe().run(page, context=".onco-fusion")
        assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("() => document.body.dataset.pwned") is None
    assert lab.outside == []
    assert lab.faults == []
