"""Cohort, points and models in a browser: what clicks, keys and the lasso do."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image as Pillow
from playwright.sync_api import expect

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


def _two_kinds_are_drawn(canvas: Any) -> bool:
    """Whether a picture of points has two colours besides the ground, left and right."""
    shown = np.asarray(Pillow.open(io.BytesIO(canvas.screenshot())).convert("RGB"), int)
    left, right = np.array_split(shown, 2, axis=1)
    ground = shown[2, 2]
    return all((np.abs(half - ground).sum(-1) > 60).sum() > 200 for half in (left, right))


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
    expect(view.locator(".onco-flow > li")).to_have_count(3)
    # the first key's answer comes before the second's
    low = float(view.get_by_label("weight from", exact=True).input_value())
    expect(view.locator(".onco-flow-reason").nth(1)).to_have_text(f"weight: from {low:g}")
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
    picture.wait_for()
    assert re.search(rf"all: {before} patients", picture.get_attribute("alt") or "")
    view.get_by_role("button", name="Select p").nth(3).click()
    view.locator("tr.onco-lit").wait_for()
    view.get_by_role("button", name="Open p").nth(3).click()
    view.get_by_role("button", name="Freeze the cohort").click()
    view.get_by_role("button", name="Freeze under this name").click()
    view.get_by_text("A name is needed.").wait_for()
    view.get_by_label("Name", exact=True).fill(NASTY)
    page.keyboard.press("Enter")
    view.get_by_text("sha256").wait_for()
    assert f"Frozen as {NASTY}: {before} patients" in view.locator(".onco-freeze-text").inner_text()
    view.get_by_role("button", name="Freeze the cohort").click()  # the form is looked at by axe
    said = lab.printed(page, 4, re.compile(r"\['(\w+)'\]"), "/patients/")
    key = re.search(r"\['(\w+)'\]", said)
    assert key, said
    assert f"onco:{key[1]}/patients/{key[1]}" in said
    assert said.startswith(f"{before} ")


def test_lasso_takes_the_points_that_it_goes_around(lab: Any, page: Any) -> None:
    panel = page.locator(".onco-embedding")
    canvas = page.locator(".jp-CodeCell").nth(2).locator("canvas").first
    canvas.scroll_into_view_if_needed()
    for _ in range(120):
        if _two_kinds_are_drawn(canvas):
            break
        page.wait_for_timeout(500)
    assert NASTY in panel.locator(".onco-embedding-legend").inner_text()
    lasso = panel.get_by_role("button", name="Lasso: draw")
    lasso.click()
    expect(lasso).to_have_attribute("aria-pressed", "true")
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
    expect(panel.locator(".onco-embedding-total")).to_contain_text("Chosen")
    lab.printed(page, 5, "True True")
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
        lab.theme(page, theme)
        for part in (".onco-cohort", ".onco-embedding", ".onco-fusion"):
            found = Axe().run(page, context=part)
            assert found.violations_count == 0, found.generate_report()
    lab.theme(page, "JupyterLab Light")
    assert page.evaluate("() => document.body.dataset.pwned") is None
    assert lab.outside == []
    assert lab.faults == []
