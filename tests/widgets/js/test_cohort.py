"""Cohort, points and models in a browser: what clicks, keys and the lasso do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

NASTY = '<img src=x onerror="document.body.dataset.pwned=1">'

MADE = f"""
import numpy as np, pandas as pd, explorer, pathlib, tempfile
from explorer.ingest import ingest
from widgets.cohort_view import CohortView
from widgets.embedding_view import EmbeddingView
from widgets.fusion_view import FusionView
folder = pathlib.Path(tempfile.mkdtemp()); (folder / "files").mkdir()
rng = np.random.default_rng(2)
frame = pd.DataFrame(dict(patient_id=[f"p{{n:03}}" for n in range(60)],
    arm=np.where(np.arange(60) % 2, "B", {NASTY!r}),
    weight=60.5 + np.arange(60), os_time=rng.exponential(9, 60).round(1) + 0.25,
    dead=(rng.random(60) < .8).astype(int)))
frame.to_csv(folder / "files" / "clinical.csv", index=False)
ingest(folder / "files", folder / "made.onco"); store = explorer.open(folder / "made.onco")
opened = []; c = CohortView(store, on_open=opened.append, folder=folder)
"""
POINTS = """
n = 20000; kind = np.arange(n) % 2
f = pd.DataFrame(dict(x=kind * 10 + rng.normal(size=n), y=rng.normal(size=n),
    kind=np.where(kind, "b", 'NASTY'), patient=[f"k{i}" for i in range(n)]))
e = EmbeddingView(f, "x", "y", color="kind",
    on_chosen=lambda keys: c.among(keys, "lasso")); e
""".replace("'NASTY'", repr(NASTY))


@pytest.fixture(scope="module")
def page(lab: Any) -> Iterator[Any]:
    cells = [
        MADE, "c", POINTS, "FusionView(store, c.selection, cohort=c)",
        "print(len(c.chosen), opened, c.selection.picked, [s.left for s in c.steps])",
        "p = e.points.x[e.picked_points]; print(len(p), len(e.chosen), p.max() < 5, "
        "abs(len(p) - 10000) < 30)",
    ]  # fmt: skip
    opened = lab.open(lab.write("cohort.ipynb", cells))
    opened.set_viewport_size({"width": 1500, "height": 3000})
    for cell in range(4):
        lab.run(opened, cell)
    opened.wait_for_selector(".onco-fusion")
    yield opened
    opened.close()


def _said(lab: Any, page: Any, cell: int) -> str:
    lab.run(page, cell)
    return str(page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea-output").inner_text())


def test_cohort_by_mouse_and_keyboard(lab: Any, page: Any) -> None:
    view = page.locator(".onco-cohort")
    total = view.locator(".onco-flow-total")
    arm = view.locator("[data-facet='facts: arm']")
    assert arm.locator(".onco-facet-name").all_inner_texts() == [NASTY, "B"]
    arm.locator("input").nth(1).check()
    page.wait_for_function(
        "() => document.querySelector('.onco-flow-total').textContent === '30 of 60 patients'"
    )
    # the range by keyboard: each key is a bin; weights below 65 go
    handle = view.get_by_role("slider", name="weight: from")
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelectorAll('.onco-flow > li').length === 3")
    page.wait_for_timeout(300)
    before = int(total.inner_text().split()[0])
    assert 20 < before < 30
    assert f"Left out: {30 - before}" in view.locator(".onco-flow").inner_text()
    assert view.locator(".onco-facet-count").first.inner_text()
    # survival: the guess is filled in, and drawn once its unit is said
    assert view.locator(".onco-survival-picture").is_hidden()
    view.get_by_role("button", name="Fill the guess in").click()
    view.get_by_role("button", name="Draw survival").click()
    view.get_by_text("The unit of the times is not said").wait_for()
    view.get_by_label("Unit of the times").select_option("months")
    view.get_by_role("button", name="Draw survival").click()
    picture = view.locator(".onco-survival-picture[src^='data:image/png']")
    picture.wait_for(timeout=60_000)
    assert re.search(rf"all: {before} patients", picture.get_attribute("alt") or "")
    view.get_by_role("button", name="Select p").nth(3).click()
    view.locator("tr.onco-lit").wait_for()
    view.get_by_role("button", name="Open p").nth(3).click()
    view.get_by_role("button", name="Freeze the cohort").click()
    view.get_by_role("button", name="Freeze under this name").click()
    view.get_by_text("A name is needed.").wait_for()
    view.get_by_label("Name", exact=True).fill(NASTY)
    page.keyboard.press("Enter")
    view.get_by_text("sha256").wait_for(timeout=60_000)
    assert f"Frozen as {NASTY}: {before} patients" in view.locator(".onco-freeze-text").inner_text()
    view.get_by_role("button", name="Freeze the cohort").click()  # the form is looked at by axe
    said = _said(lab, page, 4)
    key = re.search(r"\['(\w+)'\]", said)
    assert key, said
    assert f"onco:{key[1]}/patients/{key[1]}" in said
    assert said.startswith(f"{before} ")


def test_lasso_takes_the_points_that_it_goes_around(lab: Any, page: Any) -> None:
    panel = page.locator(".onco-embedding")
    canvas = page.locator(".jp-CodeCell").nth(2).locator("canvas").first
    canvas.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    assert NASTY in panel.locator(".onco-embedding-legend").inner_text()
    panel.get_by_role("button", name="Lasso: draw").click()
    page.wait_for_timeout(500)
    box = canvas.bounding_box()
    assert box is not None
    left, top = box["x"] + 4, box["y"] + 4
    middle, low = box["x"] + box["width"] / 2 - 20, box["y"] + box["height"] - 30
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((middle, top), (middle, low), (left, low), (left, top + 5)):
        page.mouse.move(x, y, steps=10)
    page.mouse.up()
    page.wait_for_function(
        "() => document.querySelector('.onco-embedding-total').textContent.includes('Chosen')"
    )
    assert "True True" in _said(lab, page, 5)
    # without a mouse
    panel.get_by_role("button", name=re.compile("points: b$")).focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('.onco-embedding-total').textContent"
        ".includes('10,000 points')"
    )


def test_all_can_be_read_by_everybody_and_nothing_leaves(lab: Any, page: Any) -> None:
    fusion = page.locator(".onco-fusion")
    assert "No table of the store was read as an outcome" in fusion.inner_text()
    assert fusion.get_by_role("button", name="Train the model").is_disabled()
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.get_by_role("menuitem", name="Settings", exact=True).click()
        page.get_by_text("Theme", exact=True).click()
        page.get_by_text(theme, exact=True).first.click()
        page.wait_for_timeout(1500)
        for part in (".onco-cohort", ".onco-embedding", ".onco-fusion"):
            found = Axe().run(page, context=part)
            assert found.violations_count == 0, found.generate_report()
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.get_by_text("Theme", exact=True).click()
    page.get_by_text("JupyterLab Light", exact=True).first.click()
    assert page.evaluate("() => document.body.dataset.pwned") is None
    assert lab.outside == []
    assert lab.faults == []
